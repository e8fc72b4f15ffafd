// The detectors on a week of real round trips: false alarms on what real routes do, and what is found of delays and places
// that are put in. Baselines are of the first three days; all that is judged is of the other four. The law of a node's
// scores is learnt from the other nodes. The measurements lie beside the checkout and may be absent.
#include <iostream>
#include <map>

#include "geo/estimate/median.hpp"
#include "server/detect/baseline_change.hpp"
#include "server/detect/change_kind.hpp"
#include "server/detect/cohort_level.hpp"
#include "server/detect/score_law.hpp"
#include "server/detect/watch.hpp"
#include "tests/server/detect/hourly_week.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::diversion_data_test {
namespace {

bool is_here_or_says_so() {
  if (!HourlyWeek::is_here()) WARN("skipped: no " << HourlyWeek::folder().string());
  return HourlyWeek::is_here();
}

constexpr std::array<double, 7> kAdded{0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};

/// Score of a round with `added_ms` more towards all anchors: ours, and by the median for comparison.
double score_of(const RealChip& chip, std::size_t hour, double added_ms, bool by_median) {
  auto round = chip.round(hour);
  std::vector<double> differences;
  std::vector<double> spreads;
  for (std::size_t a = 0; a < round.size(); ++a) {
    round[a] += added_ms;
    if (std::isnan(round[a]) || !chip.baseline[a]) continue;
    differences.push_back(round[a] - static_cast<double>(chip.baseline[a]->centre_ms));
    spreads.push_back(static_cast<double>(chip.baseline[a]->spread_ms));
  }
  if (by_median) {
    return differences.size() < 4 ? kNotMeasured : median(differences) / (0.03 + median(spreads));
  }
  const auto scores = compare_with_baseline(chip.baseline, round);
  return scores ? scores->common_z : kNotMeasured;
}

struct Power {
  std::size_t rounds = 0;
  std::array<double, kAdded.size()> found{};  ///< share of rounds; the first is that of false alarms
};

Power power_of(const HourlyWeek& week, std::size_t anchors, int draws, double rate, bool by_median) {
  Dice dice{20261201};
  std::vector<std::vector<std::array<double, kAdded.size()>>> scores(week.nodes.size());
  for (std::size_t node = 0; node < week.nodes.size(); ++node) {
    for (int draw = 0; draw < draws; ++draw) {
      const RealChip chip = week.chip(node, anchors, dice);
      for (std::size_t hour = kBaselineHours; hour < kHours; ++hour) {
        std::array<double, kAdded.size()> row{};
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = score_of(chip, hour, kAdded[i], by_median);
        if (!std::isnan(row[0])) scores[node].push_back(row);
      }
    }
  }
  Power power;
  for (std::size_t node = 0; node < scores.size(); ++node) {
    std::vector<double> others;
    for (std::size_t other = 0; other < scores.size(); ++other) {
      if (other == node) continue;
      for (const auto& row : scores[other]) others.push_back(row[0]);
    }
    const auto law = ScoreLaw::learn(others);
    REQUIRE(law.has_value());
    for (const auto& row : scores[node]) {
      ++power.rounds;
      for (std::size_t i = 0; i < row.size(); ++i) power.found[i] += law->p_value(row[i]) <= rate ? 1.0 : 0.0;
    }
  }
  for (double& f : power.found) f /= static_cast<double>(power.rounds);
  return power;
}

TEST_CASE("real data: a relay of 2 ms in one round, at one false alarm in 1,000", "[detect][data]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  REQUIRE(week.nodes.size() == 38);
  for (const std::size_t anchors : {8U, 0U}) {
    const Power power = power_of(week, anchors, anchors == 0 ? 1 : 5, 0.001, false);
    CAPTURE(anchors, power.rounds, power.found[0], power.found[1], power.found[4]);
    CHECK(power.rounds > 3'500);
    CHECK(power.found[0] <= 0.003);  // bad hours come together: 3 to 5 of a node at once
    CHECK(power.found[4] >= 0.99);
    if (anchors == 0) CHECK(power.found[1] >= 0.9);
  }
}

TEST_CASE("real data: power against added delay", "[.][measure]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  for (const bool by_median : {false, true}) {
    for (const std::size_t anchors : {8U, 12U, 0U}) {
      for (const double rate : {0.01, 0.001}) {
        const Power power = power_of(week, anchors, anchors == 0 ? 1 : 5, rate, by_median);
        std::printf("%s, %2zu anchors, %zu rounds, rate %.3f: false %.5f;",
                    by_median ? "median  " : "quartile", anchors, power.rounds, rate, power.found[0]);
        for (std::size_t i = 1; i < kAdded.size(); ++i)
          std::printf(" %g ms %.2f %%", kAdded[i], 100.0 * power.found[i]);
        std::printf("\n");
      }
    }
  }
}

/// The node nearest to `node`, more than 30 km away.
std::size_t nearest_to(const HourlyWeek& week, std::size_t node) {
  std::size_t to = node;
  double least = 1e9;
  for (std::size_t other = 0; other < week.nodes.size(); ++other) {
    const double km = geodesic_distance(week.nodes[other].place, week.nodes[node].place).km();
    if (other != node && km > 30.0 && km < least) std::tie(to, least) = std::tuple{other, km};
  }
  return to;
}

TEST_CASE("real data: power against a move and against one path's reroute", "[.][measure]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  const std::array<double, 4> by_ms{1.0, 2.0, 5.0, 10.0};
  for (const std::size_t anchors : {8U, 16U, 0U}) {
    Dice dice{66};
    std::vector<std::vector<ChangeScores>> honest(week.nodes.size());
    std::vector<std::vector<ChangeScores>> moved(week.nodes.size());
    std::array<std::vector<std::vector<ChangeScores>>, by_ms.size()> rerouted;
    rerouted.fill(std::vector<std::vector<ChangeScores>>(week.nodes.size()));
    for (std::size_t node = 0; node < week.nodes.size(); ++node) {
      const RealChip chip = week.chip(node, anchors, dice);
      const std::size_t to = nearest_to(week, node);
      for (std::size_t hour = kBaselineHours; hour < kHours; ++hour) {
        const auto keep = [&](const std::vector<double>& round, std::vector<ChangeScores>& where) {
          if (const auto scores = compare_with_baseline(chip.baseline, round)) where.push_back(*scores);
        };
        auto round = chip.round(hour);
        keep(round, honest[node]);
        const std::size_t path = dice.below(static_cast<unsigned>(round.size()));
        for (std::size_t i = 0; i < by_ms.size(); ++i) {
          auto other = round;
          other[path] += by_ms[i];
          keep(other, rerouted[i][node]);
        }
        for (std::size_t a = 0; a < round.size(); ++a) round[a] = week.rtt_ms(chip.anchors[a], to, hour);
        keep(round, moved[node]);
      }
    }
    const auto share = [&](double ChangeScores::*score, const std::vector<std::vector<ChangeScores>>& tried) {
      double found = 0.0;
      double all = 0.0;
      for (std::size_t node = 0; node < honest.size(); ++node) {
        std::vector<double> others;
        for (std::size_t other = 0; other < honest.size(); ++other) {
          if (other == node) continue;
          for (const auto& scores : honest[other]) others.push_back(scores.*score);
        }
        const auto law = ScoreLaw::learn(others).value();
        for (const auto& scores : tried[node]) {
          found += law.p_value(scores.*score) <= 0.001 ? 1.0 : 0.0;
          all += 1.0;
        }
      }
      return 100.0 * found / all;
    };
    std::printf(
        "%2zu anchors, rate 0.001: move, false %.2f %%, nearest other node %.1f %%; lone, false %.2f %%",
        anchors, share(&ChangeScores::move_z, honest), share(&ChangeScores::move_z, moved),
        share(&ChangeScores::lone_z, honest));
    for (std::size_t i = 0; i < by_ms.size(); ++i) {
      std::printf(", %g ms %.1f %%", by_ms[i], share(&ChangeScores::lone_z, rerouted[i]));
    }
    std::printf("\n");
  }
}

/// Named kinds of windows of six rounds, of which `story` makes another one.
template <class Story>
std::map<ChangeKind, double> kinds_of_week(const HourlyWeek& week, bool with_places, Story story) {
  Dice dice{77};
  std::map<ChangeKind, double> kinds;
  double all = 0.0;
  for (std::size_t node = 0; node < week.nodes.size(); ++node) {
    const RealChip chip = week.chip(node, 16, dice);
    std::vector<LatLon> anchors;
    for (const std::size_t a : chip.anchors) anchors.push_back(week.nodes[a].place);
    for (std::size_t from = kBaselineHours; from + 6 <= kHours; from += 6) {
      std::vector<double> rounds;
      const auto choice = dice.bits();
      for (std::size_t hour = from; hour < from + 6; ++hour) {
        auto round = chip.round(hour);
        Dice same{choice};
        story(same, node, chip, hour, round);
        rounds.insert(rounds.end(), round.begin(), round.end());
      }
      PlaceOptions quick{.permutations = 59};
      KindOptions options;
      options.place = quick;
      const auto report = classify_change(
          chip.baseline, rounds,
          with_places ? std::optional{ChangePlaces{week.nodes[node].place, anchors}} : std::nullopt, options);
      if (!report) continue;
      kinds[report->kind] += 1.0;
      all += 1.0;
    }
  }
  for (auto& [kind, share] : kinds) share /= all;
  return kinds;
}

TEST_CASE("real data: which kind is named", "[detect][data]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  const auto print = [](const char* story, const std::map<ChangeKind, double>& kinds) {
    std::printf("%-28s", story);
    for (const auto& [kind, share] : kinds) std::printf("  %s %.1f %%", name_of(kind).data(), 100.0 * share);
    std::printf("\n");
  };
  const bool measure = std::getenv("CHIPLOC_TABLES") != nullptr;
  const bool places = GENERATE(false, true);
  if (measure) std::printf(places ? "with places\n" : "by signs alone\n");
  const auto of = [&](const char* story, auto change) {
    auto kinds = kinds_of_week(week, places, change);
    if (measure) print(story, kinds);
    return kinds;
  };
  using Round = std::vector<double>;
  auto honest = of("honest", [](Dice&, std::size_t, const RealChip&, std::size_t, Round&) {});
  CHECK(honest[ChangeKind::kNone] + honest[ChangeKind::kReroute] > 0.93);
  CHECK(honest[ChangeKind::kMove] < 0.03);
  auto relay = of("relay of 2 ms", [](Dice&, std::size_t, const RealChip&, std::size_t, Round& round) {
    for (double& r : round) r += 2.0;
  });
  CHECK(relay[ChangeKind::kRelay] > 0.9);
  auto stall =
      of("waits of 2 to 12 ms", [](Dice& dice, std::size_t, const RealChip&, std::size_t hour, Round& round) {
        double added = 0.0;
        for (std::size_t i = 0; i <= hour % 6; ++i) added = dice.between(2.0, 12.0);
        for (double& r : round) r += added;
      });
  CHECK(stall[ChangeKind::kUniformStall] > 0.85);
  auto selective =
      of("1 to 15 ms, to 7 of 10", [](Dice& dice, std::size_t, const RealChip&, std::size_t, Round& round) {
        for (double& r : round) r += dice.chance(0.7) ? dice.between(1.0, 15.0) : 0.0;
      });
  CHECK(selective[ChangeKind::kSelectiveStall] > 0.6);
  auto reroute =
      of("one path by 1 to 9 ms", [](Dice& dice, std::size_t, const RealChip&, std::size_t, Round& round) {
        round[dice.below(static_cast<unsigned>(round.size()))] += dice.between(1.0, 9.0);
      });
  CHECK(reroute[ChangeKind::kReroute] > 0.85);
  // What the same anchors measure of another node, in truth at another place: the nearest one, and any.
  for (const bool nearest : {true, false}) {
    auto move = of(nearest ? "the nearest other node" : "any other node",
                   [&](Dice& dice, std::size_t node, const RealChip& chip, std::size_t hour, Round& round) {
                     std::size_t to = dice.below(static_cast<unsigned>(week.nodes.size()));
                     if (nearest) to = nearest_to(week, node);
                     if (to == node) to = (to + 1) % week.nodes.size();
                     for (std::size_t a = 0; a < round.size(); ++a)
                       round[a] = week.rtt_ms(chip.anchors[a], to, hour);
                   });
    // Of a near place the pattern is mostly too small for its permutations; then it is a reroute in name.
    CHECK(move[ChangeKind::kMove] > (places && nearest ? 0.15 : 0.5));
    CHECK(move[ChangeKind::kNone] < 0.02);
  }
}

TEST_CASE("real data: hours of a node as chips of a site, one of them 25 km away", "[detect][data]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  for (const std::size_t chips : {3U, 6U}) {
    Dice dice{88};
    std::size_t sites = 0;
    std::size_t accused = 0;
    std::size_t found = 0;
    for (std::size_t node = 0; node < week.nodes.size(); ++node) {
      for (int trial = 0; trial < 50; ++trial) {
        const RealChip chip = week.chip(node, 12, dice);
        const std::size_t anchors = chip.anchors.size();
        const std::size_t from = dice.below(static_cast<unsigned>(kHours - chips));
        std::vector<double> rtt(chip.rtt_ms.begin() + static_cast<std::ptrdiff_t>(from * anchors),
                                chip.rtt_ms.begin() + static_cast<std::ptrdiff_t>((from + chips) * anchors));
        const auto honest = test_cohort(rtt, anchors);
        ++sites;
        accused +=
            std::any_of(honest.begin(), honest.end(), [](const auto& m) { return m.flagged; }) ? 1U : 0U;
        const LatLon here = week.nodes[node].place;
        const LatLon there = geodesic_direct(here, dice.between(0.0, 360.0), Kilometers{25.0});
        for (std::size_t a = 0; a < anchors; ++a) {
          const LatLon anchor = week.nodes[chip.anchors[a]].place;
          // At the speed of light in fibre along the great circle: real detours make it more.
          rtt[a] += (geodesic_distance(there, anchor) - geodesic_distance(here, anchor)).km() / 100.0;
        }
        found += test_cohort(rtt, anchors)[0].flagged ? 1U : 0U;
      }
    }
    std::printf(
        "cohorts of %zu hours, twelve anchors: %zu of %zu honest ones accused; 25 km away: %.1f %% found\n",
        chips, accused, sites, 100.0 * static_cast<double>(found) / static_cast<double>(sites));
    CHECK(static_cast<double>(accused) <= 0.01 * static_cast<double>(sites));
    CHECK(static_cast<double>(found) > (chips == 3 ? 0.2 : 0.5) * static_cast<double>(sites));
  }
}

TEST_CASE("real data: how long a watch takes, and what it flags of honest nodes", "[.][measure]") {
  if (!is_here_or_says_so()) return;
  const HourlyWeek week;
  const double goal = FlagBudget{.flags_per_chip_year = 0.01}.rounds_per_flag().value();
  Dice dice{99};
  std::vector<RealChip> chips;
  std::vector<std::vector<double>> honest(week.nodes.size());
  for (std::size_t node = 0; node < week.nodes.size(); ++node) {
    chips.push_back(week.chip(node, 12, dice));
    for (std::size_t hour = kBaselineHours; hour < kHours; ++hour) {
      honest[node].push_back(score_of(chips[node], hour, 0.0, false));
    }
  }
  for (const double added : {0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0}) {
    std::size_t flagged = 0;
    std::size_t flagged_by_days = 0;
    std::vector<std::size_t> delays;
    for (std::size_t node = 0; node < chips.size(); ++node) {
      std::vector<double> others;
      for (std::size_t other = 0; other < chips.size(); ++other) {
        for (const double s : honest[other]) {
          if (other != node && !std::isnan(s)) others.push_back(s);
        }
      }
      const auto law = ScoreLaw::learn(others).value();
      EvidenceWatch watch;
      BlockWatch days;
      bool any = false;
      bool any_by_days = false;
      for (std::size_t hour = kBaselineHours; hour < kHours; ++hour) {
        const double p = law.p_value(score_of(chips[node], hour, added, false));
        any_by_days = days.add(p, 24, goal).value() || any_by_days;
        if (watch.add(p, goal).value() && !any) {
          any = true;
          delays.push_back(hour - kBaselineHours + 1);
        }
      }
      flagged += any ? 1U : 0U;
      flagged_by_days += any_by_days ? 1U : 0U;
    }
    std::sort(delays.begin(), delays.end());
    std::printf(
        "added %.2f ms: %zu of %zu flagged within 97 hours (by days: %zu), the middle one after %zu\n", added,
        flagged, chips.size(), flagged_by_days, delays.empty() ? 0 : delays[delays.size() / 2]);
  }
}

}  // namespace
}  // namespace chiploc::diversion_data_test
