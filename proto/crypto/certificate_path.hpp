#pragma once
// The parts of verify_device(). For the crypto target's own sources only.
#include <span>
#include <vector>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// Device first, a trusted CA last.
using CertificatePath = std::vector<Certificate>;

/// A path that verify_device() accepts, but for what check_device() asks.
[[nodiscard]] Result<CertificatePath, CertificateFault> find_path(const Certificate& device,
                                                                  std::span<const Certificate> intermediates,
                                                                  std::span<const Certificate> trusted,
                                                                  WallTime now,
                                                                  std::span<const RevocationList> revoked);
/// What a device certificate has to be besides trusted.
[[nodiscard]] Result<Done, CertificateFault> check_device(const Certificate& device);
/// Whether no two of them have one subject.
[[nodiscard]] bool names_differ(std::span<const Certificate> path);

}  // namespace chiploc
