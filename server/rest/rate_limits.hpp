#pragma once
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proto/base/time.hpp"
#include "server/http/http_message.hpp"
#include "server/http/request_rates.hpp"

namespace chiploc {

/// Token buckets, one for each key: an address, a caller. A table of `keys_max`, from which the key goes that was not heard of
/// for the longest; it begins anew with a full bucket. Thread-safe; the clock is handed in.
class RateLimits {
 public:
  explicit RateLimits(RateLimit limit, std::size_t keys_max = 10'000) : limit_{limit}, keys_max_{keys_max} {}

  struct Taken {
    bool allowed = false;
    std::uint64_t left = 0;                 ///< more that would be let in at once
    std::uint64_t retry_after_seconds = 0;  ///< until one is let in again, rounded up; 0: now
  };
  Taken take(std::string_view key, SteadyTime now);
  /// RateLimit-Policy and RateLimit, as draft-ietf-httpapi-ratelimit-headers has them, under this name.
  void describe(const Taken& taken, std::string_view name, HttpFields& fields) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Bucket {
    double tokens;
    SteadyTime filled;
    std::list<std::string>::iterator place;
  };
  const RateLimit limit_;
  const std::size_t keys_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Bucket> buckets_;
  std::list<std::string> heard_;  // the one not heard of for the longest first
};

/// What counts as one address: of IPv6 the first 64 bits, which belong to one line and are its own to choose from.
[[nodiscard]] std::string address_key(std::string_view remote);

}  // namespace chiploc
