// How many stored rounds a second another policy is held against, from a real store. A Catch2 program, since
// the maker of rounds is the tests'.
#include "server/storage/sqlite/store.hpp"
#include "server/verifier/policy_trial.hpp"
#include "tests/bench/figure.hpp"
#include "tests/server/service/kept_round.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr std::size_t kDifferent = 100;  // rounds judged; each is stored so many times:
constexpr std::size_t kCopies = 100;
constexpr double kGoal = 3'000.0;

struct TrialSite {
  const char* name;
  double lat, lon;
};
constexpr TrialSite kTrialSites[] = {{"fra", 50.1, 8.7},  {"ber", 52.5, 13.4}, {"ham", 53.6, 10.0},
                                     {"muc", 48.1, 11.6}, {"par", 48.9, 2.4},  {"ams", 52.4, 4.9},
                                     {"lon", 51.5, -0.1}, {"zrh", 47.4, 8.5},  {"mil", 45.5, 9.2},
                                     {"vie", 48.2, 16.4}, {"waw", 52.2, 21.0}, {"sto", 59.3, 18.1}};

}  // namespace

TEST_CASE("what another policy over stored rounds costs", "[bench]") {
  test::RoundMaker maker;
  for (const TrialSite& site : kTrialSites) maker.add_anchor(site.name, {.lat = site.lat, .lon = site.lon});
  test::StoredRoundMaker made{std::move(maker)};
  made.posterior_left_out = true;
  made.claim = {.licence = "L-1",
                .licensed = {CountryCode::from_text("DE").value()},
                .prohibited = {CountryCode::from_text("KP").value(), CountryCode::from_text("RU").value()}};
  const TempDir folder;
  const std::string path = (folder / "chiploc.db").string();
  const auto opened = open_sqlite_store({.path = path});
  REQUIRE(opened);
  Store& store = **opened;
  StoredRound one;
  for (std::size_t i = 0; i < kDifferent; ++i) {
    made.maker.path_factor = 1.0 + 0.01 * static_cast<double>(i);
    one = made.store(made.maker.make({.lat = 48.0 + 0.05 * static_cast<double>(i), .lon = 9.5}));
    REQUIRE(store.begin_batch());
    for (std::size_t copy = 0; copy < kCopies; ++copy) {
      made.maker.round = random_id<RoundId>();
      StoredRound bare = one;
      bare.reports.clear();  // a trial reads none
      bare.statements.clear();
      made.record.set_verdict_id(string_of(random_id<VerdictId>().bytes));
      test::keep(store, made, bare);
    }
    REQUIRE(store.commit_batch());
  }
  const auto reader = open_sqlite_reader({.path = path}).value();
  std::size_t judged = 0, changed = 0;
  // As ReplayPolicy does it: pages of 1,000, a trial for each.
  const auto all_of = [&](const Policy& policy) {
    VerdictQuery query{.limit = 1'000, .oldest_first = true};
    do {
      PolicyTrial trial{policy, own_borders(), [&](const Digest& digest) -> std::optional<std::string> {
                          return reader->rounds().area(digest).value();
                        }};
      const JudgedPage page = reader->verdicts().judged_rounds(query).value();
      for (const JudgedRound& round : page.rows) {
        const TrialOutcome outcome = trial.judge(round.context, round.record);
        judged += outcome.kind == TrialOutcome::Kind::kJudged ? 1U : 0U;
        changed += outcome.is != outcome.was ? 1U : 0U;
      }
      query.after = page.next;
    } while (query.after);
  };
  Policy strict;
  strict.fault_budget = 2;
  const double from = thread_cpu_us();
  const double wall = wall_us([&] { all_of(strict); }) / static_cast<double>(kDifferent * kCopies);
  const double cpu = (thread_cpu_us() - from) / static_cast<double>(kDifferent * kCopies);
  REQUIRE(judged == kDifferent * kCopies);
  REQUIRE(changed > 0);
  PolicyTrial trial{strict, own_borders(), [](const Digest&) { return std::nullopt; }};
  const double judge_us = cost_us(200, [&](std::size_t) {
    changed += trial.judge(one.context, one.record).is != VerdictState::kVerified ? 1U : 0U;
  });
  const double replay_us = cost_us(
      10, [&](std::size_t) { changed += replay(one, own_borders(), strict).judged.has_value() ? 1U : 0U; });
  print_figure("policy replay, rounds a second and core: ours / goal", text("%.0f /s", 1e6 / cpu),
               text("%.0f /s", kGoal), 1e6 / cpu / kGoal, Want::kAtLeast, 1.0);
  print_plain("  a round from the store, processor time; wall",
              text("%.0f us; ", cpu) + text("%.0f us", wall));
  print_plain("  of it: judging", text("%.0f us", judge_us));
  print_plain("  the same round judged whole, from its evidence", text("%.0f us", replay_us));
  print_plain("  bytes of its record and context",
              text("%.0f", static_cast<double>(one.record.size() + one.context.size())));
}

}  // namespace chiploc::bench
