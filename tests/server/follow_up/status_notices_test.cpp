// Every change of a chip's state is a notice in the verdict's own transaction, once, in order; what was folded is none.
#include "server/follow_up/follow_up.hpp"
#include "tests/server/notices/posting.hpp"
#include "tests/server/status/kept_chips.hpp"

namespace chiploc::test {
namespace {

using Lines = std::vector<std::string>;

struct ToldChips {
  bool anybody = true;
  int written = 0;
  NoticePost post{{.source = some_coordinator(),
                   .sinks_for = [this](NoticeKind) { return anybody ? Lines{"siem"} : Lines{}; },
                   .registry = [] { return std::make_shared<const Registry>(); },
                   .now = [] { return h(0); },
                   .written = [this] { ++written; }}};
  KeptChips chips;
  std::size_t handed = 0;  ///< to the post, the same one twice counted twice
  FollowUp follow{FollowRules{}, chips.keeper, [] { return std::make_shared<const Registry>(); },
                  [this](Store& inside, std::span<const Notice> told) {
                    for (const Notice& one : told)
                      handed += one.kind() == NoticeKind::kChipStatusChanged ? 1U : 0U;
                    return post.post(inside, told);
                  }};

  ToldChips() { REQUIRE(follow.watch(*chips.store)); }
  /// "1 pending -> compliant": number, from and to of each notice of the chip, as it was written.
  Lines told(std::uint64_t chip = 1) {
    Lines out;
    const auto found = chips.store->outbox().notices(0, std::nullopt, 99).value();
    for (const NumberedNotice& one : found) {
      const auto event = read_cloud_event(one.notice.event);
      REQUIRE(event);
      if (event->notice.name != id<ChipId>(chip).hex()) continue;
      const auto& facts = std::get<ChipStatusChanged>(event->notice.facts);
      out.push_back(std::to_string(event->notice.change) + " " + std::string{name_of(facts.from)} + " -> " +
                    std::string{name_of(facts.to)});
    }
    return out;
  }
};

}  // namespace

TEST_CASE("status notices: each change once, numbered as the chip's own", "[notices][status]") {
  ToldChips world;
  world.chips.round(0, v1::VERIFIED);
  world.chips.round(1, v1::VERIFIED);  // nothing changes
  world.chips.round(2, v1::VERIFIED, 2);
  world.chips.round(3, v1::OUTSIDE);
  world.chips.round(4, v1::OUTSIDE);
  CHECK(world.told() == Lines{"1 pending -> compliant", "2 compliant -> drifted"});
  CHECK(world.told(2) == Lines{"1 pending -> compliant"});
  const auto all = world.chips.store->outbox().notices(0, std::nullopt, 99).value();
  REQUIRE(all.size() == 4);  // the last: a case is open
  CHECK(world.handed == 3);  // none was left to its id to be kept once
  const OutboxNotice& drifted = all.at(2).notice;
  const auto facts = std::get<ChipStatusChanged>(read_cloud_event(drifted.event)->notice.facts);
  CHECK(facts.rests_on == std::vector{id<VerdictId>(4), id<VerdictId>(5)});
  CHECK(facts.why == "Proved outside its licence 2 times without a proof in between.");
  CHECK(drifted.at == h(4));
}

TEST_CASE("status notices: what time and persons change is told too", "[notices][status]") {
  ToldChips world;
  world.chips.round(0, v1::VERIFIED);
  world.chips.happens(1, AbsenceDeclared{h(1), h(30)});
  world.chips.until(31);
  const Lines told = world.told();
  REQUIRE(told.size() >= 3);
  CHECK(told[1].ends_with("-> absent"));
  std::uint64_t number = 0;
  for (const std::string& line : told) CHECK(line.starts_with(std::to_string(++number) + " "));
}

TEST_CASE("status notices: nothing of what was before stories were kept", "[notices][status]") {
  ToldChips world;
  register_chip(world.chips.folder, 1);
  world.chips.round(0, v1::VERIFIED);
  REQUIRE(raw(world.chips.folder)
              ->execute("DELETE FROM chip_status; DELETE FROM status_changes; DELETE FROM "
                        "notice_deliveries; DELETE FROM notices"));
  REQUIRE(world.chips.keeper.begin_stories(*world.chips.store, h(1), 10));
  CHECK(told(*world.chips.store) == "0 compliant");
  CHECK(world.told().empty());
  world.chips.round(2, v1::OUTSIDE);
  world.chips.round(3, v1::OUTSIDE);
  CHECK(world.told() ==
        Lines{"2 compliant -> drifted"});  // its second, although the first was told to nobody
}

TEST_CASE("status notices: where nobody is told nothing is written", "[notices][status]") {
  ToldChips world;
  world.anybody = false;
  world.chips.round(0, v1::VERIFIED);
  CHECK(world.told().empty());
  CHECK(world.written == 0);
}

TEST_CASE("status notices: without its notice no verdict is kept", "[notices][status]") {
  ToldChips world;
  REQUIRE(
      raw(world.chips.folder)
          ->execute("CREATE TRIGGER no BEFORE INSERT ON notices BEGIN SELECT RAISE(FAIL, 'no room'); END"));
  const VerdictRecord verdict = judged_at(1, 0, v1::VERIFIED);
  CHECK_FALSE(finish_round(*world.chips.store, verdict));
  CHECK_FALSE(world.chips.store->verdicts().verdict(verdict.id).value());
  CHECK(told(*world.chips.store).empty());
}

}  // namespace chiploc::test
