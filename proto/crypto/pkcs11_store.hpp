#pragma once
// For the crypto target's own sources only.
#include <optional>
#include <string>

#include "proto/crypto/keys.hpp"

namespace chiploc {

/// Makes OpenSSL's store understand pkcs11: URIs, through libp11's engine (engine id "pkcs11"). Debian 12 has
/// no pkcs11-provider; when it does, this file goes and the provider's name goes into the configuration.
///
/// Loads the engine and the PKCS#11 module once per process: the first URI's query attribute module-path,
/// else $PKCS11_MODULE_PATH, else p11-kit's proxy. Fails with kProvider, also when a later URI wants another
/// module. Returns the URI without module-path, which libp11 does not know.
[[nodiscard]] Result<std::string, KeyFault> prepare_pkcs11(const std::string& uri);

}  // namespace chiploc
