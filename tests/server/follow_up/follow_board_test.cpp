// What the store keeps is what the pure board tells, over weeks that dice wrote: with restarts between events, with faults
// that undo a verdict, and whether time is told often or seldom.
#include <random>

#include "server/cases/case_record.hpp"
#include "tests/server/cases/case_board.hpp"
#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test {
namespace {

using enum VerdictKind;

constexpr unsigned kBoards = 30;
constexpr unsigned kBoardChips = 6;

/// What else happens to the store's side alone, which the board must not notice.
struct Trouble {
  bool restarts = false, faults = false;
  double step = 0;  ///< somebody looks at the clock so often
};

struct BothTold {
  CaseBoard board;
  std::unique_ptr<FollowWorld> world;
  double h = 0;
  unsigned undone = 0;
};

std::optional<std::pair<CaseRef, decltype(CaseEvent::what)>> some_deed(const CaseBoard& board,
                                                                       std::mt19937& dice) {
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
  if (board.cases().empty()) return std::nullopt;
  auto chosen = board.cases().begin();
  std::advance(chosen, roll(static_cast<unsigned>(board.cases().size())));
  const std::vector<decltype(CaseEvent::what)> deeds{
      CaseAssigned{"Ann", roll(2) == 0 ? "" : "Bob"},
      CaseCommented{"Ann", "Called."},
      CaseDisputed{"Op", "No.", {}, roll(2) == 0},
      CaseDisputed{"Op", "No.", {}, true},
      DisputeDecided{"Ann", "looked at", roll(2) == 0},
      CaseResolved{"Ann", "looked at", static_cast<CaseEnd>(roll(kCaseEnds))},
      CaseResolved{"Ann", "looked at", CaseEnd::kMistaken},
      CaseReopened{"Ann", "a letter"}};
  return std::pair{chosen->first, deeds[roll(static_cast<unsigned>(deeds.size()))]};
}

BothTold told_both(unsigned seed, const Trouble& trouble) {
  std::mt19937 dice{seed};
  std::mt19937 other{seed + 1'000'000};
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
  FollowWorld::Rules rules;
  CaseRules& cases = rules.follow.cases;
  cases.reopen_within = std::chrono::hours{1 + roll(400)};
  cases.dispute_most = std::chrono::hours{1 + roll(300)};
  cases.attempt_confirmations = 1 + roll(3);
  cases.attempt_within = std::chrono::hours{10 + roll(200)};
  rules.status.confirmations = 1 + roll(2);
  rules.status.restorations = 1 + roll(2);
  rules.status.dispute_most = cases.dispute_most;
  rules.status.unproven_after = std::chrono::hours{10 + roll(60)};
  rules.status.silent_after = std::chrono::hours{10 + roll(60)};
  BothTold both{CaseBoard{cases, rules.status}, std::make_unique<FollowWorld>(rules)};
  FollowWorld& world = *both.world;
  for (unsigned n = 0; n < kBoardChips; ++n) {
    const std::string order = roll(4) == 0 ? "" : "O-" + std::to_string(roll(2));
    const std::string site = "site" + std::to_string(roll(2));
    // Without an order the registry knows no site of a chip.
    both.board.chip(n, order, order.empty() ? "" : site);
    world.chip(n, order, site);
  }
  world.begin();
  const std::vector<VerdictKind> kinds{kProof, kOpen, kSilence, kOutside, kProhibited, kTampering};
  const std::vector<std::string> reasons{"",
                                         "statement_replay",
                                         "statement_signature",
                                         "impossible_travel",
                                         "cohort_outlier",
                                         "udp_blocked",
                                         "inbound_blocked",
                                         "no_answer",
                                         "of a later version"};
  const VerdictKind likes = kinds[roll(6)];
  double& h = both.h;
  for (unsigned i = 0; i < 60; ++i) {
    const double to = h + (roll(6) == 0 ? roll(150) : 0.5 * roll(12));
    for (; trouble.step > 0 && h + trouble.step < to; h += trouble.step)
      world.until(h + trouble.step, static_cast<std::size_t>(1 + other() % 3));
    h = to;
    if (trouble.restarts && other() % 4 == 0) world.reopen();
    const unsigned n = roll(kBoardChips);
    const unsigned what = roll(12);
    if (what == 0) {
      const AbsenceDeclared absence{hour(h), hour(h + 1 + roll(100))};
      both.board.happen(h, n, absence);
      world.happens(h, n, absence);
    } else if (what == 1) {
      both.board.happen(h, n, EnrolledAnew{});
      world.happens(h, n, EnrolledAnew{});
    } else if (what == 2) {
      const bool whole = roll(3) == 0;
      both.board.stated(h, n, whole);
      world.stated(h, n, whole);
    } else if (what <= 5) {
      both.board.until(h);
      if (const auto done = some_deed(both.board, dice)) {
        both.board.person(h, done->first, done->second);
        static_cast<void>(world.person(h, done->first, done->second));
      }
    } else {
      const VerdictKind kind = roll(2) == 0 ? likes : kinds[roll(6)];
      const bool plain = kind == kOutside || kind == kProhibited || kind == kTampering;
      const std::string reason = plain ? "" : reasons[roll(static_cast<unsigned>(reasons.size()))];
      both.board.judged(h, n, kind, reason);
      world.until(h);
      if (trouble.faults) {
        const std::size_t told = world.notices.size();
        world.fail_at = static_cast<unsigned>(1 + other() % 3);
        if (!world.try_judge(h, n, kind, reason)) {
          ++both.undone;
          world.notices.resize(told);  // nobody was told
          world.fail_at = 0;
          REQUIRE(world.try_judge(h, n, kind, reason));
        }
        world.fail_at = 0;
      } else {
        REQUIRE(world.try_judge(h, n, kind, reason));
      }
    }
  }
  h += 1'000;
  both.board.until(h);
  world.until(h, 3);
  return both;
}

CaseStory unweighed(CaseStory story) {
  story.weights = {};
  return story;
}

std::vector<CaseEntryRecord> timeline_of(FollowWorld& world, std::uint64_t number) {
  auto out = world.store->cases().timeline(number, std::nullopt, 10'000).value();
  std::reverse(out.begin(), out.end());
  return out;
}

void check_same(const BothTold& both) {
  FollowWorld& world = *both.world;
  REQUIRE(world.cases().size() == both.board.cases().size());
  for (const auto& [ref, story] : both.board.cases()) {
    INFO(text_of(ref));
    const auto record = world.case_record(ref);
    REQUIRE(record);
    // As it is kept, and not made anew.
    const auto kept = case_from(record->story);
    INFO((kept ? "" : kept.error()));
    REQUIRE(kept);
    const CaseStory now = world.follow->case_story(*world.store, *record, hour(both.h)).value();
    REQUIRE(unweighed(now) == unweighed(story));
    REQUIRE(record->state == static_cast<std::uint32_t>(story.state));
    REQUIRE(record->assignee == story.assignee);
    const auto entries = timeline_of(world, record->number);
    const auto& expected = both.board.timelines().at(ref);
    REQUIRE(entries.size() == expected.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const CaseEntry& entry = expected[i];
      REQUIRE(entries[i] == CaseEntryRecord{entry.number, entry.at, static_cast<std::uint32_t>(entry.kind),
                                            static_cast<std::uint32_t>(entry.state), entry.who, entry.text,
                                            entry.chip, entry.verdicts, entry.file, entry.loud});
    }
    REQUIRE(world.store->cases().standing(record->number, std::nullopt, 100).value().size() ==
            story.standing);
  }
  for (const auto& [n, chip] : both.board.chips()) {
    INFO("chip " << n);
    const ChipStory now =
        world.statuses->story_at(world.store->statuses(), case_chip(n), hour(both.h)).value();
    REQUIRE(now == chip.story);
    const auto row = world.store->order_stories().followed(case_chip(n)).value();
    REQUIRE(row);
    REQUIRE(row->state == static_cast<std::uint32_t>(chip.story.state));
    std::array<std::optional<CaseRef>, kCaseKinds> stands;
    const auto found = world.store->cases().stands_in(case_chip(n)).value();
    for (const ChipInCase& in : found) {
      const CaseRecord record = world.store->cases().find_case(in.number).value().value();
      stands.at(in.kind) = CaseRef{
          {static_cast<CaseKind>(record.key.kind), record.key.order, record.key.licence, record.key.site},
          record.of_key};
    }
    REQUIRE(stands == chip.stands_in);
  }
}

/// Every fact of a case once, as a notice, in the order in which the board has them.
void check_told(const BothTold& both) {
  static const std::map<FactKind, NoticeKind> kKinds{{FactKind::kCaseOpened, NoticeKind::kCaseOpened},
                                                     {FactKind::kCaseUpdated, NoticeKind::kCaseUpdated},
                                                     {FactKind::kCaseDisputed, NoticeKind::kCaseDisputed},
                                                     {FactKind::kCaseResolved, NoticeKind::kCaseResolved},
                                                     {FactKind::kCaseReopened, NoticeKind::kCaseReopened}};
  std::map<std::string, std::string> names;
  for (const auto& [ref, story] : both.board.cases())
    names[text_of(ref)] = "C-" + std::to_string(both.world->case_record(ref)->number);
  std::vector<std::pair<NoticeKind, std::string>> expected, told;
  for (const NoticeFact& fact : both.board.facts())
    expected.emplace_back(kKinds.at(fact.kind), names.at(fact.subject));
  std::set<std::string> ids;
  for (const Notice& notice : both.world->notices) {
    REQUIRE(ids.insert(id_of(notice).hex()).second);
    if (notice.kind() <= NoticeKind::kCaseReopened) told.emplace_back(notice.kind(), notice.name);
  }
  REQUIRE(told == expected);
}

/// The orders' stories are those of the changes that are on record, told one after the other.
void check_orders(const BothTold& both) {
  FollowWorld& world = *both.world;
  for (const std::string id : {"O-0", "O-1"}) {
    const auto kept = world.store->order_stories().order_story(id).value();
    if (!kept) continue;
    const OrderStory story = world.order(both.h, id);
    REQUIRE(story.misfits == 0);
    std::map<std::string, ChipCounts> sites;
    for (const auto& [n, chip] : both.board.chips()) {
      if (chip.subject.order == id)
        ++sites[chip.subject.site].in.at(static_cast<std::size_t>(chip.story.state));
    }
    for (const auto& [site, counts] : sites) REQUIRE(story.tally.sites.at(site).in == counts.in);
    OrderStory replayed = begin_order(hour(0), story.parties);
    const OrderRules& rules = world.follow->order_rules();
    std::vector<OrderChange> changes;
    const auto take = [&](const OrderEvent& event) {
      for (OrderChange& change : apply(replayed, event, rules)) changes.push_back(std::move(change));
    };
    std::map<ChipId, ChipPart> parts;
    for (const auto& [n, chip] : both.board.chips()) {
      if (chip.subject.order != id) continue;
      parts[case_chip(n)] = {ChipState::kPending, true, chip.subject.site};
      take({hour(0), OrderChipJoined{case_chip(n), parts[case_chip(n)]}});
    }
    auto rows = world.store->statuses().list_changes({.limit = 10'000}).value().rows;
    std::reverse(rows.begin(), rows.end());
    for (const StatusChangeRecord& row : rows) {
      const auto part = parts.find(row.chip);
      if (part == parts.end()) continue;
      ChipPart next = part->second;
      next.state = static_cast<ChipState>(row.to);
      take({row.at, OrderChipChanged{row.chip, part->second, next}});
      part->second = next;
    }
    auto stored = world.store->order_stories().order_changes(id, 10'000).value();
    std::reverse(stored.begin(), stored.end());
    REQUIRE(stored.size() == changes.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      REQUIRE(stored[i].number == i + 1);
      REQUIRE(stored[i].at == changes[i].at);
      REQUIRE(stored[i].kind == static_cast<std::uint32_t>(changes[i].kind));
      REQUIRE(stored[i].rests_on == changes[i].rests_on);
      REQUIRE(stored[i].why == changes[i].why);
    }
    REQUIRE(replayed.state == story.state);
  }
}

void check_all(const Trouble& trouble) {
  unsigned undone = 0, cases = 0;
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    const BothTold both = told_both(seed, trouble);
    check_same(both);
    check_told(both);
    check_orders(both);
    undone += both.undone;
    cases += static_cast<unsigned>(both.board.cases().size());
  }
  CHECK(cases > kBoards);
  CHECK((undone > kBoards) == trouble.faults);
}

}  // namespace

TEST_CASE("follow up property: what is kept is what the pure board tells", "[follow_up]") { check_all({}); }

TEST_CASE("follow up property: the same whatever the coordinator goes through", "[follow_up]") {
  SECTION("restarts between events") { check_all({.restarts = true}); }
  SECTION("faults that undo a verdict, which comes again") { check_all({.restarts = true, .faults = true}); }
  SECTION("time that is told often") { check_all({.step = 7}); }
}

}  // namespace chiploc::test
