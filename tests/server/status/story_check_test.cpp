#include "server/status/story_check.hpp"

#include <functional>

#include "tests/server/status/chip_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

/// Everything that a story may hold, in one.
ChipStory full_story() {
  ChipDays chip;
  chip.judged(1, kProof).judged(2, kOpen).judged(3, kOutside).judged(4, kOutside).judged(5, kTampering);
  chip.judged(6, kTampering).judged(7, kProhibited).judged(8, kProhibited).judged(9, kSilence);
  chip.event(10, AbsenceDeclared{hour(20), hour(30)}).event(10, AbsenceDeclared{hour(40), hour(50)});
  return chip.event(11, DisputeOpened{}).story();
}

ChipStory of(const ChipDays& chip) { return chip.story(); }

/// What is said of a story in which one thing was made wrong.
std::string fault(ChipStory story, const std::function<void(ChipStory&)>& damage) {
  CHECK(story_fault(story).empty());
  damage(story);
  return story_fault(story);
}

constexpr WallTime kBeyond{std::chrono::seconds{7'258'118'400}};  // 2200-01-01

TEST_CASE("story check: a story that was told has no fault") {
  CHECK(story_fault(begin_story(hour(0))).empty());
  CHECK(story_fault(full_story()).empty());
  CHECK(story_fault(ChipStory{}).empty());  // of 1970
  ChipStory last_moment = begin_story(kBeyond - Nanoseconds{1});
  CHECK(story_fault(last_moment).empty());
}

TEST_CASE("story check: times lie between 1970 and 2200, and none of what was seen behind what was told") {
  const ChipStory story = full_story();
  const WallTime late = story.told + Nanoseconds{1};
  using Damage = std::function<void(ChipStory&)>;
  for (const Damage& damage : std::vector<Damage>{
           [](ChipStory& s) { s.told = kBeyond; },
           [](ChipStory& s) { s.begun = WallTime{Nanoseconds{-1}}; },
           [&](ChipStory& s) { s.begun = late; },
           [&](ChipStory& s) { s.since = late; },
           [](ChipStory& s) { s.since = WallTime{Nanoseconds{-1}}; },
           [&](ChipStory& s) { s.last->at = late; },
           [&](ChipStory& s) { s.accused = late; },
           [](ChipStory& s) { s.accused = WallTime{Nanoseconds{-1}}; },
           [](ChipStory& s) { s.disputed_until = kBeyond; },
           [](ChipStory& s) { s.proof->expires = kBeyond; },
           [](ChipStory& s) { s.proof->expires = WallTime{Nanoseconds{-1}}; },
           [](ChipStory& s) { s.proof->first.at = WallTime{Nanoseconds{-1}}; },
           [&](ChipStory& s) { s.proof->last.at = s.proof->first.at = late; },
           [](ChipStory& s) { s.proof->first.at = s.proof->last.at + Nanoseconds{1}; },
           [](ChipStory& s) { s.lost->at = s.last->at + Nanoseconds{1}; },
           [](ChipStory& s) { s.lost->at = s.proof->last.at - Nanoseconds{1}; },
           [](ChipStory& s) { s.silent->at = s.last->at + Nanoseconds{1}; },
           [](ChipStory& s) { s.silent->at = WallTime{Nanoseconds{-1}}; },
           [](ChipStory& s) { s.signs.front().at = WallTime{Nanoseconds{-1}}; },
           [](ChipStory& s) { s.signs.back().at = s.last->at + Nanoseconds{1}; },
           [](ChipStory& s) { std::swap(s.signs.front(), s.signs.back()); },
           [](ChipStory& s) { std::swap(s.drifted.front(), s.drifted.back()); },
           [](ChipStory& s) { s.prohibited.back().at = s.last->at + Nanoseconds{1}; },
           [](ChipStory& s) { s.tampered.back().at = s.last->at + Nanoseconds{1}; },
           [](ChipStory& s) { s.absences.front().from = WallTime{Nanoseconds{-1}}; },
           [](ChipStory& s) { s.absences.back().until = kBeyond; },
           [](ChipStory& s) { s.absences.front().until = s.absences.front().from; },
           [](ChipStory& s) { std::swap(s.absences.front(), s.absences.back()); },
           [](ChipStory& s) { s.absences.front().until = s.absences.back().from + Nanoseconds{1}; }})
    CHECK_FALSE(fault(story, damage).empty());
}

TEST_CASE("story check: each verdict is of the kind that its place asks for") {
  const ChipStory story = full_story();
  using Damage = std::function<void(ChipStory&)>;
  for (const Damage& damage : std::vector<Damage>{
           [](ChipStory& s) { s.proof->first.kind = kOpen; },
           [](ChipStory& s) { s.proof->last.kind = kOpen; }, [](ChipStory& s) { s.lost->kind = kProof; },
           [](ChipStory& s) { s.last->kind = kOpen; },  // and was silent before
           [](ChipStory& s) { s.last->kind = kProof; }, [](ChipStory& s) { s.silent->kind = kOpen; },
           [](ChipStory& s) { s.signs.front().kind = kOpen; },
           [](ChipStory& s) { s.drifted.front().kind = kTampering; },
           [](ChipStory& s) { s.prohibited.front().kind = kOutside; },
           [](ChipStory& s) { s.tampered.front().kind = kOutside; }})
    CHECK_FALSE(fault(story, damage).empty());
  CHECK(fault(of(ChipDays{}.judged(1, kProof)), [](ChipStory& s) { s.proof.reset(); }) ==
        "proof: the last verdict is one");
}

TEST_CASE("story check: no part without what it needs") {
  const ChipStory story = full_story();
  using Damage = std::function<void(ChipStory&)>;
  for (const Damage& damage :
       std::vector<Damage>{[](ChipStory& s) { s.last.reset(); }, [](ChipStory& s) { s.proof.reset(); },
                           [](ChipStory& s) { s.lost.reset(); }, [](ChipStory& s) { s.silent.reset(); },
                           [](ChipStory& s) { s.proof->in_a_row = 0; },
                           [](ChipStory& s) { s.proof->in_a_row = kInARowMost + 1; },
                           [](ChipStory& s) { s.proof->last.verdict = {}; }})
    CHECK_FALSE(fault(story, damage).empty());
  const ChipStory new_chip = begin_story(hour(0));
  const Sign sign{verdict_id(1), hour(0), kOutside};
  CHECK_FALSE(fault(new_chip, [&](ChipStory& s) { s.signs = {sign}; }).empty());
  CHECK_FALSE(fault(new_chip, [&](ChipStory& s) { s.lost = sign; }).empty());
  CHECK_FALSE(fault(new_chip, [&](ChipStory& s) {
                s.silent = Sign{verdict_id(1), hour(0), kSilence};
              }).empty());
  CHECK_FALSE(fault(new_chip, [&](ChipStory& s) { s.disputed_until = hour(1); }).empty());
}

TEST_CASE("story check: lists are as long as they may be, and no longer") {
  ChipDays chip;
  for (int h = 1; h <= 30; ++h) chip.judged(h, kTampering);
  for (int h = 31; h <= 60; ++h) chip.judged(h, h % 2 == 0 ? kOutside : kProhibited);
  const ChipStory story = chip.story();
  CHECK(story.signs.size() == 3 * std::size_t{kConfirmationsMax});
  for (auto list : {&ChipStory::signs, &ChipStory::drifted, &ChipStory::prohibited, &ChipStory::tampered}) {
    CHECK_FALSE(fault(story, [&](ChipStory& s) {
                  Sign sign = (s.*list).back();
                  (s.*list).assign(kConfirmationsMax + 1, sign);
                }).empty());
  }
  StatusRules rules;
  rules.absences_a_year = std::chrono::hours{24 * 365};
  ChipDays often{rules};
  for (std::size_t i = 0; i < kAbsencesMax; ++i) {
    const double h = static_cast<double>(i) * 10 + 5;
    often.event(0, AbsenceDeclared{hour(h), hour(h + 5)});
  }
  const ChipStory absent = often.story();
  REQUIRE(absent.absences.size() == kAbsencesMax);
  CHECK_FALSE(fault(absent, [](ChipStory& s) {
                s.absences.push_back({s.absences.back().until, s.absences.back().until + Nanoseconds{1}});
              }).empty());
}

TEST_CASE("story check: proofs in a row are counted as far as anybody asks") {
  ChipDays chip;
  for (unsigned i = 1; i <= kInARowMost + 5; ++i) chip.judged(i, kProof);
  CHECK(chip.story().proof->in_a_row == kInARowMost);
  CHECK(story_fault(chip.story()).empty());
}

TEST_CASE("story check: of all states those alone are taken that follow from the rest by some rules") {
  const auto possible = [](const ChipStory& story) {
    std::string out;
    for (std::size_t i = 0; i < kChipStates; ++i) {
      ChipStory said = story;
      said.state = static_cast<ChipState>(i);
      if (story_fault(said).empty()) out += (out.empty() ? "" : " ") + std::string{name_of(said.state)};
    }
    return out;
  };
  CHECK(possible(begin_story(hour(0))) == "pending unproven overdue");
  CHECK(possible(of(ChipDays{}.judged(1, kOpen))) == "pending unproven overdue");
  CHECK(possible(of(ChipDays{}.judged(1, kSilence))) == "pending unproven overdue silent");
  CHECK(possible(of(ChipDays{}.judged(1, kProof))) == "compliant");
  // Whether a lost proof still holds is for the rules to say; an expired one does not.
  CHECK(possible(of(ChipDays{}.judged(1, kProof).judged(2, kOpen))) == "pending compliant unproven overdue");
  CHECK(possible(of(ChipDays{}.judged(1, kProof).until(25))) == "pending unproven overdue");
  CHECK(possible(of(ChipDays{}.event(1, AbsenceDeclared{hour(1), hour(9)}))) == "absent");
  CHECK(possible(of(ChipDays{}.judged(1, kSilence).event(1, AbsenceDeclared{hour(1), hour(9)}))) == "absent");
  CHECK(possible(of(ChipDays{}.event(1, AbsenceDeclared{hour(2), hour(9)}))) == "pending unproven overdue");
  CHECK(possible(of(ChipDays{}.event(1, AbsenceDeclared{hour(1), hour(9)}).until(9))) ==
        "pending unproven overdue");
  CHECK(possible(of(ChipDays{}.judged(1, kOutside).judged(2, kOutside))) == "drifted");
  CHECK(possible(of(ChipDays{}.judged(1, kOutside).judged(2, kOutside).event(3, DisputeOpened{}))) ==
        "disputed");
  CHECK(possible(of(ChipDays{}.judged(1, kTampering).judged(2, kTampering))) == "tampered");
  CHECK(possible(of(ChipDays{}.judged(1, kProhibited).judged(2, kProhibited))) == "prohibited");
}

TEST_CASE("status: the grounds of a state are those of its change, as they are now") {
  ChipDays chip;
  chip.judged(0, kProof).judged(5, kProof);
  CHECK(grounds_of(chip.story()) ==
        StatusChange{
            hour(0), ChipState::kCompliant, ChipState::kCompliant, {verdict_id(2)}, "A proof is in force."});
  chip.judged(6, kOutside).judged(7, kOutside).event(8, DisputeOpened{});
  const StatusChange grounds = grounds_of(chip.story());
  CHECK(grounds.to == ChipState::kDisputed);
  CHECK(grounds.at == hour(8));
  CHECK(grounds.rests_on == std::vector{verdict_id(3), verdict_id(4)});
  CHECK(accusation_of(chip.story()) == ChipState::kDrifted);
  CHECK_FALSE(accusation_of(begin_story(hour(0))));
}

}  // namespace
}  // namespace chiploc
