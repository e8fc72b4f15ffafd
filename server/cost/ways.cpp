#include "server/cost/ways.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "geo/units.hpp"

namespace chiploc {
namespace {

using K = CostKey;

struct WayWords {
  std::string_view name, what, shows;
};
constexpr std::array<WayWords, kWays> kWords{{
    {"relay-public",
     "a machine in the licensed country passes on what the chip answers over the public network",
     "longer round trips, alike from all anchors; an inspection finds no chip"},
    {"relay-leased", "a fast relay at the site, and a leased fibre to the chip",
     "a little longer round trips, alike from all anchors; the line's contract; an inspection finds no chip"},
    {"relay-straight", "a fast relay at the site, and a chain of microwave links to the chip",
     "towers and their radio licences; an inspection finds no chip"},
    {"key", "the key is taken out of the chip and answers at the site",
     "nothing in any round; an inspection finds no chip"},
    {"shuttle", "the chip comes home before anybody is called, and answers there",
     "rounds that prove nothing between those that do, again and again"},
    {"anchors", "so many anchors lie that the chip is proved where it is not",
     "anchors that agree with each other and with nobody else, if somebody compares"},
    {"absence", "it answers no more, behind every absence that may be declared",
     "the absences, and who declared them; then silence"},
    {"stall", "it answers so late, or over such a way, that nothing is proved", "rounds that prove nothing"},
    {"dark", "it answers no more", "silence"},
    {"dummy", "it answers no more, and a dummy with its label stands at the site",
     "silence; the dummy, for who has it answer"},
    {"elsewhere", "it answers from where it is, whatever address it has (VPN, BGP)",
     "rounds that prove it to be outside; an address moves no round trip"},
}};

const WayWords& words_of(WayId way) { return kWords.at(static_cast<std::size_t>(way)); }

std::string km_text_of(double km) {
  char text[40];
  std::snprintf(text, sizeof text, "%.0f km", km);
  return text;
}

constexpr double kHoursAYear = 12.0 * kHoursAMonth;
constexpr double kLeastInUse = 0.01;  // below it a chip is all but never where it is wanted

double hours(Nanoseconds time) { return std::chrono::duration<double, std::ratio<3'600>>{time}.count(); }

class Pricing {
 public:
  Pricing(WayId id, const CostCase& wanted, const PolicyFacts& facts, const CostValues& values)
      : wanted_{wanted}, facts_{facts}, v_{values} {
    way_.id = id;
  }

  Way price() {
    if (std::find(wanted_.without.begin(), wanted_.without.end(), way_.id) != wanted_.without.end()) {
      way_.why_not = "it was left out";
      return std::move(way_);
    }
    switch (way_.id) {
      case WayId::kRelayPublic:
        relay(v_[K::kRoutePublic], false, v_[K::kRelayDelay]);
        way_.price.per_month = v_[K::kVmMonth];
        break;
      case WayId::kRelayLeased:
        relay(v_[K::kRouteLeased], false, 0.0);
        at_the_site(2.0 * v_[K::kRelayCard]);
        way_.price.per_month += v_[K::kLineMonth] + v_[K::kLineKmMonth] * wanted_.distance_km;
        break;
      case WayId::kRelayStraight:
        relay(v_[K::kRouteStraight], true, 0.0);
        at_the_site(2.0 * v_[K::kRelayCard]);
        way_.price.fixed += v_[K::kStraightKm] * wanted_.distance_km;
        break;
      case WayId::kKey:
        key();
        break;
      case WayId::kShuttle:
        shuttle();
        break;
      case WayId::kAnchors:
        anchors();
        break;
      case WayId::kAbsence:
        seen(facts_.absent);
        break;
      case WayId::kStall:
        way_.price.fixed = v_[K::kRelayBuild] * v_[K::kEngineerMonth];
        unproven();
        break;
      case WayId::kDummy:
        way_.price.per_chip = v_[K::kDummyPrice];
        seen(facts_.dark);
        break;
      case WayId::kDark:
        seen(facts_.dark);
        break;
      case WayId::kElsewhere:
        if (wanted_.anchors > facts_.faults_to_accuse)
          seen(facts_.elsewhere);
        else  // nobody is accused by no more than may lie
          unproven();
        break;
    }
    return std::move(way_);
  }

 private:
  /// A region that has grown by as much as the relay is long has the chip's true place in it: it is not within licensed land,
  /// nor, where that is the goal, free of prohibited land. So no relay is of use but
  ///  - to be CLEARED in a third country, where that is enough, until prohibited land is in the region;
  ///  - over a line that is faster than the proof takes light to be (a proof at the speed of fibre), within the margin.
  /// Where nothing is proved of anybody, nothing is to be relayed for.
  void relay(double route, bool straight, double delay_us) {
    way_.price.fixed = v_[K::kRelayBuild] * v_[K::kEngineerMonth];
    const double distance = wanted_.distance_km;
    const double growth = region_growth_km(distance, route, straight, delay_us, facts_.speed_km_s);
    const bool third = facts_.cleared_is_enough && wanted_.third_country;
    const double assumed = facts_.cleared_is_enough ? std::max(v_[K::kMarginVerified], v_[K::kMarginCleared])
                                                    : v_[K::kMarginVerified];
    const double margin = wanted_.margin_km.value_or(assumed);
    if (growth >= distance && !third)
      way_.why_not = std::string{facts_.cleared_is_enough ? "CLEARED" : "VERIFIED"} +
                     " is proved of where the chip is, not of where its relay stands";
    else if (growth >= margin)
      way_.why_not =
          "the region grows by " + km_text_of(growth) + ", and its margin is " + km_text_of(margin);
    needs_proofs();
  }
  void needs_proofs() {
    if (!proves())
      way_.why_not = "nothing is proved with " + std::to_string(wanted_.anchors) + " perspectives of which " +
                     std::to_string(facts_.faults_to_clear) + " may lie";
  }
  /// Where nothing is proved of anybody, who stalls is as everybody else.
  void unproven() {
    if (proves()) seen(facts_.stalls);
  }
  [[nodiscard]] bool proves() const { return wanted_.anchors > facts_.faults_to_clear; }
  void at_the_site(double boxes) {
    way_.price.fixed += boxes;
    way_.price.per_month += v_[K::kColocationKw];
  }

  void key() {
    const bool memory = wanted_.key_in_memory;
    const double months = v_[memory ? K::kKeyInterposerMonths : K::kKeyLabMonths];
    way_.price.fixed = v_[memory ? K::kKeyInterposer : K::kKeyLab] + months * v_[K::kEngineerMonth];
    at_the_site(v_[K::kServerPrice]);
    way_.price.per_chip = v_[K::kKeyEach];
    // Chips that are spoiled are bought again. A share of 1 would spoil them all.
    const double spoiled = std::min(v_[K::kKeySpoils], 0.99);
    way_.price.per_chip += spoiled / (1.0 - spoiled) * (v_[K::kChipPrice] + v_[K::kKeyEach]);
    needs_proofs();
  }

  void anchors() {
    const double needed = facts_.faults_to_clear + 1.0;
    if (wanted_.anchors < facts_.faults_to_clear + 1U)
      way_.why_not = "it takes " + std::to_string(facts_.faults_to_clear + 1U) +
                     " perspectives, and there are " + std::to_string(wanted_.anchors);
    way_.price.fixed = needed * v_[K::kAnchorBribe];
    way_.price.per_month = needed * v_[K::kAnchorMonth];
  }

  /// Away for as long as nobody is called, answering without a proof or not at all, whichever is longer; longer still behind
  /// declared absences, which stop the clocks. Of these two kinds of cycles he takes what comes cheapest: as many excused ones
  /// as may be and the others between them, or either alone (a quotient of sums is least at a corner).
  void shuttle() {
    needs_proofs();
    if (!facts_.dark.time || !facts_.stalls.time) return;  // nobody ever calls: it need not come home
    const double away = hours(std::max(*facts_.dark.time, *facts_.stalls.time));
    const double excused = away + hours(facts_.absence_most), home = v_[K::kHomeHours];
    const double absences =
        std::min(hours(facts_.absences_a_year) / hours(facts_.absence_most), kHoursAYear / (excused + home));
    const double between = std::max(0.0, kHoursAYear - absences * (excused + home)) / (away + home);
    bool found = false;
    for (const auto& [with_absence, without] : {std::pair{absences, between}, std::pair{absences, 0.0},
                                                std::pair{0.0, kHoursAYear / (away + home)}})
      found = cycles(with_absence * excused + without * away, with_absence + without, found) || found;
    if (found) return;
    char text[160];
    std::snprintf(text, sizeof text, "somebody is called after %.0f h, and there and back takes %.0f h", away,
                  2.0 * trip_hours());
    way_.why_not = text;
  }
  [[nodiscard]] double trip_hours() const {
    return v_[K::kTripHours] + wanted_.distance_km / v_[K::kTripSpeed];
  }
  /// So many hours away in a year, in so many cycles, where that is cheaper than what was found. Whether there is any use of it.
  bool cycles(double away, double number, bool found) {
    const double in_use = (away - number * 2.0 * trip_hours()) / kHoursAYear;
    if (in_use < kLeastInUse) return false;
    const double each = v_[K::kChipWeight] * v_[K::kFreightKg] + v_[K::kTripHandling];
    const double chips = 1.0 / in_use;  // for one that is always in use
    WayPrice price;
    price.per_chip = (chips - 1.0) * v_[K::kChipPrice];
    price.per_chip_month = chips * 2.0 * number / 12.0 * each;
    if (found && price.total(wanted_) >= way_.price.total(wanted_)) return true;
    way_.in_use = in_use;
    way_.price = price;
    return true;
  }

  void seen(const Unseen& unseen) {
    if (!unseen.time) return;
    way_.unseen = unseen.time;
    way_.then = unseen.then;
    const bool counts = unseen.is_accused || (unseen.is_silent && facts_.silent_holds) ||
                        (unseen.is_unproven && facts_.unproven_holds);
    const bool holds = counts && wanted_.chips >= static_cast<double>(facts_.hold_least);
    const double noticed = unseen.is_accused || holds ? 1.0 : v_[K::kNoticedShare];
    const double value = wanted_.chips * v_[K::kChipPrice];
    way_.price.loss = noticed * (v_[K::kFrontPrice] + v_[K::kChipsToCome] * v_[K::kMarketPremium] * value);
    if (unseen.is_accused)
      way_.price.loss +=
          v_[K::kPenaltyCollected] * std::max(v_[K::kPenaltyLeast], v_[K::kPenaltyTimes] * value);
  }

  const CostCase& wanted_;
  const PolicyFacts& facts_;
  const CostValues& v_;
  Way way_;
};

}  // namespace

std::string_view name_of(WayId way) { return words_of(way).name; }
std::optional<WayId> way_of(std::string_view name) {
  for (const WayId id : kAllWays) {
    if (name_of(id) == name) return id;
  }
  return std::nullopt;
}
std::string_view what_it_is(WayId way) { return words_of(way).what; }
std::string_view what_shows(WayId way) { return words_of(way).shows; }

Nanoseconds length_of(const CostCase& wanted) {
  return std::chrono::seconds{std::llround(wanted.months * kHoursAMonth * 3'600.0)};
}

double WayPrice::way(const CostCase& wanted) const {
  return fixed + per_chip * wanted.chips + per_month * wanted.months +
         per_chip_month * wanted.chips * wanted.months;
}

Way way_round(WayId id, const CostCase& wanted, const PolicyFacts& facts, const CostValues& values) {
  return Pricing{id, wanted, facts, values}.price();
}

double region_growth_km(double distance_km, double route, bool straight, double delay_us, double proof_km_s) {
  const double line = straight ? kLightInVacuum.km_s() : kLightInVacuum.km_s() * 2.0 / 3.0;
  return proof_km_s * (distance_km * route / line + delay_us * 1e-6 / 2.0);
}

}  // namespace chiploc
