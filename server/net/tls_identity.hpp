#pragma once
#include <filesystem>

#include "proto/crypto/identity_text.hpp"

namespace chiploc {

/// Adds what a TLS certificate says of its holder: subject, issuer, fingerprint, time. Of a file that is not
/// there yet, or holds no certificate, it adds which file and why: an identity can be shown before the
/// authority has answered. The private key is not opened.
void add_tls_identity(IdentityText& out, const std::filesystem::path& certificate_file);

}  // namespace chiploc
