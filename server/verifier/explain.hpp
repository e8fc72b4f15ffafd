#pragma once
// What a person is told beside the finding. No state follows from any of it: it is made after decide(), which
// does not link what this needs.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geo/estimate/delay_model.hpp"
#include "geo/estimate/fit.hpp"
#include "server/verifier/decide.hpp"
#include "server/verifier/known_anchor.hpp"
#include "server/verifier/resolution.hpp"
#include "server/verifier/resolution_before.hpp"
#include "server/verifier/silence.hpp"
#include "server/verifier/suggestion.hpp"

namespace chiploc {

struct Explanation {
  std::optional<FitReport> estimate{};
  std::optional<CountryCode> nearest_country{};  ///< of the estimate's place
  std::string calibration{};                     ///< version of the line that the estimate used
  std::vector<double> residuals_km{};  ///< beside sealed.anchors; NaN where not used in the estimate
  std::optional<Suggestion> posterior{};
  bool posterior_left_out = false;                      ///< there was a model, and no time for it
  std::vector<std::string> would_resolve{};             ///< the cheapest first; five at most
  std::vector<Resolution> resolutions{};                ///< those of them that ask for round trips
  std::optional<ResolutionBefore> resolution_before{};  ///< in their place in rounds of before 2026-12-01
  std::vector<Reason> suspicions{};                     ///< cohort_outlier
  std::optional<Silence> silence{};  ///< by explain_silence(), which takes the evidence too
};

inline constexpr std::size_t kWouldResolveMax = 5;

/// `model` is what the calibration's mesh taught, or nullptr: then there is no posterior. A posterior takes
/// tens of milliseconds; see worth_suggesting() and suggest() for making it later. What would resolve an open
/// finding takes a few (resolution.hpp), all else well below one. `known`: the registered anchors, by id.
[[nodiscard]] Explanation explain(const Decision& decision, const RoundContext& context,
                                  const Borders& borders, const DelayModel& line,
                                  const MeshModel* model = nullptr, std::span<const KnownAnchor> known = {});

}  // namespace chiploc
