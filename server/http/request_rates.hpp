#pragma once
#include <cstddef>

namespace chiploc {

struct RateLimit {
  double per_second;  ///< requests that are let in for ever
  double burst;       ///< at once, after a pause; at least 1
};

/// How many requests are answered; 429 beyond.
struct RequestRates {
  RateLimit by_address{200, 1'000};  ///< of every request, before anybody is asked who it is
  RateLimit by_caller{50, 500};      ///< of those of one certificate or token
  std::size_t told_apart = 10'000;   ///< addresses, and callers
};

}  // namespace chiploc
