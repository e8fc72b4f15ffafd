#pragma once
// For the crypto target's own sources only.
#include <string>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {

/// How this process opens a pkcs11: URI.
struct Pkcs11Access {
  std::string uri;  ///< without module-path, which nobody below knows
  KeyHome home;     ///< of the provider; the default context where the engine serves
};

/// Makes OpenSSL's store understand pkcs11: URIs: through pkcs11-provider where it is installed (Debian 13), in a
/// library context that serves such keys alone, else through libp11's engine (engine id "pkcs11", Debian 12).
///
/// Loads the PKCS#11 module once per process: the first URI's query attribute module-path, else
/// $PKCS11_MODULE_PATH, else p11-kit's proxy. Fails with kProvider, also when a later URI wants another module.
[[nodiscard]] Result<Pkcs11Access, KeyFault> prepare_pkcs11(const std::string& uri);

}  // namespace chiploc
