#pragma once
// A fleet laid out: who measures each chip, over which paths, and what is said of every draw.

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "server/fleet/fleet_file.hpp"
#include "server/fleet/heard.hpp"
#include "server/fleet/verdict_tree.hpp"

namespace chiploc::fleet {

/// Chips that the same is true of: one site, one uplink, one conduct.
struct Situation {
  std::size_t site = 0;
  bool honest = true;
  bool dark = false;                 ///< answers nobody
  std::vector<std::size_t> anchors;  ///< of the file
  std::vector<Listener> listeners;   ///< beside `anchors`
};

/// Where a chip belongs. Chips are numbered site by site.
struct ChipPlace {
  std::size_t site = 0;
  std::size_t honest = 0;                 ///< situation
  std::optional<std::size_t> diverted{};  ///< situation from FleetDiversion::at on
};

/// Owns      The file, the law of its pings, the situations and their trees. Immutable but for grow_tree(); `borders` must outlive it.
class FleetPlan {
 public:
  /// `stop` is asked before each site and each situation; once it says so the plan is left as it is: see whole().
  FleetPlan(FleetFile file, const Borders& borders, const std::function<bool()>& stop = {});
  FleetPlan(const FleetPlan&) = delete;
  FleetPlan& operator=(const FleetPlan&) = delete;

  /// False where it was stopped: then nothing else may be asked of it.
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] const FleetFile& file() const { return file_; }
  [[nodiscard]] const Borders& borders() const { return borders_; }
  [[nodiscard]] const std::vector<Situation>& situations() const { return situations_; }
  [[nodiscard]] const Claim& claim(std::size_t situation) const {
    return claims_[situations_[situation].site];
  }
  [[nodiscard]] Hearing hearing(std::size_t situation) const;
  [[nodiscard]] ChipPlace place_of(std::uint64_t chip) const;

  /// Builds a situation's tree: before any run asks for its states. Different ones may be built by different threads.
  void grow_tree(std::size_t situation, const VerdictTree::Limits& limits = {});
  [[nodiscard]] const VerdictTree& tree(std::size_t situation) const { return *trees_[situation]; }

 private:
  struct SiteSpan {
    std::uint64_t first_chip = 0;
    std::uint64_t first_diverted = 0;  ///< within the site
    std::size_t first_situation = 0;
  };
  void add_situation(std::size_t site, const std::vector<std::size_t>& anchors, unsigned uplink,
                     bool diverted);

  FleetFile file_;
  const Borders& borders_;
  PingLaw law_;
  std::vector<Claim> claims_;                            ///< by site
  std::vector<std::unique_ptr<TerritoryJudge>> judges_;  ///< likewise
  std::vector<SiteSpan> spans_;                          ///< likewise
  std::vector<Situation> situations_;
  std::vector<std::unique_ptr<VerdictTree>> trees_;
  bool whole_ = false;
};

/// How far anchors are from countries: computed when a country is first asked for, since many sites are licensed for few of them.
class AnchorDistances {
 public:
  /// Both must outlive it.
  AnchorDistances(const std::vector<FleetAnchor>& anchors, const Borders& borders)
      : anchors_{anchors}, borders_{borders} {}
  [[nodiscard]] std::size_t anchors() const { return anchors_.size(); }
  /// Of each anchor, as it is registered.
  [[nodiscard]] const std::vector<Kilometers>& to(CountryCode country);
  /// Pairs of an anchor and a country so far.
  [[nodiscard]] std::size_t computed() const { return known_.size() * anchors_.size(); }

 private:
  const std::vector<FleetAnchor>& anchors_;
  const Borders& borders_;
  std::map<CountryCode, std::vector<Kilometers>> known_;
};

/// The anchors that measure chips of such a claim, as the coordinator chooses them: the nearest to what is licensed, `most` of
/// them; of equally near ones, as all are that stand in it, the first of the file.
[[nodiscard]] std::vector<std::size_t> choose_anchors(AnchorDistances& distances, const Claim& claim,
                                                      std::size_t most);

}  // namespace chiploc::fleet
