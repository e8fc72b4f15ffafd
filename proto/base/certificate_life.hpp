#pragma once
#include <algorithm>

#include "proto/base/time.hpp"

namespace chiploc {

/// From when to when a certificate is valid.
struct CertificateLife {
  WallTime from;
  WallTime until;
};

/// Whether it is time for a new one: less than 30 days are left, or less than a third of its life where that is
/// shorter, so that certificates of a few days are not always near their end.
[[nodiscard]] constexpr bool near_end(const CertificateLife& life, WallTime now) {
  constexpr Nanoseconds kNotice = std::chrono::hours{24 * 30};
  return life.until - now < std::min(kNotice, (life.until - life.from) / 3);
}

/// Whole days that are left; 0 on the last day and after it.
[[nodiscard]] constexpr long days_left(const CertificateLife& life, WallTime now) {
  return std::max(
      0L, static_cast<long>(std::chrono::duration_cast<std::chrono::hours>(life.until - now).count() / 24));
}

}  // namespace chiploc
