#include "server/rounds/round.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kWall{1'700'000'000s};
SteadyTime at(Nanoseconds t) { return {t}; }

AnchorId anchor(std::uint8_t i) {
  AnchorId id;
  id.bytes.fill(i);
  return id;
}

Round make(std::size_t anchors, RoundOptions options = {}) {
  std::vector<Round::AnchorSeat> seats;
  std::vector<Nonce> nonces;
  for (std::size_t i = 0; i < anchors; ++i) {
    Endpoint e;
    e.address = {192, 0, 2, static_cast<std::uint8_t>(i + 1)};
    e.port = 7411;
    seats.push_back({anchor(static_cast<std::uint8_t>(i + 1)), e});
  }
  for (std::size_t i = 0; i <= anchors; ++i) {
    Nonce n;
    n.bytes.fill(static_cast<std::uint8_t>(100 + i));
    nonces.push_back(n);
  }
  return Round{options, RoundId{}, ChipId{}, CoordinatorId{}, seats, nonces, at(0s)};
}

X25519Public key(std::uint8_t i) {
  X25519Public k;
  k.bytes.fill(i);
  return k;
}

template <class Action>
const Action* only(const std::vector<RoundAction>& actions) {
  REQUIRE(actions.size() == 1);
  return std::get_if<Action>(&actions.front());
}

/// A round with all anchors prepared, at 1 s.
Round measuring(std::size_t anchors) {
  Round round = make(anchors);
  (void)round.start();
  for (std::size_t i = 0; i < anchors; ++i) (void)round.on_prepared(i, key(1), at(1s), kWall);
  REQUIRE(round.state() == Round::State::kMeasuring);
  return round;
}

TEST_CASE("round: begins by asking every anchor to prepare") {
  Round round = make(3);
  const auto actions = round.start();
  REQUIRE(actions.size() == 3);
  CHECK(std::get<AskPrepare>(actions[2]).anchor == 2);
  CHECK(round.next_deadline() == at(3s));
}

TEST_CASE("round: issues tickets as soon as the last anchor is ready") {
  Round round = make(2);
  (void)round.start();
  CHECK(round.on_prepared(1, key(7), at(100ms), kWall).empty());
  const auto actions = round.on_prepared(0, key(8), at(200ms), kWall);
  const auto* issue = only<IssueTickets>(actions);
  REQUIRE(issue != nullptr);
  REQUIRE(issue->tickets.size() == 2);
  CHECK(issue->tickets[0].anchor_public == key(8));
  CHECK(issue->tickets[1].anchor == anchor(2));
  CHECK(issue->tickets[1].anchor_index == 1);
  CHECK(issue->tickets[1].anchor_count == 2);
  CHECK(issue->tickets[0].nonce != issue->tickets[1].nonce);
  CHECK(issue->tickets[0].not_before == 1'700'000'000);
  CHECK(issue->tickets[0].not_after == 1'700'000'120);
  CHECK(issue->report_within == 15s - 4s - 200ms);
}

TEST_CASE("round: goes on without anchors that are silent, refuse or vanish while preparing") {
  Round round = make(3);
  (void)round.start();
  (void)round.on_cannot_prepare(0, at(100ms), kWall);
  (void)round.on_prepared(1, key(7), at(100ms), kWall);
  CHECK(round.on_timer(at(2999ms), kWall).empty());
  const auto actions = round.on_timer(at(3s), kWall);
  const auto* issue = only<IssueTickets>(actions);
  REQUIRE(issue != nullptr);
  CHECK(issue->tickets.size() == 1);
  CHECK(issue->anchors == std::vector<std::size_t>{1});
  CHECK(issue->tickets[0].anchor_index == 0);
  CHECK(issue->tickets[0].anchor_count == 1);
}

TEST_CASE("round: is abandoned when no anchor is ready") {
  Round round = make(2);
  (void)round.start();
  CHECK(only<Abandon>(round.on_timer(at(3s), kWall)) != nullptr);
  CHECK(round.state() == Round::State::kDecided);
  CHECK_FALSE(round.next_deadline());
}

TEST_CASE("round: the first key of an anchor counts, and keys after the tickets do not") {
  Round round = make(2);
  (void)round.start();
  (void)round.on_prepared(0, key(1), at(0s), kWall);
  (void)round.on_prepared(0, key(2), at(0s), kWall);
  const auto actions = round.on_prepared(1, key(3), at(0s), kWall);
  CHECK(std::get<IssueTickets>(actions.front()).tickets[0].anchor_public == key(1));
  CHECK(round.on_prepared(1, key(4), at(0s), kWall).empty());
}

TEST_CASE("round: closes when all have reported, over those with a finished session") {
  Round round = measuring(3);
  CHECK(round.on_report(0, {1, 9ms}, at(2s)).empty());
  CHECK(round.on_report(1, {0, 0ms}, at(2s)).empty());
  const auto actions = round.on_report(2, {1, 4ms}, at(2s));
  REQUIRE(actions.size() == 2);
  CHECK(std::get<IssueClose>(actions[0]).order.mask == 0b101);
  CHECK(std::get<IssueClose>(actions[0]).order.nonce.bytes[0] == 103);
  CHECK(std::get<AskClose>(actions[1]).anchor == 2);  // the nearest
}

TEST_CASE("round: a second report of an anchor changes nothing") {
  Round round = measuring(2);
  (void)round.on_report(0, {1, 9ms}, at(2s));
  CHECK(round.on_report(0, {0, 1ms}, at(2s)).empty());
  const auto actions = round.on_report(1, {1, 5ms}, at(2s));
  CHECK(std::get<IssueClose>(actions[0]).order.mask == 0b11);
}

TEST_CASE("round: closes at the deadline with what there is") {
  Round round = measuring(2);
  (void)round.on_report(1, {1, 9ms}, at(2s));
  const SteadyTime deadline = round.next_deadline().value();
  CHECK(deadline == at(15s - 4s + 1500ms));
  const auto actions = round.on_timer(deadline, kWall);
  CHECK(std::get<IssueClose>(actions[0]).order.mask == 0b10);
}

TEST_CASE("round: decides at once when no session finished") {
  Round round = measuring(1);
  CHECK(only<Decide>(round.on_report(0, {0, 0ms}, at(2s))) != nullptr);
  CHECK(round.state() == Round::State::kDecided);
}

TEST_CASE("round: asks one anchor after another until a statement comes, then decides") {
  Round round = measuring(2);
  (void)round.on_report(0, {1, 9ms}, at(2s));
  (void)round.on_report(1, {1, 4ms}, at(2s));
  CHECK(round.next_deadline() == at(3200ms));
  const auto again = round.on_timer(at(3200ms), kWall);
  CHECK(only<AskClose>(again)->anchor == 0);
  CHECK(round.on_timer(at(4400ms), kWall).empty());  // nobody left to ask
  CHECK(round.next_deadline() == at(15s));
  CHECK(only<Decide>(round.on_statement(at(5s))) != nullptr);
}

TEST_CASE(
    "round: a statement that does not count makes it ask the next anchor at once, and decides nothing") {
  Round round = measuring(2);
  CHECK(round.on_doubted_statement(at(1s)).empty());  // nobody has been asked yet
  (void)round.on_report(0, {1, 9ms}, at(2s));
  (void)round.on_report(1, {1, 4ms}, at(2s));
  CHECK(only<AskClose>(round.on_doubted_statement(at(2100ms)))->anchor == 0);
  CHECK(round.on_doubted_statement(at(2200ms)).empty());  // nobody left to ask
  CHECK(round.state() == Round::State::kClosing);
  CHECK(only<Decide>(round.on_statement(at(5s))) != nullptr);
}

TEST_CASE("round: decides at its deadline without a statement") {
  Round round = measuring(1);
  (void)round.on_report(0, {1, 9ms}, at(2s));
  (void)round.on_timer(at(3200ms), kWall);
  CHECK(only<Decide>(round.on_timer(at(15s), kWall)) != nullptr);
}

TEST_CASE("round: where two holders of the key showed, it asks that anchor first and waits for both") {
  Round round = measuring(2);
  (void)round.on_report(0, {2, 9ms}, at(2s));
  const auto actions = round.on_report(1, {1, 4ms}, at(2s));
  CHECK(std::get<AskClose>(actions[1]).anchor == 0);
  CHECK(round.on_statement(at(3s)).empty());
  SECTION("the second comes") { CHECK(only<Decide>(round.on_statement(at(4s))) != nullptr); }
  SECTION("or not: then the other anchor is asked, and the deadline ends it") {
    CHECK(only<AskClose>(round.on_timer(at(3200ms), kWall))->anchor == 1);
    CHECK(round.on_timer(at(14s), kWall).empty());
    CHECK(only<Decide>(round.on_timer(at(15s), kWall)) != nullptr);
  }
}

TEST_CASE("round: events out of their state are ignored") {
  Round round = make(1);
  (void)round.start();
  CHECK(round.on_report(0, {1, 1ms}, at(0s)).empty());
  CHECK(round.on_statement(at(0s)).empty());
  CHECK(round.on_prepared(5, key(1), at(0s), kWall).empty());
  CHECK(round.on_report(9, {1, 1ms}, at(0s)).empty());
  CHECK(round.state() == Round::State::kPreparing);
}

TEST_CASE("round: knows who sits where") {
  const Round round = make(3);
  CHECK(round.seat_of(anchor(2)) == 1U);
  CHECK_FALSE(round.seat_of(anchor(9)));
}

TEST_CASE("round: the least deadline holds the protocol's own timers, for knocking chips the knock as well") {
  const RoundOptions defaults;
  CHECK(least_deadline(defaults, ChipReach::kInbound) == 10'400ms);
  CHECK(least_deadline(defaults, ChipReach::kKnocks) == 72'800ms);  // an agent may let 60 s pass
  RoundOptions quick = defaults;
  quick.linger = 300ms;
  quick.knock_interval = 200ms;
  CHECK(least_deadline(quick, ChipReach::kInbound) == 5'000ms);
  CHECK(least_deadline(quick, ChipReach::kKnocks) == 9'500ms);

  for (const Nanoseconds linger : {Nanoseconds{0ms}, Nanoseconds{800ms}, Nanoseconds{20s}}) {
    for (const Nanoseconds prepare : {Nanoseconds{100ms}, Nanoseconds{3s}, Nanoseconds{60s}}) {
      RoundOptions options;
      options.linger = linger;
      options.prepare_deadline = prepare;
      const Nanoseconds least = least_deadline(options, ChipReach::kInbound);
      const RoundOptions fitted = fit_to_deadline(options, least);
      const Nanoseconds measuring = least - fitted.prepare_deadline - fitted.closing_share;
      // Three OPENs and their way, then the linger time, and the anchors finish ahead.
      const Nanoseconds lead = std::min<Nanoseconds>(1500ms, measuring / 4);
      CHECK(measuring - lead >= 1'250ms + std::max<Nanoseconds>(linger, 180ms));
      CHECK(fitted.prepare_deadline <= least / 4);
      CHECK(fitted.closing_share <= least / 3);
    }
  }
}

TEST_CASE(
    "round: how long a knock is waited for, and the deadline that holds the wait, are each other's inverse") {
  const RoundOptions defaults;
  for (const Nanoseconds wait :
       {Nanoseconds{0s}, Nanoseconds{1s}, Nanoseconds{61s}, Nanoseconds{180s}, Nanoseconds{9min}}) {
    const Nanoseconds least = least_deadline(defaults, wait);
    const Nanoseconds within = knock_wait_within(fit_to_deadline(defaults, least));
    CAPTURE(wait.count(), within.count());
    CHECK(within >= wait);
    CHECK(within < wait + 200ms);  // deadlines come in steps of 100 ms
    CHECK(knock_wait_within(fit_to_deadline(defaults, least - 200ms)) < std::max<Nanoseconds>(wait, 1ns));
    // And tickets are valid for longer than the round may take.
    CHECK(fit_to_deadline(defaults, least).validity > least);
  }
  CHECK(usual_knock_wait(defaults) == 61s);
  CHECK(knock_wait_within(fit_to_deadline(defaults, 2s)) == 0s);
}

TEST_CASE("round: when the chip has come, what is left is as short as if nobody had waited for it") {
  const RoundOptions options = fit_to_deadline({}, least_deadline({}, Nanoseconds{180s}));
  Round round = make(3, options);
  (void)round.start();
  round.end_knock_wait(at(1s));  // nobody has a ticket yet
  for (std::size_t i = 0; i < 3; ++i) (void)round.on_prepared(i, key(1), at(1s), kWall);
  const SteadyTime before = *round.next_deadline();
  CHECK(before > at(180s));
  CHECK(round.on_report(1, {1, 9ms}, at(20s)).empty());
  round.end_knock_wait(at(20s));
  CHECK(*round.next_deadline() == at(21s));
  CHECK(round.on_timer(at(21s) - Nanoseconds{1}, kWall).empty());
  const auto actions = round.on_timer(at(21s), kWall);
  REQUIRE(actions.size() == 2);
  std::vector<std::size_t> asked;
  for (const RoundAction& action : actions) {
    const auto* report = std::get_if<AskReport>(&action);
    REQUIRE(report);
    asked.push_back(report->anchor);
    // Three OPENs, their way and the linger time since the first reports.
    CHECK(report->within >= 3250ms - 1s);
    CHECK(report->within < 5s);
    CHECK(*round.next_deadline() == at(21s) + report->within + 1500ms);
  }
  CHECK(asked == std::vector<std::size_t>{0, 2});
  round.end_knock_wait(at(22s));  // nothing more to gain
  CHECK(*round.next_deadline() < at(28s));
  CHECK(round.on_timer(at(23s), kWall).empty());
  // At its end the order goes out for those that reported, and the round is over soon after.
  const SteadyTime end = *round.next_deadline();
  const auto closing = round.on_timer(end, kWall);
  REQUIRE(closing.size() == 2);
  CHECK(std::get_if<AskClose>(&closing[1])->within <= options.closing_share);
  CHECK(round.state() == Round::State::kClosing);
}

TEST_CASE("round: tickets stay valid for as long as their round may last") {
  CHECK(fit_to_deadline({}, 15s).validity == 120s);
  CHECK(fit_to_deadline({}, 600s).validity == 1'200s);
  CHECK(fit_to_deadline({}, 15s).prepare_deadline == 3s);
  CHECK(fit_to_deadline({}, 15s).closing_share == 4s);
}

}  // namespace
}  // namespace chiploc
