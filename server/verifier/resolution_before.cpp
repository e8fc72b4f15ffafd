#include "server/verifier/resolution_before.hpp"

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

/// With k more perspectives that all exclude the prohibited land, places there contradict k more than now:
/// the land is excluded once it does not meet the region under a budget smaller by k.
std::optional<ResolutionBefore> find_resolution_before(const Proof& proof,
                                                       const std::vector<ProvedBound>& bounds,
                                                       const Region& region, const TerritoryJudge& judge,
                                                       KmPerSecond speed,
                                                       const std::optional<LatLon>& guess) {
  const std::vector<const Territory*> blocked = blocking(proof.margins, judge);
  const std::vector<AnchorBound> caps = bounds_of(bounds);
  unsigned more = 1;
  for (; more <= proof.fault_budget; ++more) {
    const Region smaller = Region::from_bounds(caps, proof.fault_budget - more);
    const auto meets = [&](const Territory* territory) { return territory->meets(smaller); };
    if (std::none_of(blocked.begin(), blocked.end(), meets)) break;
  }
  const auto extent = region.extent();
  if (!extent || blocked.empty()) return std::nullopt;
  const LatLon place = guess && region.contains(*guess) ? *guess : extent->centre;
  double nearest = extent->radius.km() * 2.0;
  for (const Territory* territory : blocked)
    nearest = std::min(nearest, territory->distance_from(place).km());
  const double limit_ms = excluding_ms(nearest, speed);
  if (limit_ms <= 0.0) return std::nullopt;  // the guess itself lies in prohibited land
  return ResolutionBefore{more, place, Nanoseconds{static_cast<std::int64_t>(limit_ms * 1e6)}};
}

std::vector<std::string> resolution_texts_before(const Proof& proof,
                                                 const std::optional<ResolutionBefore>& resolution,
                                                 const std::vector<ProvedBound>& bounds,
                                                 const TerritoryJudge& judge, KmPerSecond speed) {
  std::vector<std::string> out;
  const unsigned wanted = proof.fault_budget + 1;
  for (const Territory* territory : blocking(proof.margins, judge)) {
    if (out.size() == kTerritoriesTold) break;
    out.push_back("To exclude " + territory->name() + ", round trips from " + std::to_string(wanted) +
                  " independent perspectives: " + anchors_text(*territory, wanted, bounds, speed) + ".");
  }
  if (resolution) {
    const ResolutionBefore& r = *resolution;
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
