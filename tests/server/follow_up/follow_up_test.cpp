// What follows from the status of chips: orders, cases and notices of the same transaction.
#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test {
namespace {

using enum VerdictKind;

/// Four chips of one order at one site.
FollowWorld& four_chips(FollowWorld& world) {
  for (unsigned n = 1; n <= 4; ++n) world.chip(n);
  world.begin();
  return world;
}
FollowWorld::Rules strict() {
  FollowWorld::Rules rules;
  rules.follow.orders.hold_least = 2;
  rules.follow.orders.hold_share = 50;
  rules.follow.orders.release_share = 25;
  return rules;
}

}  // namespace

TEST_CASE("follow up: a chip that drifts opens one case for all of its order and site", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  world.judged(1, 1, kOutside);
  CHECK(world.cases().empty());
  world.judged(2, 1, kOutside);
  world.judged(3, 2, kOutside);
  world.judged(4, 2, kOutside);
  REQUIRE(world.cases().size() == 1);
  const CaseStory story = world.case_of(CaseKind::kElsewhere, 5);
  CHECK(story.standing == 2);
  CHECK(story.state == CaseState::kOpen);
  CHECK(story.weights.order_chips == 4);
  CHECK(world.order(5).state == OrderState::kHold);
  CHECK(world.told() == "chip.status_changed " + case_chip(1).hex() +
                            ", case.opened C-1, chip.status_changed " + case_chip(2).hex() +
                            ", order.held O-1, case.updated C-1");
  const auto& held = std::get<OrderHeld>(world.notices.at(3).facts);
  CHECK(held.because_of == "C-1");
  CHECK(held.facts.chips_count == 50);
}

TEST_CASE("follow up: other rules that come into force act with an order's next event", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  FollowRules milder = strict().follow;
  milder.orders.hold_least = 3;
  world.put_in_force(milder);
  CHECK(world.follow->order_rules().hold_least == 3);
  for (const unsigned n : {1U, 2U}) {
    world.judged(n, n, kOutside);
    world.judged(n + 0.5, n, kOutside);
  }
  CHECK(world.order(5).state == OrderState::kOpen);
  world.put_in_force(strict().follow);
  world.judged(6, 3, kProof);
  CHECK(world.order(7).state == OrderState::kHold);
}

TEST_CASE("follow up: what fails when it is told undoes the verdict, and is told once when it is repeated",
          "[follow_up]") {
  for (unsigned at = 1; at <= 3; ++at) {
    FollowWorld world{strict()};
    four_chips(world);
    world.judged(1, 1, kOutside);
    world.judged(2, 1, kOutside);
    world.judged(3, 2, kOutside);
    const auto tables = tables_of(*raw(world.folder));
    const Contents before = contents_of(*raw(world.folder), tables);
    const std::size_t told = world.notices.size();
    world.fail_at = at;
    CHECK_FALSE(world.try_judge(4, 2, kOutside));
    CHECK(contents_of(*raw(world.folder), tables) == before);
    world.notices.resize(told);
    CHECK(world.try_judge(4, 2, kOutside));
    CHECK(world.case_of(CaseKind::kElsewhere, 5).standing == 2);
    CHECK(world.order(5).state == OrderState::kHold);
    CHECK(world.notices.size() == told + 3);
  }
}

TEST_CASE("follow up: a dispute and its decision come back to the chips of the case alone", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  for (const unsigned n : {1U, 2U}) {
    world.judged(n, n, kOutside);
    world.judged(n + 0.5, n, kOutside);
  }
  world.judged(4, 3, kTampering);
  world.judged(5, 3, kTampering);
  const CaseRef ref{{CaseKind::kElsewhere, "O-1", "", "campus"}, 1};
  CHECK(world.person(6, ref, CaseDisputed{"op", "They are at home.", {}, true})->remeasure);
  CHECK(world.state(1) == ChipState::kDisputed);
  CHECK(world.state(2) == ChipState::kDisputed);
  CHECK(world.state(3) == ChipState::kTampered);
  const auto again = world.person(7, ref, CaseDisputed{"op", "Again.", {}, false});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == StoreFaultCode::kConflict);
  const auto decided = world.person(8, ref, DisputeDecided{"ann", "A wrong anchor.", true});
  REQUIRE(decided);
  CHECK(decided->story.state == CaseState::kResolved);
  CHECK(decided->story.standing == 0);
  CHECK(world.state(1) == ChipState::kPending);
  CHECK(world.state(3) == ChipState::kTampered);
  CHECK(world.order(9).tally.all().accused() == 1);
  const auto timeline = world.store->cases().timeline(1, std::nullopt, 100).value();
  REQUIRE(timeline.size() == decided->story.entries);
  for (std::size_t i = 0; i < timeline.size(); ++i) CHECK(timeline[i].number == timeline.size() - i);
}

TEST_CASE("follow up: a chip that stands in two cases is lifted by neither alone", "[follow_up]") {
  FollowWorld world;
  four_chips(world);
  for (const double h : {1.0, 2.0}) world.judged(h, 1, kOutside);
  for (const double h : {3.0, 4.0}) world.judged(h, 1, kTampering);
  REQUIRE(world.cases().size() == 2);
  REQUIRE(world.person(5, {{CaseKind::kElsewhere, "O-1", "", "campus"}, 1},
                       CaseResolved{"ann", "a wrong anchor", CaseEnd::kMistaken}));
  CHECK(world.state(1) == ChipState::kTampered);
  REQUIRE(world.person(6, {{CaseKind::kTampering, "O-1", "", "campus"}, 1},
                       CaseResolved{"ann", "a wrong reading", CaseEnd::kMistaken}));
  CHECK(world.state(1) == ChipState::kPending);
}

TEST_CASE("follow up: signs of attempts come from the committed verdict, silence's causes included",
          "[follow_up]") {
  FollowWorld world;
  four_chips(world);
  world.judged(1, 1, kOpen, "statement_signature");
  CHECK(world.cases().empty());
  world.judged(2, 1, kOpen, "statement_replay");
  CHECK(world.case_of(CaseKind::kSpoofing, 3).standing == 1);
  world.judged(3, 2, kSilence, "udp_blocked");
  world.judged(4, 2, kSilence, "udp_blocked");
  CHECK(world.cases().size() == 1);
  // Beside an accusation it is worth a case.
  world.judged(5, 2, kOutside);
  world.judged(6, 2, kOutside);
  world.judged(7, 2, kSilence, "inbound_blocked");
  CHECK(world.case_of(CaseKind::kBlocking, 8).standing == 1);
  world.judged(8, 3, kOpen, "of a later version");
  CHECK(world.store->cases().signs(case_chip(3)).value().empty());
}

TEST_CASE("follow up: of before, what stands is kept and nobody is told", "[follow_up]") {
  FollowWorld world{strict()};
  // As a database of before: verdicts and statuses, and nothing that follows.
  for (unsigned n = 1; n <= 4; ++n) world.chip(n);
  for (unsigned n = 1; n <= 2; ++n) {
    for (const double h : {1.0, 2.0}) REQUIRE(world.try_judge(h, n, kOutside));
  }
  REQUIRE(raw(world.folder)
              ->execute("DELETE FROM case_chips; DELETE FROM case_entries; DELETE FROM cases; "
                        "DELETE FROM followed_chips; DELETE FROM order_stories; DELETE FROM order_changes"));
  world.notices.clear();
  std::size_t begun = 0;
  for (bool more = true; more;) {
    const auto portion = world.follow->begin_chips(*world.store, 1);
    REQUIRE(portion);
    begun += portion->chips;
    more = portion->more;
  }
  CHECK(begun == 2);
  CHECK(world.case_of(CaseKind::kElsewhere, 3).standing == 2);
  CHECK(world.order(3).state == OrderState::kHold);
  CHECK(world.notices.empty());
  // From then on everything is told.
  world.judged(4, 1, kProof);
  world.judged(5, 1, kProof);
  CHECK_FALSE(world.notices.empty());
  CHECK(world.case_of(CaseKind::kElsewhere, 6).standing == 1);
}

TEST_CASE("follow up: time ends disputes and lifts at their instants", "[follow_up]") {
  FollowWorld::Rules rules = strict();
  rules.follow.cases.dispute_most = rules.status.dispute_most = std::chrono::hours{10};
  rules.status.unproven_after = std::chrono::hours{9'000};
  rules.status.overdue_after = std::chrono::hours{9'000};
  FollowWorld world{rules};
  four_chips(world);
  for (unsigned n = 1; n <= 2; ++n) {
    for (const double h : {1.0, 2.0}) world.judged(h + n, n, kOutside);
  }
  REQUIRE(world.order_said(5, "O-1", HoldLifted{"looked at", "ann", hour(30)}));
  CHECK(world.order(6).state == OrderState::kLifted);
  REQUIRE(world.person(6, {{CaseKind::kElsewhere, "O-1", "", "campus"}, 1},
                       CaseDisputed{"op", "No.", {}, false}));
  world.until(100, 1);
  CHECK(world.state(1) == ChipState::kDrifted);
  const CaseStory story = world.case_of(CaseKind::kElsewhere, 100);
  CHECK(story.state == CaseState::kOpen);
  CHECK(story.since == hour(16));
  CHECK(world.order(100).state == OrderState::kHold);
  CHECK(world.order(100).since == hour(30));
  CHECK(world.store->cases().due_cases(hour(1'000), 10).value().empty());
  CHECK(world.store->order_stories().due_orders(hour(1'000), 10).value().empty());
}

TEST_CASE("follow up: damaged stories are in nobody's way", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  for (const double h : {1.0, 2.0}) world.judged(h, 1, kOutside);
  for (const double h : {3.0, 4.0}) world.judged(h, 2, kOutside);
  const std::uint64_t entries = world.case_of(CaseKind::kElsewhere, 5).entries;
  REQUIRE(
      raw(world.folder)->execute("UPDATE cases SET story = x'00'; UPDATE order_stories SET story = x'00'"));
  CHECK(world.case_of(CaseKind::kElsewhere, 5).standing == 2);
  CHECK(world.order(5).tally.all().accused() == 2);
  for (const double h : {5.0, 6.0}) world.judged(h, 3, kOutside);
  const CaseStory story = world.case_of(CaseKind::kElsewhere, 7);
  CHECK(story.standing == 3);
  CHECK(world.order(7).state == OrderState::kHold);
  CHECK(world.order(7).misfits == 0);
  const auto timeline = world.store->cases().timeline(1, std::nullopt, 100).value();
  CHECK(timeline.front().number == story.entries);
  CHECK(story.entries == entries + 1);
  CHECK(timeline.size() == story.entries);
  // A chip's own: its next verdict tells it anew, and its case is not left.
  REQUIRE(raw(world.folder)->execute("UPDATE chip_status SET story = x'00'"));
  world.judged(8, 1, kOpen);
  CHECK(world.case_of(CaseKind::kElsewhere, 9).standing == 3);
  world.judged(9, 1, kProof);
  world.judged(10, 1, kProof);
  CHECK(world.case_of(CaseKind::kElsewhere, 11).standing == 2);
}

TEST_CASE("follow up: figures that do not fit are counted anew", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  for (const double h : {1.0, 2.0}) world.judged(h, 1, kOutside);
  // Somebody else's hands: the chip is counted as something that it never was.
  const std::string sql =
      "UPDATE followed_chips SET state = 6, measured = 1 WHERE chip = x'" + case_chip(2).hex() + "'";
  REQUIRE(raw(world.folder)->execute(sql.c_str()));
  world.judged(3, 2, kProof);
  const OrderStory story = world.order(4);
  CHECK(story.misfits == 0);
  CHECK(story.tally.all().total() == 4);
  CHECK(story.tally.all().of(ChipState::kDrifted) == 1);
  CHECK(story.tally.all().of(ChipState::kCompliant) == 1);
}

TEST_CASE("follow up: what is folded of old verdicts is kept, and nobody is told", "[follow_up]") {
  FollowWorld world{strict()};
  four_chips(world);
  for (unsigned n = 1; n <= 2; ++n) {
    for (const double h : {1.0, 2.0}) REQUIRE(world.try_judge(h, n, kOutside));
  }
  // As after an import over a database of before: verdicts and chips that are followed, and no status.
  REQUIRE(
      raw(world.folder)
          ->execute(
              "DELETE FROM case_chips; DELETE FROM case_entries; DELETE FROM cases; DELETE FROM order_stories; "
              "DELETE FROM order_changes; DELETE FROM status_changes; DELETE FROM chip_status; "
              "UPDATE followed_chips SET state = 0, measured = 0"));
  world.notices.clear();
  REQUIRE(world.statuses->begin_stories(*world.store, hour(5), 10));
  CHECK(world.state(1) == ChipState::kDrifted);
  CHECK(world.case_of(CaseKind::kElsewhere, 6).standing == 2);
  CHECK(world.order(6).state == OrderState::kHold);
  CHECK(world.notices.empty());
}

TEST_CASE("follow up: a case weighs what was confirmed of its order, and who is watched", "[follow_up]") {
  FollowWorld world;
  const std::vector<std::string> sites{"campus", "hall", "attic"};
  for (unsigned n = 1; n <= 3; ++n) world.chip(n, "O-1", sites[n - 1]);
  world.registry->put(EntityRecord{"Buyer Ltd", {EntityRole::kBuyer}, {}, {}});  // known, and not watched
  world.begin();
  const auto weights = [&](unsigned n) {
    for (const double h : {0.0, 1.0}) world.judged(10.0 * n + h, n, kOutside);
    return world.case_of(CaseKind::kElsewhere, 10.0 * n + 2, 1, "O-1", sites[n - 1]).weights;
  };
  const auto resolve = [&](unsigned n, CaseEnd how) {
    REQUIRE(world.person(10.0 * n + 3, {{CaseKind::kElsewhere, "O-1", "", sites[n - 1]}, 1},
                         CaseResolved{"ann", "looked at", how}));
  };
  CHECK(weights(1) == CaseWeights{3, "", "", 0});
  resolve(1, CaseEnd::kConfirmed);
  CHECK(weights(2) == CaseWeights{3, "", "", 1});
  resolve(2, CaseEnd::kMistaken);
  world.registry->put(EntityRecord{"Buyer Ltd", {EntityRole::kBuyer}, {}, Watch{"seen before", {}}});
  CHECK(weights(3) == CaseWeights{3, "Buyer Ltd", "", 1});
}

}  // namespace chiploc::test
