// What must hold of all cases together, tried on thousands of weeks that dice wrote.

#include <algorithm>
#include <random>
#include <set>

#include "server/cases/case_queue.hpp"
#include "server/cases/mute.hpp"
#include "tests/server/cases/case_board.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

constexpr unsigned kBoards = 1000;
constexpr unsigned kChips = 6;

/// What dice may bring about.
struct Brings {
  std::vector<VerdictKind> kinds{kProof, kOpen, kSilence, kOutside, kProhibited, kTampering};
  std::vector<std::string> reasons{"",
                                   "statement_replay",
                                   "statement_signature",
                                   "impossible_travel",
                                   "cohort_outlier",
                                   "udp_blocked",
                                   "inbound_blocked",
                                   "no_answer",
                                   "could_be_prohibited",
                                   "of a later version"};
  bool persons = true;
  bool users = true;
};

/// A deed of somebody in some case, or nullopt where there is none.
std::optional<std::pair<CaseRef, decltype(CaseEvent::what)>> deed(const CaseBoard& board,
                                                                  std::mt19937& dice) {
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
  if (board.cases().empty()) return std::nullopt;
  auto chosen = board.cases().begin();
  std::advance(chosen, roll(static_cast<unsigned>(board.cases().size())));
  const auto end = static_cast<CaseEnd>(roll(kCaseEnds));
  const std::vector<decltype(CaseEvent::what)> deeds{
      CaseAssigned{"Ann", roll(2) == 0 ? "" : "Bob"},
      CaseCommented{"Ann", "Called."},
      CaseDisputed{"Op", "No.", {}, roll(2) == 0},
      CaseDisputed{"Op", "No.", {}, true},
      DisputeDecided{"Ann", "looked at", roll(2) == 0},
      CaseResolved{"Ann", "looked at", end},
      CaseResolved{"Ann", "looked at", CaseEnd::kConfirmed},
      CaseReopened{"Ann", "a letter"},
      CaseWeighed{{10, roll(2) == 0 ? "" : "Buyer Ltd", "", roll(3)}}};
  return std::pair{chosen->first, deeds[roll(static_cast<unsigned>(deeds.size()))]};
}

/// Some weeks of a few chips; `step` > 0: somebody looks at the clock so often. `seen` is asked after each event.
template <class Seen>
CaseBoard board_of(unsigned seed, const Brings& brings, double step, const Seen& seen) {
  std::mt19937 dice{seed};
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
  CaseRules rules;
  rules.reopen_within = std::chrono::hours{1 + roll(400)};
  rules.dispute_most = std::chrono::hours{1 + roll(300)};
  rules.attempt_confirmations = 1 + roll(3);
  rules.attempt_within = std::chrono::hours{10 + roll(200)};
  StatusRules status;
  status.confirmations = 1 + roll(2);
  status.restorations = 1 + roll(2);
  status.dispute_most = rules.dispute_most;
  status.unproven_after = std::chrono::hours{10 + roll(60)};
  status.silent_after = std::chrono::hours{10 + roll(60)};
  CaseBoard board{rules, status};
  for (unsigned n = 0; n < kChips; ++n) {
    board.chip(n, roll(4) == 0 ? "" : "O-" + std::to_string(roll(2)), "site" + std::to_string(roll(2)));
  }
  const VerdictKind likes = brings.kinds[roll(static_cast<unsigned>(brings.kinds.size()))];
  double h = 0;
  for (unsigned i = 0; i < 120; ++i) {
    const double to = h + (roll(6) == 0 ? roll(150) : 0.5 * roll(12));
    for (; step > 0 && h + step < to; h += step) board.until(h + step);
    h = to;
    const unsigned n = roll(kChips);
    const unsigned what = roll(12);
    if (what == 0 && brings.persons) {
      board.happen(h, n, AbsenceDeclared{hour(h), hour(h + 1 + roll(100))});
    } else if (what == 1 && brings.persons) {
      board.happen(h, n, EnrolledAnew{});
    } else if (what == 2 && brings.users) {
      board.stated(h, n, roll(3) == 0);
    } else if (what <= 5 && brings.persons) {
      board.until(h);
      if (const auto done = deed(board, dice)) board.person(h, done->first, done->second);
    } else {
      const VerdictKind kind =
          roll(2) == 0 ? likes : brings.kinds[roll(static_cast<unsigned>(brings.kinds.size()))];
      const bool plain = kind == kOutside || kind == kProhibited || kind == kTampering;
      board.judged(h, n, kind,
                   plain ? "" : brings.reasons[roll(static_cast<unsigned>(brings.reasons.size()))]);
    }
    seen(board);
  }
  return board.until(h + 1000);
}

CaseBoard board_of(unsigned seed, const Brings& brings = {}, double step = 0) {
  return board_of(seed, brings, step, [](const CaseBoard&) {});
}

TEST_CASE("cases property: one open case for a key, and the numbers have no gap") {
  std::size_t later = 0;
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    board_of(seed, {}, 0, [&](const CaseBoard& board) {
      std::map<CaseKey, std::uint32_t> newest;
      std::map<CaseKey, unsigned> open;
      for (const auto& [ref, story] : board.cases()) {
        REQUIRE(ref == story.ref);
        REQUIRE(ref.number == newest[ref.key] + 1);
        newest[ref.key] = ref.number;
        if (story.state != CaseState::kResolved) REQUIRE(++open[ref.key] == 1);
        REQUIRE((story.resolution.has_value() == (story.state == CaseState::kResolved)));
        REQUIRE((story.dispute.has_value() == (story.state == CaseState::kDisputed)));
      }
      for (const auto& [ref, story] : board.cases()) {
        REQUIRE(story.superseded == (ref.number < newest[ref.key]));
        if (story.superseded) REQUIRE((++later, story.state == CaseState::kResolved));
      }
    });
  }
  CHECK(later > 1000);
}

TEST_CASE("cases property: nothing is deleted, and the timeline has each entry in the order of time") {
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    std::map<CaseRef, std::vector<CaseEntry>> before;
    const CaseBoard board = board_of(seed, {}, 0, [&](const CaseBoard& now) {
      for (const auto& [ref, entries] : before) {
        const auto& longer = now.timelines().at(ref);
        REQUIRE(longer.size() >= entries.size());
      }
      for (const auto& [ref, entries] : now.timelines()) {
        if (before[ref].size() != entries.size()) before[ref] = entries;
      }
    });
    for (const auto& [ref, story] : board.cases()) {
      const auto& entries = board.timelines().at(ref);
      REQUIRE(entries.size() == story.entries);
      REQUIRE(entries.front().kind == CaseEntryKind::kOpened);
      for (std::size_t i = 0; i < entries.size(); ++i) {
        REQUIRE(entries[i].number == i + 1);
        REQUIRE(!entries[i].text.empty());
        if (i > 0) REQUIRE(entries[i].at >= entries[i - 1].at);
        if (i > 0) REQUIRE(entries[i].kind != CaseEntryKind::kOpened);
      }
      const auto& kept = before[ref];  // word for word
      REQUIRE(std::equal(kept.begin(), kept.end(), entries.begin()));
    }
  }
}

TEST_CASE("cases property: silence and open verdicts alone open no case but one that accuses nobody") {
  std::size_t opened = 0;
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    Brings brings;
    brings.kinds = {kProof, kOpen, kSilence};
    brings.reasons = {"",           "udp_blocked",       "replies_blocked",     "inbound_blocked",
                      "no_answer",  "no_statement",      "could_be_prohibited", "cohort_outlier",
                      "path_lossy", "of a later version"};
    brings.users = false;
    const CaseBoard board = board_of(seed, brings);
    for (const auto& [ref, story] : board.cases()) REQUIRE((++opened, ref.key.kind == CaseKind::kUnproven));
  }
  CHECK(opened > 1000);
}

TEST_CASE("cases property: without a sign that opens there is no attempt but of a chip that is accused") {
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    Brings brings;
    brings.reasons = {"", "udp_blocked", "cohort_outlier"};
    const CaseBoard board = board_of(seed, brings);
    for (const auto& [ref, story] : board.cases()) {
      REQUIRE(ref.key.kind != CaseKind::kSpoofing);
      if (!is_attempt(ref.key.kind)) continue;
      // Some chip of that order and site was accused before.
      const auto accused = [&, &ref = ref, &story = story](const auto& other) {
        return accused_by_status(other.first.key.kind) && other.first.key.order == ref.key.order &&
               other.first.key.site == ref.key.site && other.second.begun <= story.begun;
      };
      REQUIRE(std::any_of(board.cases().begin(), board.cases().end(), accused));
    }
  }
}

TEST_CASE("cases property: looked at often or seldom, cases and timelines are the same") {
  for (unsigned seed = 0; seed < kBoards / 2; ++seed) {
    INFO("seed " << seed);
    const CaseBoard at_once = board_of(seed);
    const CaseBoard often = board_of(seed, {}, 5);
    REQUIRE(often.cases() == at_once.cases());
    REQUIRE(often.timelines() == at_once.timelines());
    const CaseBoard oftener = board_of(seed, {}, 1.7);
    REQUIRE(oftener.timelines() == at_once.timelines());
  }
}

TEST_CASE("cases property: the events of a case, told again, make the same story and the same timeline") {
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    const CaseBoard board = board_of(seed);
    std::map<CaseRef, CaseStory> again;
    std::map<CaseRef, std::vector<CaseEntry>> timelines;
    const auto keep = [&](const CaseRef& ref, const CaseTold& told) {
      timelines[ref].insert(timelines[ref].end(), told.entries.begin(), told.entries.end());
    };
    for (const CaseStep& step : board.log()) {
      if (again.count(step.ref) == 0) again[step.ref] = begin_case(step.ref, step.licence, step.event.at);
      keep(step.ref, apply(again.at(step.ref), step.event, board.rules()));
    }
    for (auto& [ref, story] : again) keep(ref, advance(story, board.cases().at(ref).told, board.rules()));
    REQUIRE(again == board.cases());
    REQUIRE(timelines == board.timelines());
  }
}

TEST_CASE("cases property: a case's count is that of the chips that stand in it, and follows their status") {
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    board_of(seed, {}, 0, [&](const CaseBoard& board) {
      std::map<CaseRef, std::set<ChipId>> standing;
      for (const auto& [n, chip] : board.chips()) {
        for (const auto& ref : chip.stands_in) {
          if (ref) standing[*ref].insert(chip.subject.chip);
        }
        const auto stands = [&, &chip = chip](CaseKind kind) {
          return chip.stands_in.at(static_cast<std::size_t>(kind)).has_value();
        };
        const ChipStory& story = chip.story;
        REQUIRE(stands(CaseKind::kElsewhere) == (!story.drifted.empty() || !story.prohibited.empty()));
        REQUIRE(stands(CaseKind::kTampering) == !story.tampered.empty());
        const bool unproven = story.state == ChipState::kSilent || story.state == ChipState::kUnproven;
        const bool waits = story.state == ChipState::kPending || story.state == ChipState::kOverdue;
        if (unproven) REQUIRE(stands(CaseKind::kUnproven));
        if (stands(CaseKind::kUnproven)) REQUIRE((unproven || waits));
      }
      for (const auto& [ref, story] : board.cases()) {
        REQUIRE(story.standing == standing[ref].size());
        REQUIRE(story.chips.size() == story.standing);  // fewer than there is room for
        for (const CaseChip& chip : story.chips) REQUIRE(standing[ref].count(chip.chip) == 1);
      }
    });
  }
}

TEST_CASE("cases property: a dispute is over in its time, and what is foretold happens") {
  std::size_t disputed = 0;
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    board_of(seed, {}, 0, [&](const CaseBoard& board) {
      for (const auto& [ref, story] : board.cases()) {
        CaseStory later = story;
        const auto told = advance(later, story.told + std::chrono::hours{10000}, board.rules());
        const auto next = outlook(story);
        REQUIRE(next.has_value() == !told.entries.empty());
        if (!next) continue;
        ++disputed;
        REQUIRE(told.entries.front().at == *next);
        REQUIRE(later.state == CaseState::kOpen);
        REQUIRE(story.told < story.dispute->at + board.rules().dispute_most);
      }
    });
  }
  CHECK(disputed > 1000);
}

TEST_CASE("cases property: a priority is the sum of its reasons, and more chips never lower it") {
  for (unsigned seed = 0; seed < kBoards; ++seed) {
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    const CaseBoard board = board_of(seed);
    for (const auto& [ref, kept] : board.cases()) {
      CaseStory story = kept;
      story.weights.order_chips = static_cast<std::uint32_t>(dice() % 200);
      story.state = dice() % 4 == 0 ? CaseState::kDisputed : CaseState::kOpen;
      story.prohibited = dice() % 2 == 0;
      const WallTime now = story.opened + std::chrono::hours{dice() % 2000};
      unsigned before = 0;
      for (std::uint32_t chips = 0; chips < 600; chips += 1 + chips / 8) {
        story.standing = chips;
        const Priority priority = priority_of(story, now);
        unsigned sum = 0;
        for (const PriorityReason& reason : priority.reasons) {
          REQUIRE(reason.points > 0);
          REQUIRE(!reason.text.empty());
          sum += reason.points;
        }
        REQUIRE(priority.points == sum);
        REQUIRE(priority.points <= 100);
        REQUIRE(priority.points >= before);
        before = priority.points;
      }
    }
  }
}

TEST_CASE("cases property: the queue is in order, and has exactly what fits") {
  for (unsigned seed = 0; seed < kBoards / 2; ++seed) {
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    const CaseBoard board = board_of(seed);
    std::vector<const CaseStory*> all;
    for (const auto& [ref, story] : board.cases()) all.push_back(&story);
    std::shuffle(all.begin(), all.end(), dice);
    CaseFilter filter;
    if (dice() % 2 == 0) filter.states = {CaseState::kOpen, CaseState::kDisputed};
    if (dice() % 3 == 0) filter.site = "site0";
    filter.priority_least = static_cast<unsigned>(dice() % 60);
    const WallTime now = all.empty() ? WallTime{} : all.front()->told;
    const auto queue = work_queue(all, filter, now);
    const auto fit = std::count_if(all.begin(), all.end(),
                                   [&](const CaseStory* story) { return fits(filter, *story, now); });
    REQUIRE(queue.size() == static_cast<std::size_t>(fit));
    for (std::size_t i = 1; i < queue.size(); ++i) {
      const auto& a = queue[i - 1];
      const auto& b = queue[i];
      REQUIRE(a.priority.points >= b.priority.points);
      if (a.priority.points == b.priority.points) REQUIRE(a.story->opened <= b.story->opened);
    }
  }
}

TEST_CASE("cases property: a mute hides notices, and changes no story") {
  std::size_t hidden = 0;
  for (unsigned seed = 0; seed < kBoards / 2; ++seed) {
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    std::vector<MuteRule> mutes;
    for (int i = 0; i < 3; ++i) {
      MuteRule mute{{}, "they know", "Ann", hour(static_cast<double>(dice() % 300)), {}};
      mute.until = mute.from + std::chrono::hours{1 + dice() % 700};
      if (dice() % 2 == 0) mute.scope.site = "site" + std::to_string(dice() % 2);
      if (dice() % 2 == 0) mute.scope.order = "O-" + std::to_string(dice() % 2);
      if (dice() % 3 == 0) mute.scope.case_kind = static_cast<CaseKind>(dice() % kCaseKinds);
      if (refusal_of(mute, {}).empty()) mutes.push_back(mute);
    }
    const CaseBoard board = board_of(seed);
    std::vector<NoticeFact> shown;
    for (const NoticeFact& fact : board.facts()) {
      if (muted_by(mutes, fact, fact.at) == nullptr) shown.push_back(fact);
    }
    hidden += board.facts().size() - shown.size();
    // What is shown is what there is, in its order, without those that a rule in force names.
    auto at = shown.begin();
    for (const NoticeFact& fact : board.facts()) {
      const bool muted = std::any_of(mutes.begin(), mutes.end(), [&](const MuteRule& mute) {
        return fits(mute.scope, fact) && mute.from <= fact.at && fact.at < mute.until;
      });
      if (!muted) REQUIRE((at != shown.end() && *at++ == fact));
    }
    REQUIRE(at == shown.end());
    // And nothing was asked of the board but its facts: told again without any mute it is the same.
    REQUIRE(board_of(seed).cases() == board.cases());
  }
  CHECK(hidden > 1000);
}

}  // namespace
}  // namespace chiploc
