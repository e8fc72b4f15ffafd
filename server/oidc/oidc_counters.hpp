#pragma once
#include <atomic>
#include <cstdint>

namespace chiploc {

/// What was let in and what was not. Any thread counts.
struct OidcCounters {
  std::atomic<std::uint64_t> tokens_good{0}, tokens_refused{0};
  std::atomic<std::uint64_t> logins_begun{0}, logins_good{0}, logins_refused{0};
  std::atomic<std::uint64_t> codes_good{0}, codes_refused{0};        ///< typed in at the page
  std::atomic<std::uint64_t> sessions_good{0}, sessions_refused{0};  ///< calls with a session's cookie
  std::atomic<std::uint64_t> sessions_full{0};                       ///< logins that found no room
};

}  // namespace chiploc
