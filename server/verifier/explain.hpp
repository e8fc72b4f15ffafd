#pragma once
// What a person is told beside the finding. No state follows from any of it: it is made after decide(), which
// does not link what this needs.

#include <optional>
#include <string>
#include <vector>

#include "geo/estimate/delay_model.hpp"
#include "geo/estimate/fit.hpp"
#include "server/verifier/decide.hpp"
#include "server/verifier/resolution.hpp"
#include "server/verifier/silence.hpp"
#include "server/verifier/suggestion.hpp"

namespace chiploc {

struct Explanation {
  std::optional<FitReport> estimate{};
  std::optional<CountryCode> nearest_country{};  ///< of the estimate's place
  std::string calibration{};                     ///< version of the line that the estimate used
  std::vector<double> residuals_km{};  ///< beside sealed.anchors; NaN where not used in the estimate
  std::optional<Suggestion> posterior{};
  bool posterior_left_out = false;  ///< there was a model, and no time for it
  std::vector<std::string> would_resolve{};
  std::optional<Resolution> resolution{};  ///< of a state that prohibited land keeps open
  std::vector<Reason> suspicions{};        ///< cohort_outlier
  std::optional<Silence> silence{};        ///< by explain_silence(), which takes the evidence too
};

/// `model` is what the calibration's mesh taught, or nullptr: then there is no posterior. A posterior takes
/// tens of milliseconds, all else well below one; see worth_suggesting() and suggest() for making it later.
[[nodiscard]] Explanation explain(const Decision& decision, const RoundContext& context,
                                  const Borders& borders, const DelayModel& line,
                                  const MeshModel* model = nullptr);

}  // namespace chiploc
