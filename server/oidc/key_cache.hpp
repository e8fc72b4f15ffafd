#pragma once
#include <optional>
#include <string_view>

#include "proto/base/time.hpp"

namespace chiploc {

struct KeyCacheRules {
  Nanoseconds fresh = std::chrono::minutes{15};       ///< where the issuer says nothing of how long
  Nanoseconds fresh_least = std::chrono::minutes{1};  ///< whatever it says: it is not asked more often
  Nanoseconds fresh_most =
      std::chrono::hours{1};  ///< whatever it says: so long a withdrawn key may go on working
  Nanoseconds unknown_gap =
      std::chrono::seconds{30};  ///< between fetches for keys that nobody knows: strangers name them
  Nanoseconds again_first = std::chrono::seconds{5};  ///< after a fetch that failed; doubles
  Nanoseconds again_most = std::chrono::minutes{5};
  Nanoseconds stale_most = std::chrono::hours{24};  ///< without an answer the old keys go on working so long
};

/// When an issuer's keys are fetched again, and until when those at hand count. A pure state machine: times come in.
/// Whoever keeps the keys asks it before each use and tells it of each fetch.
class KeyCache {
 public:
  explicit KeyCache(const KeyCacheRules& rules) : rules_{rules} {}

  /// There are keys, and they still count.
  [[nodiscard]] bool usable(SteadyTime now) const;
  /// They are to be fetched: there are none, or they are past their time; and after a failure it is time to try again.
  [[nodiscard]] bool due(SteadyTime now) const;
  /// The same for a key that is not among them; true at most once in rules.unknown_gap, which begins anew with it.
  [[nodiscard]] bool take_unknown(SteadyTime now);

  void fetched(SteadyTime now, std::optional<Nanoseconds> max_age);
  void failed(SteadyTime now);

 private:
  KeyCacheRules rules_;
  std::optional<SteadyTime> fetched_;  ///< when the keys at hand came
  SteadyTime fresh_until_{};
  std::optional<SteadyTime> again_;  ///< not before; of fetches that failed
  Nanoseconds gap_{0};
  std::optional<SteadyTime> asked_unknown_;
};

/// max-age of a Cache-Control field (RFC 9111); 0 for no-store and no-cache; nullopt: it says nothing.
[[nodiscard]] std::optional<Nanoseconds> max_age_of(std::string_view cache_control);

}  // namespace chiploc
