#include "server/verifier/explain.hpp"

#include <limits>

#include "proto/base/joined.hpp"
#include "server/verifier/cohort_suspicion.hpp"

namespace chiploc {
namespace {

class Explainer {
 public:
  Explainer(const Decision& decision, const RoundContext& context, const Borders& borders,
            const DelayModel& line)
      : decision_{decision}, context_{context}, borders_{borders}, line_{line} {
    out_.calibration = line.version;
    out_.residuals_km.assign(decision.sealed.anchors.size(), std::numeric_limits<double>::quiet_NaN());
  }

  Explanation run() {
    if (decision_.sealed.region) explain_region(*decision_.sealed.region);
    out_.would_resolve.insert(out_.would_resolve.end(), decision_.would_resolve.begin(),
                              decision_.would_resolve.end());
    if (decision_.sighting && !context_.cohort.site.empty()) {
      if (auto apart = cohort_suspicion(context_.cohort, context_.chip, decision_.sealed.anchors))
        out_.suspicions.push_back(*std::move(apart));
    }
    return std::move(out_);
  }

 private:
  void explain_region(const Region& region) {
    const TerritoryJudge judge{context_.claim, borders_};
    const KmPerSecond speed = decision_.finding.speed;
    const bool open = decision_.judgement.finding == TerritoryFinding::kOpen;
    estimate();
    const auto guess = out_.estimate ? std::optional{out_.estimate->place} : std::nullopt;
    if (open) {
      out_.resolution =
          find_resolution(decision_.finding.proof, decision_.proved, region, judge, speed, guess);
    }
    const bool anchors_help = resolve_contest(region, guess);
    if (open && anchors_help) {
      const auto texts =
          resolution_texts(decision_.finding.proof, out_.resolution, decision_.proved, judge, speed);
      out_.would_resolve.insert(out_.would_resolve.end(), texts.begin(), texts.end());
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
    std::vector<FitInput> inputs;
    for (const std::size_t i : decision_.proved_by) {
      const AnchorFinding& finding = decision_.sealed.anchors[i];
      const auto distance = line_.distance(finding.rtt_min);
      inputs.push_back({finding.anchor.place, distance.km, distance.sigma_km});
    }
    out_.estimate = fit_place(inputs);
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
  Explanation out_;
};

}  // namespace

Explanation explain(const Decision& decision, const RoundContext& context, const Borders& borders,
                    const DelayModel& line, const MeshModel* model) {
  Explanation out = Explainer{decision, context, borders, line}.run();
  if (model != nullptr && worth_suggesting(decision)) out.posterior = suggest(decision, *model);
  return out;
}

}  // namespace chiploc
