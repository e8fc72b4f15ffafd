#include "server/verifier/proof_certificate.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace chiploc {
namespace {

// Geodesics by great circles of the auxiliary sphere are right within 0.4 %; the rest is for the reader's
// comfort.
constexpr double kDistanceCare = 0.99;
constexpr std::size_t kTerritoriesTold = 4;

/// The prohibited territories that the region meets.
std::vector<const Territory*> blocking(const std::vector<TerritoryMargin>& margins,
                                       const TerritoryJudge& judge) {
  std::vector<const Territory*> out;
  for (const Territory& territory : judge.prohibited_territories()) {
    const bool met = std::any_of(margins.begin(), margins.end(), [&](const TerritoryMargin& m) {
      return m.territory == territory.name() && m.distance.km() == 0.0;
    });
    if (met) out.push_back(&territory);
  }
  return out;
}

/// Round trip at which a place `km` away is just excluded. The ambiguity of borders is allowed for.
double excluding_ms(double km, KmPerSecond speed) {
  return 2e3 * (km * kDistanceCare - kBorderAmbiguity.km()) / speed.km_s();
}

class Certifier {
 public:
  Certifier(const std::vector<ProvedBound>& bounds, unsigned fault_budget, const Region& region,
            const TerritoryJudgement& judgement, const TerritoryJudge& judge)
      : named_{bounds},
        bounds_{bounds_of(bounds)},
        budget_{fault_budget},
        region_{region},
        state_{state_of(judgement.finding)},
        judge_{judge} {}

  [[nodiscard]] unsigned largest_budget() const {
    unsigned budget = budget_;
    while (budget + 1 < region_.perspectives() && still(Region::from_bounds(bounds_, budget + 1))) ++budget;
    return budget;
  }

  [[nodiscard]] std::vector<std::string> hinges() const {
    std::vector<std::string> names;
    for (const std::uint32_t perspective : region_.shaping_perspectives()) {
      std::vector<AnchorBound> others;
      std::copy_if(bounds_.begin(), bounds_.end(), std::back_inserter(others),
                   [&](const AnchorBound& b) { return b.perspective != perspective; });
      if (still(Region::from_bounds(others, budget_))) continue;
      for (const ProvedBound& b : named_) {
        if (b.bound.perspective == perspective) names.push_back(b.anchor);
      }
    }
    return names;
  }

  /// Bisection to a kilometre.
  [[nodiscard]] Kilometers margin() const {
    double holds = 0.0;
    double fails = kMarginMax.km();
    while (fails - holds > 1.0) {
      const double middle = (holds + fails) / 2;
      (still(region_.inflated(Kilometers{middle})) ? holds : fails) = middle;
    }
    return Kilometers{holds};
  }

  [[nodiscard]] std::vector<TerritoryMargin> margins() const {
    std::vector<TerritoryMargin> out;
    for (const Territory& territory : judge_.prohibited_territories()) {
      if (const auto distance = territory.clearance(region_, kMarginMax))
        out.push_back({territory.name(), *distance});
    }
    std::stable_sort(out.begin(), out.end(), [](const TerritoryMargin& a, const TerritoryMargin& b) {
      return a.distance < b.distance;
    });
    return out;
  }

  /// With k more perspectives that all exclude the prohibited land, places there contradict k more than now:
  /// the land is excluded once it does not meet the region under a budget smaller by k.
  [[nodiscard]] std::optional<Resolution> resolution(const std::vector<const Territory*>& blocked,
                                                     KmPerSecond speed,
                                                     const std::optional<LatLon>& guess) const {
    unsigned more = 1;
    for (; more <= budget_; ++more) {
      const Region smaller = Region::from_bounds(bounds_, budget_ - more);
      const auto meets = [&](const Territory* territory) { return territory->meets(smaller); };
      if (std::none_of(blocked.begin(), blocked.end(), meets)) break;
    }
    const auto extent = region_.extent();
    if (!extent || blocked.empty()) return std::nullopt;
    const LatLon place = guess && region_.contains(*guess) ? *guess : extent->centre;
    double nearest = extent->radius.km() * 2.0;
    for (const Territory* territory : blocked)
      nearest = std::min(nearest, territory->distance_from(place).km());
    const double limit_ms = excluding_ms(nearest, speed);
    if (limit_ms <= 0.0) return std::nullopt;  // the guess itself lies in prohibited land
    return Resolution{more, place, Nanoseconds{static_cast<std::int64_t>(limit_ms * 1e6)}};
  }

 private:
  [[nodiscard]] bool still(const Region& region) const {
    return state_of(judge_.judge(region).finding) == state_;
  }

  const std::vector<ProvedBound>& named_;
  std::vector<AnchorBound> bounds_;
  unsigned budget_;
  const Region& region_;
  VerdictState state_;
  const TerritoryJudge& judge_;
};

std::string milliseconds_text(double ms) {
  std::ostringstream text;
  text.setf(std::ios::fixed);
  text.precision(1);
  text << ms << " ms";
  return text.str();
}

/// For one blocking territory, the perspectives that are nearest to excluding it.
/// Anchors from which no answer can be so soon, since what is proved already keeps the chip farther away, are
/// passed over.
std::string anchors_text(const Territory& territory, unsigned wanted, const std::vector<ProvedBound>& bounds,
                         KmPerSecond speed) {
  bool outside = false;
  struct Need {
    double excess_ms = 0.0;
    double need_ms = 0.0;
    const ProvedBound* anchor = nullptr;
  };
  const std::vector<AnchorBound> proved = bounds_of(bounds);
  const auto possible = [&](const Need& need) {
    std::vector<AnchorBound> with = proved;
    with.push_back(need.anchor->bound);
    with.back().radius = Kilometers{need.need_ms * speed.km_s() / 2e3};
    return !Region::from_bounds(with, wanted - 1).empty();
  };
  std::vector<Need> needs;
  for (const ProvedBound& b : bounds) {
    const double km = territory.distance_from(b.bound.place).km() - b.bound.place_uncertainty.km();
    const double need_ms = excluding_ms(km, speed);
    outside = outside || need_ms > 0.0;
    if (need_ms > 0.0) needs.push_back({static_cast<double>(b.rtt_min.count()) / 1e6 - need_ms, need_ms, &b});
  }
  std::stable_sort(needs.begin(), needs.end(),
                   [](const Need& a, const Need& b) { return a.excess_ms < b.excess_ms; });
  std::string text;
  std::set<std::uint32_t> told;
  for (const Need& need : needs) {
    if (told.size() == wanted) break;
    if (told.count(need.anchor->bound.perspective) != 0 || !possible(need)) continue;
    told.insert(need.anchor->bound.perspective);
    text += (text.empty() ? "" : "; ") + need.anchor->anchor + " below " + milliseconds_text(need.need_ms) +
            " (has " + milliseconds_text(static_cast<double>(need.anchor->rtt_min.count()) / 1e6) + ")";
  }
  if (!text.empty()) return text;
  return outside ? "no anchor at hand stands where the chip could answer soon enough"
                 : "none of the anchors is outside it";
}

}  // namespace

std::vector<AnchorBound> bounds_of(const std::vector<ProvedBound>& proved) {
  std::vector<AnchorBound> out;
  out.reserve(proved.size());
  for (const ProvedBound& one : proved) out.push_back(one.bound);
  return out;
}

Proof certify(const std::vector<ProvedBound>& bounds, unsigned fault_budget, const Region& region,
              const TerritoryJudgement& judgement, const TerritoryJudge& judge, KmPerSecond speed,
              const std::optional<LatLon>& guess) {
  Proof proof{.fault_budget = fault_budget,
              .fault_budget_max = fault_budget,
              .hinges = {},
              .countries = {judgement.met.begin(), judgement.met.end()},
              .margin = Kilometers{0.0},
              .margins = {}};
  if (region.is_everything() || region.empty()) return proof;
  const Certifier certifier{bounds, fault_budget, region, judgement, judge};
  proof.margins = certifier.margins();
  if (state_of(judgement.finding) != VerdictState::kUnresolved) {
    proof.fault_budget_max = certifier.largest_budget();
    proof.hinges = certifier.hinges();
    proof.margin = certifier.margin();
  } else if (judgement.finding == TerritoryFinding::kOpen) {
    proof.resolution = certifier.resolution(blocking(proof.margins, judge), speed, guess);
  }
  return proof;
}

std::vector<std::string> resolution_texts(const Proof& proof, const std::vector<ProvedBound>& bounds,
                                          const TerritoryJudge& judge, KmPerSecond speed) {
  std::vector<std::string> out;
  const unsigned wanted = proof.fault_budget + 1;
  for (const Territory* territory : blocking(proof.margins, judge)) {
    if (out.size() == kTerritoriesTold) break;
    out.push_back("To exclude " + territory->name() + ", round trips from " + std::to_string(wanted) +
                  " independent perspectives: " + anchors_text(*territory, wanted, bounds, speed) + ".");
  }
  if (proof.resolution) {
    const Resolution& r = *proof.resolution;
    std::ostringstream text;
    text.setf(std::ios::fixed);
    text.precision(1);
    const double ms = static_cast<double>(r.rtt_below.count()) / 1e6;
    text << "Or " << r.perspectives << " more independent anchor" << (r.perspectives == 1 ? "" : "s")
         << " near " << std::abs(r.place.lat_deg()) << (r.place.lat_deg() < 0 ? " S " : " N ")
         << std::abs(r.place.lon_deg()) << (r.place.lon_deg() < 0 ? " W" : " E")
         << ", each with a round trip below " << milliseconds_text(ms)
         << ": with the chip there, no prohibited place would be left.";
    out.push_back(text.str());
  }
  return out;
}

}  // namespace chiploc
