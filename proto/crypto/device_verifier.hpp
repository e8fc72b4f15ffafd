#pragma once
#include <memory>
#include <span>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// verify_device() for many devices of one maker at one time: the same answers, for half of the work.
///
/// Plain     A device whose certificate holds nothing unusual (version 3; extensions that say something of the device
///           alone, or that nobody knows and that are not critical; another subject than its issuers). The first of an
///           issuer goes through verify_device(). What was found out there about the certificates above it holds for
///           the next one too, so of that one are looked at: key, extensions, times, the signature over it, and
///           the revocation of its path.
/// Others    Whatever is not plain, or fails in any of these, is verify_device()'s: no fault is told from here.
/// Keeps     The paths above the first kKept issuers that it meets.
/// Threads   One may be asked by several at once. Borrows what it is given.
class DeviceVerifier {
 public:
  static constexpr std::size_t kKept = 4'096;

  DeviceVerifier(std::span<const Certificate> trusted, WallTime now,
                 std::span<const RevocationList> revoked = {});
  DeviceVerifier(DeviceVerifier&&) noexcept;
  ~DeviceVerifier();

  [[nodiscard]] Result<Done, CertificateFault> verify(const Certificate& device,
                                                      std::span<const Certificate> intermediates) const;
  /// For tests: how many of those asked for went the short way.
  [[nodiscard]] std::size_t plain_ones() const;

 private:
  struct Known;
  std::span<const Certificate> trusted_;
  WallTime now_;
  std::span<const RevocationList> revoked_;
  std::unique_ptr<Known> known_;
};

}  // namespace chiploc
