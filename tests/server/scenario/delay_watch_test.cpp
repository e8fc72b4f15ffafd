// Estimates over made round trips: each finds what it is for, and says nothing where nothing is.
#include "server/scenario/delay_watch.hpp"

#include <cmath>
#include <limits>

#include "server/eval/dice.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kAnchors = 8;

LatLon at(double lat, double lon) { return *LatLon::from_degrees({.lat = lat, .lon = lon}); }

const std::vector<LatLon> kPlaces{at(50, 8),  at(48, 2),  at(52, 13), at(45, 9),
                                  at(40, -4), at(59, 18), at(51, 0),  at(47, 19)};

/// A site whose chips share its cables, measured once an hour.
struct Site {
  Dice dice;
  std::vector<DelayChip> chips;

  explicit Site(std::size_t count, std::uint64_t seed = 7) : dice{seed} {
    for (std::size_t c = 0; c < count; ++c) chips.push_back({"hall", at(49, 9), {}});
  }
  /// One more round of all chips; `more` is what chip and anchor have on top.
  template <class More>
  void measure(const More& more) {
    const std::size_t round = chips[0].rounds.size();
    for (std::size_t c = 0; c < chips.size(); ++c) {
      DelayRound one{.round = round, .began = static_cast<int>(round) * 1h, .rtt_ms = {}};
      one.ended = one.began + 5s;
      for (std::size_t a = 0; a < kAnchors; ++a)
        one.rtt_ms.push_back(5.0 + 3.0 * static_cast<double>(a) - 0.02 * std::log(1.0 - dice.unit()) +
                             more(c, a));
      chips[c].rounds.push_back(std::move(one));
    }
  }
  void honest(int rounds) {
    for (int i = 0; i < rounds; ++i) measure([](std::size_t, std::size_t) { return 0.0; });
  }
};

const DetectRules kRules{.baseline_rounds = 6, .law_rounds = 12};

std::vector<DelayWord> words_by(const DelayFinding& finding, Detector by) {
  std::vector<DelayWord> out;
  for (const DelayWord& word : finding.words) {
    if (word.by == by) out.push_back(word);
  }
  return out;
}

std::size_t all_words(const std::vector<DelayFinding>& findings, Detector by) {
  std::size_t out = 0;
  for (const DelayFinding& one : findings) out += words_by(one, by).size();
  return out;
}

TEST_CASE("delay watch: honest chips are spoken of within the budget", "[scenario][detect]") {
  std::size_t baseline = 0, cohort = 0, fleet = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Site site{10, seed};
    site.honest(18 + 48);
    const auto found = watch_delays(site.chips, kPlaces, kRules);
    baseline += all_words(found, Detector::kBaseline);
    cohort += all_words(found, Detector::kCohort);
    fleet += all_words(found, Detector::kFleet);
  }
  // 9,600 judged rounds at one in 1,000, 1,320 cohorts and 40 days at 0.001 each; four standard errors more.
  CHECK(baseline <= 23);
  CHECK(cohort <= 6);
  CHECK(fleet <= 2);
}

TEST_CASE("delay watch: what is added to all paths of one chip is a relay, and soon found",
          "[scenario][detect]") {
  Site site{10};
  site.honest(20);
  for (int i = 0; i < 4; ++i) site.measure([](std::size_t c, std::size_t) { return c == 3 ? 2.0 : 0.0; });
  const auto found = watch_delays(site.chips, kPlaces, kRules);
  const auto words = words_by(found[3], Detector::kBaseline);
  REQUIRE_FALSE(words.empty());
  CHECK(words[0].kind == "relay");
  CHECK(words[0].round >= 20);
  CHECK(words[0].round <= 21);
  CHECK(words[0].at == site.chips[3].rounds[words[0].round].ended);
  CHECK(all_words(found, Detector::kBaseline) == words.size());
  CHECK(*found[3].change[20] > 10.0);
  CHECK_FALSE(found[3].change[5].has_value());  // of the baseline itself
}

TEST_CASE("delay watch: longer towards some and shorter towards others is a move", "[scenario][detect]") {
  Site site{10};
  site.honest(20);
  for (int i = 0; i < 4; ++i)
    site.measure([](std::size_t c, std::size_t a) { return c != 2 ? 0.0 : (a % 2 == 0 ? 3.0 : -3.0); });
  const auto words = words_by(watch_delays(site.chips, kPlaces, kRules)[2], Detector::kBaseline);
  REQUIRE_FALSE(words.empty());
  CHECK((words[0].kind == "move" || words[0].kind == "selective_stall" || words[0].kind == "reroute"));
  CHECK(words[0].kind != "relay");
}

TEST_CASE("delay watch: without a hundred scores to learn from nothing is said of a change",
          "[scenario][detect]") {
  for (const std::size_t chips : {8U, 9U}) {  // 96 and 108 scores
    Site site{chips};
    site.honest(20);
    for (int i = 0; i < 4; ++i) site.measure([](std::size_t c, std::size_t) { return c == 3 ? 2.0 : 0.0; });
    const auto found = watch_delays(site.chips, kPlaces, kRules);
    CHECK(words_by(found[3], Detector::kBaseline).empty() == (chips == 8));
    if (chips == 8) CHECK(all_words(found, Detector::kFleet) == 0);
  }
}

TEST_CASE(
    "delay watch: a relay that was there from the beginning is not seen by the baseline, and by the cohort is",
    "[scenario][detect]") {
  Site site{10};
  for (int i = 0; i < 26; ++i) site.measure([](std::size_t c, std::size_t) { return c == 3 ? 2.0 : 0.0; });
  const auto found = watch_delays(site.chips, kPlaces, kRules);
  CHECK(words_by(found[3], Detector::kBaseline).empty());
  const auto cohort = words_by(found[3], Detector::kCohort);
  REQUIRE(cohort.size() == 26);  // in each round, from the first on
  CHECK(cohort[0].round == 0);
  CHECK(cohort[0].kind == "later");
  CHECK(all_words(found, Detector::kCohort) == 26);
  CHECK(*found[3].cohort[0] > 3.0);
}

TEST_CASE("delay watch: a chip that cheats while the law is learnt makes all of them blind",
          "[scenario][detect]") {
  for (const bool learnt : {false, true}) {
    Site site{10};
    site.honest(12);  // six of the baseline, six of the law
    for (int i = 0; i < 8; ++i)
      site.measure([&](std::size_t c, std::size_t) { return learnt && c == 9 ? 20.0 : 0.0; });
    for (int i = 0; i < 6; ++i) site.measure([](std::size_t c, std::size_t) { return c == 3 ? 20.0 : 0.0; });
    const auto found = watch_delays(site.chips, kPlaces, kRules);
    CAPTURE(learnt);
    CHECK(words_by(found[3], Detector::kBaseline).empty() == learnt);
    CHECK(words_by(found[3], Detector::kFleet).empty() == learnt);
    // Who looks at the same round alone has learnt nothing, and is not blind.
    CHECK(words_by(found[3], Detector::kCohort).size() == 6);
  }
}

TEST_CASE("delay watch: rounds that teach are not judged, and without a law none is", "[scenario][detect]") {
  for (const std::size_t chips : {8U, 10U}) {
    Site site{chips};
    site.honest(22);
    const auto found = watch_delays(site.chips, kPlaces, kRules);
    for (std::size_t r = 0; r < 22; ++r) {
      CAPTURE(chips, r);
      for (const Detector by : {Detector::kBaseline, Detector::kFleet})
        CHECK(found[1].judged[r].test(static_cast<std::size_t>(by)) == (chips == 10 && r >= 18));
      CHECK(found[1].judged[r].test(static_cast<std::size_t>(Detector::kCohort)));
      CHECK_FALSE(found[1].judged[r].test(static_cast<std::size_t>(Detector::kRegion)));
    }
  }
}

TEST_CASE(
    "delay watch: a chip that is longer towards some and shorter towards others is elsewhere to its cohort",
    "[scenario][detect]") {
  Site site{10};
  site.measure([](std::size_t c, std::size_t a) { return c != 0 ? 0.0 : (a % 2 == 0 ? 0.4 : -0.4); });
  const auto words = words_by(watch_delays(site.chips, kPlaces, kRules)[0], Detector::kCohort);
  REQUIRE(words.size() == 1);
  CHECK(words[0].kind == "elsewhere");
}

TEST_CASE("delay watch: chips of another site, and of another round, are no cohort", "[scenario][detect]") {
  Site site{10};
  site.measure([](std::size_t c, std::size_t) { return c == 0 ? 2.0 : 0.0; });
  REQUIRE(words_by(watch_delays(site.chips, kPlaces, kRules)[0], Detector::kCohort).size() == 1);
  site.chips[0].site_name = "another hall";
  CHECK(words_by(watch_delays(site.chips, kPlaces, kRules)[0], Detector::kCohort).empty());
  site.chips[0].site_name = "hall";
  site.chips[0].rounds[0].round = 1;
  CHECK(words_by(watch_delays(site.chips, kPlaces, kRules)[0], Detector::kCohort).empty());
}

TEST_CASE("delay watch: the fleet tells a few that moved a little from a route that changed for all",
          "[scenario][detect]") {
  const DetectRules rules{.baseline_rounds = 6, .law_rounds = 4, .level = 0.001};
  for (const bool all : {false, true}) {
    Site site{60};
    site.honest(11);
    for (int i = 0; i < 6; ++i)
      site.measure([&](std::size_t c, std::size_t) { return all || c < 4 ? 0.2 : 0.0; });
    const auto found = watch_delays(site.chips, kPlaces, rules);
    const std::size_t words = all_words(found, Detector::kFleet);
    CAPTURE(all, words);
    if (all) {
      CHECK(words == 0);
      continue;
    }
    std::size_t right = 0;
    for (std::size_t c = 0; c < 4; ++c) right += words_by(found[c], Detector::kFleet).size();
    CHECK(right >= 2);  // the level is of there being any; how many is the best guess
    CHECK(words - right <= 4);
    CHECK(words_by(found[0], Detector::kFleet)[0].kind == "share");
  }
}

TEST_CASE("delay watch: rounds that measured nothing, or too little, are no rounds", "[scenario][detect]") {
  Site site{10};
  site.honest(20);
  for (int i = 0; i < 4; ++i) site.measure([](std::size_t c, std::size_t) { return c == 3 ? 2.0 : 0.0; });
  site.chips[3].rounds[0].rtt_ms.clear();
  for (std::size_t a = 0; a + 3 < kAnchors; ++a)
    site.chips[3].rounds[1].rtt_ms[a] = std::numeric_limits<double>::quiet_NaN();
  const auto found = watch_delays(site.chips, kPlaces, kRules);
  CHECK_FALSE(found[3].change[7].has_value());  // 2 to 7 are the baseline
  CHECK(found[3].change[8].has_value());
  CHECK_FALSE(found[3].cohort[0].has_value());
  CHECK_FALSE(words_by(found[3], Detector::kBaseline).empty());
  CHECK(watch_delays({}, kPlaces, kRules).empty());
  CHECK(watch_delays(site.chips, {}, kRules)[3].words.empty());
}

}  // namespace
}  // namespace chiploc
