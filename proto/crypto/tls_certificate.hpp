#pragma once
#include <span>
#include <string_view>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// Which end of a TLS connection a certificate is for.
enum class TlsEnd : std::uint8_t { kServer, kClient };

/// Whether the other end of a TLS connection will take this certificate, as OpenSSL decides it there.
///
/// Takes     Our chain, our own first; the authorities that are believed.
/// Demands   A path to one of them, signatures of 112 bits or more, all in their time, key usage and extended
///           key usage for this end.
/// Fails     kNotYetValid, kExpired, kUntrusted, kBadSignature, kWrongPurpose, kNotACa.
/// Time      Comes from outside; no clock is read.
[[nodiscard]] Result<Done, CertificateFault> verify_tls(std::span<const Certificate> chain,
                                                        std::span<const Certificate> trusted, TlsEnd end,
                                                        WallTime now);

/// Whether TLS will take the certificate for a server of this name or address: its alternative names, or its
/// CN where it has none.
[[nodiscard]] bool names_host(const Certificate& certificate, std::string_view host);

}  // namespace chiploc
