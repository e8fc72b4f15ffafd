#include "server/verifier/explain.hpp"

#include <limits>
#include <set>

#include "proto/base/joined.hpp"
#include "server/verifier/cohort_suspicion.hpp"
#include "server/verifier/judged_state.hpp"

namespace chiploc {
namespace {

class Explainer {
 public:
  Explainer(const Decision& decision, const RoundContext& context, const Borders& borders,
            const DelayModel& line, std::span<const KnownAnchor> known)
      : decision_{decision}, context_{context}, borders_{borders}, line_{line}, known_{known} {
    out_.calibration = line.version;
    out_.residuals_km.assign(decision.sealed.anchors.size(), std::numeric_limits<double>::quiet_NaN());
  }

  Explanation run() {
    const auto& region = decision_.sealed.region;
    if (context_.explained_by == kExplainedBefore) {
      if (region) explain_region_before(*region);
      tell(decision_.would_resolve);
    } else {
      tell(decision_.would_resolve);
      if (region) explain_region(*region);
      if (out_.would_resolve.size() > kWouldResolveMax) out_.would_resolve.resize(kWouldResolveMax);
    }
    if (decision_.sighting && !context_.cohort.site.empty()) {
      if (auto apart = cohort_suspicion(context_.cohort, context_.chip, decision_.sealed.anchors))
        out_.suspicions.push_back(*std::move(apart));
    }
    return std::move(out_);
  }

 private:
  void tell(const std::vector<std::string>& texts) {
    out_.would_resolve.insert(out_.would_resolve.end(), texts.begin(), texts.end());
  }

  /// What takes a word comes before what takes an anchor.
  void explain_region(const Region& region) {
    const TerritoryJudge judge{context_.claim, borders_};
    estimate();
    const auto guess = out_.estimate ? std::optional{out_.estimate->place} : std::nullopt;
    resolve_doubt(judge);
    const bool anchors_help = resolve_contest(region, guess);
    const TerritoryFinding finding = decision_.judgement.finding;
    const bool open = finding == TerritoryFinding::kOpen || finding == TerritoryFinding::kNothingExcluded ||
                      finding == TerritoryFinding::kWithheld;
    if (!open || !anchors_help) return;
    const bool accused = decision_.with_fewer && accuses(state_of(*decision_.with_fewer));
    const std::vector<SpareAnchor> spare = spare_anchors();
    out_.resolutions = find_resolutions({.bounds = decision_.proved,
                                         .region = region,
                                         .fault_budget = decision_.finding.proof.fault_budget,
                                         .judge = judge,
                                         .borders = borders_,
                                         .speed = decision_.finding.speed,
                                         .line = line_,
                                         .guess = guess,
                                         .spare = spare,
                                         .accused = accused});
    for (const Resolution& resolution : out_.resolutions) out_.would_resolve.push_back(text_of(resolution));
    if (!out_.resolutions.empty()) return;
    if (finding == TerritoryFinding::kNothingExcluded) {
      out_.would_resolve.push_back(more_perspectives(region));
    } else if (accused) {
      out_.would_resolve.push_back(
          "More anchors of other operators and networks, near where the chip may be: what one "
          "perspective more excludes it takes one more that is wrong to allow.");
    }
  }

  /// Where no place is known from which an anchor would settle it, as while nothing is prohibited.
  [[nodiscard]] std::string more_perspectives(const Region& region) const {
    const std::size_t needed = decision_.finding.proof.fault_budget + std::size_t{1};
    const std::size_t more = needed - std::min(needed, std::size_t{region.perspectives()});
    return std::to_string(more) + (more == 1 ? " more anchor" : " more anchors") +
           " of other operators and networks: before " + std::to_string(needed) +
           " independent ones have measured the chip no place is excluded. The nearer they stand to where it "
           "should be, the more they exclude.";
  }

  /// The registered anchors of which the round has no round trip, as far as each is a perspective of its own.
  [[nodiscard]] std::vector<SpareAnchor> spare_anchors() const {
    std::vector<Affiliation> whose;
    std::set<AnchorId> used;
    for (const std::size_t i : decision_.proved_by) {
      const AnchorFacts& anchor = decision_.sealed.anchors[i].anchor;
      whose.push_back({anchor.operator_name, anchor.network});
      used.insert(anchor.id);
    }
    for (const KnownAnchor& known : known_) whose.push_back({known.operator_name, known.network});
    const auto numbers = number_perspectives(whose);
    const auto measured = static_cast<std::ptrdiff_t>(decision_.proved_by.size());
    const std::set<std::uint32_t> taken{numbers.begin(), numbers.begin() + measured};
    std::vector<SpareAnchor> out;
    for (std::size_t i = 0; i < known_.size(); ++i) {
      const KnownAnchor& known = known_[i];
      const std::uint32_t number = numbers[decision_.proved_by.size() + i];
      const bool apart = decision_.finding.proof.fault_budget == 0 || !taken.contains(number);
      if (!used.contains(known.id) && apart)
        out.push_back({known.name, known.place, known.uncertainty, number});
    }
    return out;
  }

  void explain_region_before(const Region& region) {
    const TerritoryJudge judge{context_.claim, borders_};
    const KmPerSecond speed = decision_.finding.speed;
    const bool open = decision_.judgement.finding == TerritoryFinding::kOpen;
    estimate();
    const auto guess = out_.estimate ? std::optional{out_.estimate->place} : std::nullopt;
    if (open) {
      out_.resolution_before =
          find_resolution_before(decision_.finding.proof, decision_.proved, region, judge, speed, guess);
    }
    const bool anchors_help = resolve_contest(region, guess);
    if (open && anchors_help) {
      tell(resolution_texts_before(decision_.finding.proof, out_.resolution_before, decision_.proved, judge,
                                   speed));
    }
    resolve_doubt(judge);
  }

  /// As the region has it; that the key has been elsewhere is resolved by other means.
  [[nodiscard]] bool unsettled() const {
    const VerdictState state = state_of(decision_.judgement.finding);
    return state == VerdictState::kUnresolved || state == VerdictState::kCleared;
  }

  /// Looks at the region's corners and the estimate; false if all of them lie on land that more than one hold
  /// or claim, so that anchors are nothing to ask for.
  bool resolve_contest(const Region& region, std::optional<LatLon> guess) {
    if (!unsettled()) return true;
    std::vector<LatLon> places;
    for (const Vec3 point : region.points()) places.push_back(from_sphere(point));
    if (guess) places.push_back(*guess);
    const Contest contest = contest_at(places, borders_);
    if (!contest.claimants.empty()) {
      out_.would_resolve.push_back(
          "The chip may be on land that more than one of " + first_joined(contest.claimants, " ", 8) +
          " hold or claim: no round trip decides between them. A licence that names all "
          "of them, or an area, does.");
    }
    return contest.anchors_help;
  }

  /// Codes that the region meets and that a list perhaps means: whoever wrote the list can say.
  void resolve_doubt(const TerritoryJudge& judge) {
    if (!unsettled()) return;
    for (const CountryCode code : decision_.judgement.met) {
      const bool licensed = judge.perhaps_licensed().contains(code);
      if (!licensed && !judge.perhaps_prohibited().contains(code)) continue;
      out_.would_resolve.push_back(std::string{"Name "} + code.text() + " in the licence or in the " +
                                   "prohibited list: the larger country that the " +
                                   (licensed ? "licence" : "prohibited list") +
                                   " names may or may not mean it.");
    }
  }

  void estimate() {
    out_.estimate = fit_bounds(decision_.proved, line_);
    if (!out_.estimate) return;
    out_.nearest_country = borders_.country_at(out_.estimate->place);
    for (std::size_t i = 0; i < decision_.proved_by.size(); ++i) {
      out_.residuals_km[decision_.proved_by[i]] = out_.estimate->residuals_km[i];
    }
  }

  const Decision& decision_;
  const RoundContext& context_;
  const Borders& borders_;
  const DelayModel& line_;
  std::span<const KnownAnchor> known_;
  Explanation out_;
};

}  // namespace

Explanation explain(const Decision& decision, const RoundContext& context, const Borders& borders,
                    const DelayModel& line, const MeshModel* model, std::span<const KnownAnchor> known) {
  Explanation out = Explainer{decision, context, borders, line, known}.run();
  if (model != nullptr && worth_suggesting(decision)) out.posterior = suggest(decision, *model);
  return out;
}

}  // namespace chiploc
