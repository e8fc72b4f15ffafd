// What must hold of every story, tried on thousands that dice wrote.

#include <algorithm>
#include <random>

#include "server/status/story_check.hpp"
#include "tests/server/status/chip_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

constexpr int kStories = 1000;

bool condemns(VerdictKind kind) { return kind == kOutside || kind == kProhibited || kind == kTampering; }

struct Tale {
  StatusRules rules;
  std::vector<StatusEvent> events;
  double end = 0;
};

Tale tale_of(unsigned seed,
             std::vector<VerdictKind> kinds = {kProof, kOpen, kSilence, kOutside, kProhibited, kTampering},
             bool persons = true) {
  std::mt19937 dice{seed};
  const auto roll = [&](int n) { return static_cast<int>(dice() % static_cast<unsigned>(n)); };
  Tale tale;
  tale.rules.confirmations = static_cast<unsigned>(1 + roll(3));
  tale.rules.restorations = static_cast<unsigned>(1 + roll(3));
  tale.rules.unproven_after = std::chrono::hours{1 + roll(100)};
  tale.rules.silent_after = std::chrono::hours{1 + roll(100)};
  tale.rules.overdue_after = std::chrono::hours{1 + roll(100)};
  tale.rules.lost_proof_after = std::chrono::hours{1 + roll(40)};
  tale.rules.confirm_within = std::chrono::hours{1 + roll(200)};
  tale.rules.absence_most = std::chrono::hours{100};
  tale.rules.absences_a_year = std::chrono::hours{200};
  double h = 0;
  const auto likes = kinds[dice() % kinds.size()];  // stories with a tendency find more than even ones
  for (unsigned i = 0; i < 60; ++i) {
    h += roll(4) == 0 ? roll(120) : roll(12);
    const int what = persons ? roll(12) : 11;
    if (what == 0) {
      const int from = roll(20);
      tale.events.push_back({hour(h), AbsenceDeclared{hour(h + from), hour(h + from + roll(150))}});
    } else if (what == 1) {
      const std::vector<decltype(StatusEvent::what)> all{AbsenceEnded{}, DisputeOpened{}, DisputeClosed{}};
      tale.events.push_back({hour(h), all[dice() % all.size()]});
    } else {
      const VerdictKind kind = roll(2) == 0 ? likes : kinds[dice() % kinds.size()];
      tale.events.push_back({hour(h), Judged{verdict_id(i + 1), kind, hour(h), hour(h + 1 + roll(48))}});
    }
  }
  tale.end = h + 500;
  return tale;
}

/// Hour by hour and event by event, what the story's state was; `seen` is asked at every hour.
template <class Seen>
std::vector<StatusChange> tell(const Tale& tale, double step, const Seen& seen) {
  ChipStory story = begin_story(hour(0));
  std::vector<StatusChange> out;
  const auto add = [&](const std::vector<StatusChange>& more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  double h = 0;
  for (const StatusEvent& event : tale.events) {
    for (; step > 0 && hour(h + step) < event.at; h += step) {
      add(advance(story, hour(h + step), tale.rules));
      seen(story);
    }
    add(apply(story, event, tale.rules));
    seen(story);
  }
  for (; step > 0 && h + step < tale.end; h += step) {
    add(advance(story, hour(h + step), tale.rules));
    seen(story);
  }
  add(advance(story, hour(tale.end), tale.rules));
  seen(story);
  return out;
}

std::vector<StatusChange> tell(const Tale& tale, double step = 0) {
  return tell(tale, step, [](const ChipStory&) {});
}

const Judged* judged_of(const StatusEvent& event) { return std::get_if<Judged>(&event.what); }

TEST_CASE("status property: however often the clock is looked at, the changes are the same") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    const auto at_once = tell(tale);
    REQUIRE(tell(tale, 1) == at_once);
    REQUIRE(tell(tale, 0.37) == at_once);
  }
}

TEST_CASE("status property: time brings about all that there is to see at any moment") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    tell(tale, 1, [&](const ChipStory& story) {
      // An event that changes nothing makes the state what it has to be: it is that already.
      ChipStory touched = story;
      if (!story.disputed_until) REQUIRE(apply(touched, {story.told, DisputeClosed{}}, tale.rules).empty());
    });
  }
}

TEST_CASE("status property: each change begins where the last one ended, in time") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    ChipState state = ChipState::kPending;
    WallTime at = hour(0);
    for (const StatusChange& change : tell(tale_of(seed))) {
      REQUIRE(change.from == state);
      REQUIRE(change.to != state);
      REQUIRE(change.at >= at);
      REQUIRE(!change.why.empty());
      state = change.to;
      at = change.at;
    }
  }
}

TEST_CASE("status property: compliant means that a proof is in force") {
  std::size_t seen_so = 0;
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    tell(tale, 1, [&](const ChipStory& story) {
      if (story.state != ChipState::kCompliant) return;
      ++seen_so;
      const bool proved = std::any_of(tale.events.begin(), tale.events.end(), [&](const StatusEvent& event) {
        const Judged* judged = judged_of(event);
        return judged != nullptr && judged->kind == kProof && event.at <= story.told &&
               story.told < judged->expires;
      });
      REQUIRE(proved);
    });
  }
  CHECK(seen_so > 10000);
}

TEST_CASE("status property: nobody is accused by silence or by what stays open") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    for (const StatusChange& change : tell(tale_of(seed, {kProof, kOpen, kSilence}))) {
      REQUIRE(!accuses(change.to));
      REQUIRE(change.to != ChipState::kDisputed);
    }
  }
}

TEST_CASE(
    "status property: an accusation rests on as many verdicts of its kind as policy asks for, in time") {
  std::size_t accused = 0;
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    for (const StatusChange& change : tell(tale)) {
      if (!accuses(change.to)) continue;
      ++accused;
      std::vector<const StatusEvent*> signs;
      for (const StatusEvent& event : tale.events) {
        const Judged* judged = judged_of(event);
        if (judged == nullptr) continue;
        if (std::find(change.rests_on.begin(), change.rests_on.end(), judged->verdict) ==
            change.rests_on.end())
          continue;
        const bool fits = change.to == ChipState::kTampered ? judged->kind == kTampering
                          : change.to == ChipState::kProhibited
                              ? judged->kind == kProhibited
                              : judged->kind == kOutside || judged->kind == kProhibited;
        REQUIRE(fits);
        REQUIRE(event.at <= change.at);
        signs.push_back(&event);
      }
      REQUIRE(signs.size() >= tale.rules.confirmations);
      REQUIRE(signs.size() == change.rests_on.size());
      REQUIRE(signs.back()->at - signs.front()->at <= tale.rules.confirm_within);
      if (change.to == ChipState::kTampered) continue;
      // No proof of the contrary lies between them.
      for (const StatusEvent& event : tale.events) {
        const Judged* judged = judged_of(event);
        const bool between = &event > signs.front() && &event < signs.back();
        REQUIRE(!(between && judged != nullptr && judged->kind == kProof));
      }
    }
  }
  CHECK(accused > 1000);
}

TEST_CASE("status property: too few signs change nothing at all") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    Tale tale = tale_of(seed, {kProof, kOpen, kSilence});
    tale.rules.confirmations = 2;
    const auto before = tell(tale);
    std::mt19937 dice{seed};
    // One open verdict becomes a sign: whoever watches states sees no difference.
    std::vector<StatusEvent*> open;
    for (StatusEvent& event : tale.events) {
      if (judged_of(event) != nullptr && judged_of(event)->kind == kOpen) open.push_back(&event);
    }
    if (open.empty()) continue;
    std::get<Judged>(open[dice() % open.size()]->what).kind =
        std::vector{kOutside, kProhibited, kTampering}[dice() % 3];
    REQUIRE(tell(tale) == before);
  }
}

TEST_CASE("status property: who proves nothing does not stay quiet beyond its time and its absences") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed, {kOpen, kSilence, kOutside});
    Nanoseconds absent{0};
    WallTime before = hour(0);
    ChipState state = ChipState::kPending;
    tell(tale, 1, [&](const ChipStory& story) {
      if (state == ChipState::kAbsent) absent += story.told - before;
      before = story.told;
      state = story.state;
      if (state == ChipState::kPending) {
        // Since enrolment, without its absences.
        Nanoseconds there = story.told - hour(0);
        for (const Absence& absence : story.absences)
          there -= std::max(Nanoseconds{0}, std::min(absence.until, story.told) - absence.from);
        REQUIRE(there < tale.rules.unproven_after);
      }
    });
    REQUIRE(absent <= tale.rules.absences_a_year + std::chrono::hours{1});
  }
}

TEST_CASE("status property: accusations come and go no oftener than verdicts warrant") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    std::size_t signs = 0, begun = 0;
    for (const StatusEvent& event : tale.events) {
      const Judged* judged = judged_of(event);
      signs += judged != nullptr && condemns(judged->kind) ? 1U : 0U;
    }
    for (const StatusChange& change : tell(tale)) {
      begun += accuses(change.to) && !accuses(change.from) && change.from != ChipState::kDisputed ? 1U : 0U;
      if (accuses(change.from) && change.to == ChipState::kCompliant) {
        // As many proofs in a row stand before it.
        unsigned proofs = 0;
        for (const StatusEvent& event : tale.events) {
          const Judged* judged = judged_of(event);
          if (judged == nullptr || event.at > change.at) continue;
          proofs = judged->kind == kProof ? proofs + 1 : event.at == change.at ? proofs : 0;
        }
        REQUIRE(proofs >= tale.rules.restorations);
      }
    }
    REQUIRE(begun * tale.rules.confirmations <= signs);
  }
}

TEST_CASE("status property: what is kept of a story is bounded") {
  for (unsigned seed = 0; seed < kStories / 10; ++seed) {
    tell(tale_of(seed), 0, [&](const ChipStory& story) {
      REQUIRE(story.signs.size() <= 3 * std::size_t{kConfirmationsMax});
      REQUIRE(story.absences.size() <= kAbsencesMax);
    });
  }
}

TEST_CASE("status property: no story that can be told has a fault") {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    tell(tale_of(seed), seed % 10 == 0 ? 1 : 0, [&](const ChipStory& story) {
      INFO("seed " << seed);
      REQUIRE(story_fault(story).empty());
    });
  }
}

TEST_CASE("status property: under other rules the state is the one of these, at once and from then on") {
  std::size_t others = 0;
  for (unsigned seed = 0; seed < kStories; ++seed) {
    const Tale tale = tale_of(seed);
    ChipStory story = begin_story(hour(0));
    for (const StatusEvent& event : tale.events) apply(story, event, tale.rules);
    StatusRules rules = tale.rules;
    rules.unproven_after = rules.silent_after = rules.overdue_after = std::chrono::hours{7};
    rules.lost_proof_after = std::chrono::hours{2};
    const auto changes = advance(story, story.told + Nanoseconds{1}, rules);
    REQUIRE(changes.size() <= 2);  // what time brings in a moment, and what the rules do
    if (!changes.empty()) {
      ++others;
      REQUIRE(changes.back().to == story.state);
      REQUIRE(story.since == story.told);
    }
    REQUIRE(story_fault(story).empty());
    ChipStory touched = story;
    if (!story.disputed_until) REQUIRE(apply(touched, {story.told, DisputeClosed{}}, rules).empty());
  }
  CHECK(others > 20);
}

TEST_CASE("status property: what is foretold happens") {
  for (unsigned seed = 0; seed < kStories / 3; ++seed) {
    const Tale tale = tale_of(seed);
    ChipStory story = begin_story(hour(0));
    for (const StatusEvent& event : tale.events) {
      apply(story, event, tale.rules);
      const auto next = outlook(story, tale.rules);
      ChipStory later = story;
      const auto changes = advance(later, hour(tale.end + 5000), tale.rules);
      REQUIRE(next.has_value() == !changes.empty());
      if (next) {
        REQUIRE(next->at == changes.front().at);
        REQUIRE(next->to == changes.front().to);
      }
    }
  }
}

}  // namespace
}  // namespace chiploc
