#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "geo/estimate/cohort.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/verifier/evidence.hpp"
#include "server/verifier/reason.hpp"

namespace chiploc {

/// The last round trips of the chips of each site, and which chip is not where the others are
/// (geo/estimate/cohort.hpp).
///
/// Bounds     So many sites and so many chips a site; the one that was heard longest ago goes first. Round
/// trips older
///            than an hour are not compared: a route that changed in between would look like a chip that
///            moved.
/// Forgets    everything with the process: an hour later it knows as much as before.
class SiteCohorts {
 public:
  static constexpr std::size_t kSites = 1'000;
  static constexpr std::size_t kChips = 64;
  static constexpr Nanoseconds kFresh = std::chrono::hours{1};

  /// Takes what a round measured, and says whether the chip stands apart from the site's others:
  /// `cohort_outlier`, a suspicion for people that no state depends on. Nothing for fewer than three chips,
  /// or than four anchors in common.
  [[nodiscard]] std::optional<Reason> add(const std::string& site, const ChipId& chip,
                                          const std::vector<AnchorFinding>& anchors, SteadyTime now);

  /// An anchor's place was corrected, or it stands elsewhere: what it measured is compared with nothing.
  void forget(const AnchorId& anchor);

 private:
  struct Heard {
    SteadyTime at;
    std::map<AnchorId, double> rtt_ms;
  };
  using Site = std::map<ChipId, Heard>;

  std::map<std::string, Site> sites_;
};

}  // namespace chiploc
