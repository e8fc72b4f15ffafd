#pragma once
#include <map>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/verifier/context.hpp"

namespace chiploc {

/// The last round trips of the chips of each site: what cohort_suspicion() compares a chip with.
///
/// Bounds     So many sites and so many chips a site; the one that was heard longest ago goes first. Round
///            trips older than an hour are not compared: a route that changed in between would look like a
///            chip that moved.
/// Forgets    everything with the process: an hour later it knows as much as before.
class SiteCohorts {
 public:
  static constexpr std::size_t kSites = 1'000;
  static constexpr std::size_t kChips = 64;
  static constexpr Nanoseconds kFresh = std::chrono::hours{1};

  /// What the other chips of the site measured within the last hour.
  [[nodiscard]] Cohort others(const std::string& site, const ChipId& chip, SteadyTime now) const;
  /// Takes what a round measured.
  void heard(const std::string& site, const ChipId& chip, const std::vector<AnchorFinding>& anchors,
             SteadyTime now);

  /// An anchor's place was corrected, or it stands elsewhere: what it measured is compared with nothing.
  void forget(const AnchorId& anchor);

 private:
  struct Heard {
    SteadyTime at;
    std::map<AnchorId, Nanoseconds> rtt;
  };
  using Site = std::map<ChipId, Heard>;

  std::map<std::string, Site> sites_;
};

}  // namespace chiploc
