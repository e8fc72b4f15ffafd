#include "server/verifier/resolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "proto/base/joined.hpp"
#include "server/verifier/resolution_places.hpp"

namespace chiploc {
namespace {

using Kind = Resolution::Kind;

constexpr std::size_t kLookedAt = 12;  // anchors, and cities, for each question
constexpr std::size_t kSpareLookedAt = 128;
constexpr std::size_t kNearestPaths = 3;
constexpr std::size_t kNamedBeside = 1;  // existing anchors beyond what it takes: asking them costs nothing
constexpr double kSamePlaceKm = 300.0;
constexpr std::size_t kChipsSupposed = 24;
// How a path's delay spreads around what is usual, as a factor; and how much a misfit of many paths weighs,
// whose errors are not independent.
constexpr double kPathFactors[] = {0.75, 0.9, 1.0, 1.2, 1.5};
constexpr double kLeastUsualMs = 0.2;  // within one city
constexpr double kPathSpread = 0.35;
constexpr double kMisfitMost = 1.5;
constexpr double kPathsThatCount = 6.0;
/// An anchor is named when it is at least so likely to make the region smaller, or to settle the matter.
constexpr double kLikelyEnough = 0.6;
constexpr std::uint32_t kNobody = 0x4000'0000;  // perspectives that only the search has
constexpr double kWorldKm = 20'100.0;
// Geodesics by great circles of the auxiliary sphere are right within 0.4 %; the rest is comfort.
constexpr double kDistanceCare = 0.99;

/// An anchor that might be asked, with what is to be known of it.
struct Candidate {
  std::string name;
  LatLon place;
  std::optional<CountryCode> country;
  Kilometers uncertainty{0.0};
  std::uint32_t perspective = 0;
  std::optional<double> has_ms{};
  double usual_ms = 0.0;
  std::optional<double> below_ms{};
  double limit_km = 0.0;  ///< that below_ms comes from; 0: none
  bool settles = false;
  double helps = 0.0;  ///< how likely it cuts the region, then also how likely it settles the matter
};

struct SupposedChip {
  LandPlace place;
  double beyond_ms = 0.0;  ///< what the paths to the nearest anchors take beyond the usual, if it is there
  double weight = 0.0;
};

/// For a chip at one of some places: the round trips that leave it in none of some territories.
class Search {
 public:
  /// `may_stand`: not empty.
  Search(const OpenQuestion& open, const std::vector<LandPlace>& may_stand, std::vector<Territory> exclude,
         bool if_licensed)
      : open_{open},
        bounds_{bounds_of(open.bounds)},
        corners_{open.region.representatives()},
        chips_{likeliest(may_stand)},
        chip_{chips_.front().place},
        exclude_{std::move(exclude)},
        if_licensed_{if_licensed},
        wanted_{perspectives_wanted()} {}

  std::optional<Resolution> better_path() {
    std::vector<Candidate> found;
    for (const ProvedBound& bound : open_.bounds) {
      Candidate it{.name = bound.anchor,
                   .place = bound.bound.place,
                   .country = open_.borders.country_at(bound.bound.place),
                   .uncertainty = bound.bound.place_uncertainty,
                   .perspective = bound.bound.perspective,
                   .has_ms = static_cast<double>(bound.rtt_min.count()) / 1e6};
      it.usual_ms = usual_ms(it.place, chip_.at);
      // Of a path that is as such paths are nobody can ask for a better one.
      if (*it.has_ms > 2.0 * it.usual_ms && settles(it)) found.push_back(std::move(it));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Candidate& a, const Candidate& b) { return a.usual_ms < b.usual_ms; });
    const auto by = chosen(found, true);
    return by.size() < wanted_ ? std::nullopt : told(Kind::kBetterPath, by);
  }

  /// Those that most likely help, wherever among the likely places the chip is.
  std::optional<Resolution> existing() {
    std::vector<Candidate> found;
    for (const SpareAnchor* const spare : near_spare()) {
      Candidate it{.name = spare->name,
                   .place = spare->place,
                   .country = open_.borders.country_at(spare->place),
                   .uncertainty = spare->uncertainty,
                   .perspective = spare->perspective};
      it.usual_ms = usual_ms(it.place, chip_.at) + chips_.front().beyond_ms;
      it.helps = likely_below(it, reach_km(it));
      found.push_back(std::move(it));
    }
    most_helpful_first(found);
    if (found.size() > kLookedAt) found.erase(found.begin() + kLookedAt, found.end());
    for (Candidate& candidate : found) {
      settles(candidate);
      const double settling = candidate.limit_km > 0.0 ? likely_below(candidate, candidate.limit_km) : 0.0;
      if (settling < kLikelyEnough && candidate.helps < kLikelyEnough) candidate.helps = -1.0;
      candidate.helps += settling;
    }
    std::erase_if(found, [](const Candidate& candidate) { return candidate.helps < 0.0; });
    most_helpful_first(found);
    return told(Kind::kExistingAnchor, chosen(found, false, kNamedBeside));
  }

  /// Of the cities near the chip the one from which there is most time.
  std::optional<Resolution> new_one() {
    std::optional<Candidate> best;
    double most = 0.0;
    for (const LandPlace& city : cities_near(chip_.at, open_.judge, kLookedAt)) {
      Candidate it{.name = {}, .place = city.at, .country = city.country, .perspective = kNobody};
      it.usual_ms = usual_ms(it.place, chip_.at) + chips_.front().beyond_ms;
      const double time = ms_of(certain_km(it)) / it.usual_ms;
      if (best && time <= most) continue;
      most = time;
      best = std::move(it);
    }
    if (!best) return std::nullopt;
    best->settles = settles(*best);
    auto out = told(Kind::kNewAnchor, {*best});
    if (!out || (!out->settles && !out->by.front().below)) return std::nullopt;
    return out;
  }

 private:
  [[nodiscard]] double ms_of(double km) const { return 2e3 * km / open_.speed.km_s(); }
  [[nodiscard]] double km_of(double ms) const { return ms * open_.speed.km_s() / 2e3; }

  /// What a path usually takes, and never less than light in fibre does.
  [[nodiscard]] double usual_ms(LatLon anchor, LatLon chip) const {
    const double km = geodesic_distance(anchor, chip).km();
    const double by_line = open_.line.intercept_ms + km / open_.line.slope_km_per_ms;
    return std::max({by_line, 2e3 * km / kLightInFibre.km_s(), kLeastUsualMs});
  }

  /// Places with how well the round trips go with a chip there, the likeliest first. What the paths to the
  /// nearest anchors all took beyond what is usual is allowed to all of them.
  [[nodiscard]] std::vector<SupposedChip> likeliest(const std::vector<LandPlace>& places) const {
    std::vector<SupposedChip> out;
    double best = -std::numeric_limits<double>::infinity();
    for (const LandPlace& place : places) {
      SupposedChip chip{place, 0.0, 0.0};
      std::vector<std::pair<double, double>> paths;  // usual, measured
      for (const ProvedBound& bound : open_.bounds) {
        paths.emplace_back(usual_ms(bound.bound.place, place.at),
                           static_cast<double>(bound.rtt_min.count()) / 1e6);
      }
      std::sort(paths.begin(), paths.end());
      double beyond = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < paths.size() && i < kNearestPaths; ++i)
        beyond = std::min(beyond, paths[i].second - paths[i].first);
      chip.beyond_ms = std::max(beyond, 0.0);
      double misfit = 0.0;
      for (const auto& [usual, measured] : paths)
        misfit += std::min(std::abs(std::log(measured / (usual + chip.beyond_ms))), kMisfitMost);
      const double paths_that_count = std::min(static_cast<double>(paths.size()), kPathsThatCount);
      chip.weight = 0.5 * std::log(static_cast<double>(place.people) + 1.0) -
                    misfit / static_cast<double>(paths.size()) * paths_that_count / kPathSpread;
      best = std::max(best, chip.weight);
      out.push_back(chip);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const SupposedChip& a, const SupposedChip& b) { return a.weight > b.weight; });
    if (out.size() > kChipsSupposed) out.erase(out.begin() + kChipsSupposed, out.end());
    double sum = 0.0;
    for (SupposedChip& chip : out) sum += chip.weight = std::exp(chip.weight - best);
    for (SupposedChip& chip : out) chip.weight /= sum;
    return out;
  }

  /// How likely it is that the anchor's disk gets no larger than this.
  [[nodiscard]] double likely_below(const Candidate& anchor, double km) const {
    double out = 0.0;
    for (const SupposedChip& chip : chips_) {
      const double usual = usual_ms(anchor.place, chip.place.at) + chip.beyond_ms;
      for (const double factor : kPathFactors) {
        if (km_of(usual * factor) <= km) out += chip.weight / static_cast<double>(std::size(kPathFactors));
      }
    }
    return out;
  }

  /// A disk smaller than this leaves some corner of the region outside.
  [[nodiscard]] double reach_km(const Candidate& anchor) const {
    if (open_.region.is_everything()) return kWorldKm;
    double farthest = 0.0;
    for (const LatLon corner : corners_)
      farthest = std::max(farthest, geodesic_distance(anchor.place, corner).km());
    return farthest * kDistanceCare - anchor.uncertainty.km();
  }

  [[nodiscard]] std::vector<const SpareAnchor*> near_spare() const {
    std::vector<std::pair<double, const SpareAnchor*>> near;
    const Vec3 chip = to_sphere(chip_.at);
    for (const SpareAnchor& spare : open_.spare)
      near.emplace_back(-dot(to_sphere(spare.place), chip), &spare);
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const SpareAnchor*> out;
    for (std::size_t i = 0; i < near.size() && i < kSpareLookedAt; ++i) out.push_back(near[i].second);
    return out;
  }

  /// With k more perspectives that all exclude a place it contradicts k more than now: the land is excluded
  /// once it does not meet the region under a budget smaller by k.
  [[nodiscard]] unsigned perspectives_wanted() const {
    unsigned more = 1;
    for (; more <= open_.fault_budget; ++more) {
      const Region smaller = Region::from_bounds(bounds_, open_.fault_budget - more);
      if (!smaller.is_everything() && !any_met(smaller)) break;
    }
    return more;
  }

  [[nodiscard]] bool any_met(const Region& region) const {
    return std::any_of(exclude_.begin(), exclude_.end(),
                       [&](const Territory& territory) { return territory.meets(region); });
  }

  /// The region's part within `km` of the anchor: as if all of the budget and one more had measured that.
  [[nodiscard]] Region part_within(const Candidate& anchor, double km) const {
    std::vector<AnchorBound> with = bounds_;
    for (std::uint32_t i = 0; i <= open_.fault_budget; ++i)
      with.push_back({anchor.place, anchor.uncertainty, Kilometers{km}, kNobody + i});
    return Region::from_bounds(with, open_.fault_budget);
  }
  [[nodiscard]] bool excludes(const Candidate& anchor, double km) const {
    return km < kWorldKm && !any_met(part_within(anchor, km));
  }

  /// Surely none of the territories is within this of the anchor.
  [[nodiscard]] double certain_km(const Candidate& anchor) const {
    double nearest = kWorldKm;
    for (const Territory& territory : exclude_)
      nearest = std::min(nearest, territory.distance_from(anchor.place).km());
    return std::max(0.0, nearest * kDistanceCare - kBorderAmbiguity.km() - anchor.uncertainty.km());
  }

  /// The usual round trip excludes all of it. Also finds what just does, if a chip can be so near.
  bool settles(Candidate& anchor) const {
    const double usual_km = km_of(anchor.usual_ms);
    double holds = certain_km(anchor);
    anchor.settles = holds >= usual_km || excludes(anchor, usual_km);
    double fails = anchor.settles ? kWorldKm : usual_km;
    if (anchor.settles) {
      holds = std::max(holds, usual_km);
      // Where the chip can be at all is within this; nothing is asked for beyond.
      if (const auto extent = open_.region.extent())
        fails = geodesic_distance(anchor.place, extent->centre).km() + 1.01 * extent->radius.km();
    }
    while (fails - holds > std::max(1.0, 0.01 * fails)) {
      const double middle = (holds + fails) / 2.0;
      (excludes(anchor, middle) ? holds : fails) = middle;
    }
    if (holds > 0.0 && ms_of(holds) >= least_possible_ms(anchor.place)) {
      anchor.below_ms = ms_of(holds);
      anchor.limit_km = holds;
    }
    return anchor.settles;
  }

  /// Light in fibre from the nearest place at which the chip may be.
  [[nodiscard]] double least_possible_ms(LatLon anchor) const {
    double nearest = geodesic_distance(anchor, chip_.at).km();
    for (const SupposedChip& chip : chips_)
      nearest = std::min(nearest, geodesic_distance(anchor, chip.place.at).km());
    return 2e3 * nearest / kLightInFibre.km_s();
  }

  static void most_helpful_first(std::vector<Candidate>& candidates) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.helps > b.helps; });
  }

  /// The first of each perspective, as many as are wanted and `beside` more; those from another place, since
  /// what is wrong with a path there is wrong with its neighbours as well.
  [[nodiscard]] std::vector<Candidate> chosen(const std::vector<Candidate>& from, bool with_limit,
                                              std::size_t beside = 0) const {
    std::vector<Candidate> out;
    std::set<std::uint32_t> seen;
    const auto near_one = [&out](const Candidate& candidate) {
      return std::any_of(out.begin(), out.end(), [&](const Candidate& other) {
        return geodesic_distance(other.place, candidate.place).km() < kSamePlaceKm;
      });
    };
    for (const Candidate& candidate : from) {
      if (out.size() == wanted_ + beside) break;
      if (with_limit && !candidate.below_ms) continue;
      if (out.size() >= wanted_ && near_one(candidate)) continue;
      if (open_.fault_budget == 0 || seen.insert(candidate.perspective).second) out.push_back(candidate);
    }
    return out;
  }

  [[nodiscard]] std::optional<Resolution> told(Kind kind, const std::vector<Candidate>& by) const {
    if (by.empty()) return std::nullopt;
    const auto ns = [](double ms) { return Nanoseconds{static_cast<std::int64_t>(ms * 1e6)}; };
    Resolution out{.kind = kind, .anchors = wanted_, .if_licensed = if_licensed_, .chip_in = chip_.country};
    for (const Territory& territory : exclude_) out.excludes.push_back(territory.name());
    const auto settling = std::count_if(by.begin(), by.end(), [](const Candidate& c) { return c.settles; });
    out.settles = settling >= (kind == Kind::kNewAnchor ? 1 : static_cast<std::ptrdiff_t>(wanted_));
    for (const Candidate& one : by) {
      Resolution::By& told = out.by.emplace_back(Resolution::By{one.name, one.place, one.country});
      if (one.below_ms) told.below = ns(*one.below_ms);
      told.usual = ns(one.usual_ms);
      if (one.has_ms) told.has = ns(*one.has_ms);
    }
    return out;
  }

  const OpenQuestion& open_;
  std::vector<AnchorBound> bounds_;
  std::vector<LatLon> corners_;
  std::vector<SupposedChip> chips_;
  LandPlace chip_;  ///< the likeliest of them
  std::vector<Territory> exclude_;
  bool if_licensed_;
  unsigned wanted_;
};

std::vector<Territory> met_by(const Region& region, const std::vector<Territory>& territories) {
  std::vector<Territory> out;
  std::copy_if(territories.begin(), territories.end(), std::back_inserter(out),
               [&](const Territory& t) { return region.is_everything() || t.meets(region); });
  return out;
}

bool same_anchors(const Resolution& a, const Resolution& b) {
  return a.kind == b.kind &&
         std::equal(a.by.begin(), a.by.end(), b.by.begin(), b.by.end(),
                    [](const auto& x, const auto& y) { return x.anchor == y.anchor && x.place == y.place; });
}

}  // namespace

std::optional<FitReport> fit_bounds(const std::vector<ProvedBound>& bounds, const DelayModel& line) {
  std::vector<FitInput> inputs;
  for (const ProvedBound& bound : bounds) {
    const auto distance = line.distance(bound.rtt_min);
    inputs.push_back({bound.bound.place, distance.km, distance.sigma_km});
  }
  return fit_place(inputs);
}

std::vector<Resolution> find_resolutions(const OpenQuestion& open) {
  const std::vector<Territory> prohibited = met_by(open.region, open.judge.prohibited_territories());
  if (open.bounds.empty() || (prohibited.empty() && !open.accused) || open.region.empty()) return {};
  const auto nearest = std::min_element(
      open.bounds.begin(), open.bounds.end(),
      [](const ProvedBound& a, const ProvedBound& b) { return a.bound.radius < b.bound.radius; });
  const auto guess = on_land(open, open.guess.value_or(nearest->bound.place));
  if (!guess) return {};
  std::vector<Search> searches;
  const bool as_licensed = may_be_licensed(open, *guess);
  std::vector<LandPlace> licensed = licensed_places(open);
  if (as_licensed) licensed.push_back(*guess);
  if (!licensed.empty() && !open.accused) searches.emplace_back(open, licensed, prohibited, true);
  const std::vector<Territory> at_home = met_by(open.region, open.judge.licensed_territories());
  if (!as_licensed && open.guess && !at_home.empty()) {
    std::vector<LandPlace> others = other_places(open, guess->at);
    others.push_back(*guess);
    searches.emplace_back(open, others, at_home, false);
  }

  std::vector<Resolution> out;
  const auto add = [&](std::optional<Resolution> found) {
    const bool known = !found || std::any_of(out.begin(), out.end(), [&](const Resolution& other) {
      return same_anchors(*found, other);
    });
    if (!known && out.size() < kResolutionsMax) out.push_back(*std::move(found));
  };
  for (Search& search : searches) add(search.better_path());
  for (Search& search : searches) add(search.existing());
  for (Search& search : searches) add(search.new_one());
  return out;
}

}  // namespace chiploc
