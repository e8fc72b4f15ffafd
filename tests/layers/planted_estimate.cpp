// What must never come into server/verifier's decide: a proof that asks an estimate.
// proof_links_no_estimate.sh compiles it, and sees that it does not link.
#include <vector>

#include "geo/estimate/fit.hpp"

namespace chiploc {

bool planted_guess(const std::vector<FitInput>& inputs) { return fit_place(inputs).has_value(); }

}  // namespace chiploc
