#pragma once
// For the crypto target's own sources only.
#include <string>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {

/// The first critical extension that neither OpenSSL processes nor known_critical_extensions() names, as an
/// object identifier; "" if there is none.
std::string unknown_critical_extension(const X509* certificate);

}  // namespace chiploc
