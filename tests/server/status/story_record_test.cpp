#include "server/status/story_record.hpp"

#include <functional>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/server/status/chip_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum VerdictKind;

std::vector<ChipStory> told_stories() {
  std::vector<ChipStory> out{begin_story(hour(0)), ChipStory{}};
  out.push_back(ChipDays{}.judged(1, kProof).judged(2, kProof).story());
  out.push_back(
      ChipDays{}.judged(1, kProof).judged(2, kOpen).judged(3, kSilence).judged(4, kSilence).story());
  ChipDays all;
  for (int h = 1; h <= 60; ++h) all.judged(h, h <= 30 ? kTampering : h % 2 == 0 ? kOutside : kProhibited);
  all.event(61, DisputeOpened{}).event(61, AbsenceDeclared{hour(62), hour(63)});
  all.event(61, AbsenceDeclared{hour(70), hour(80)});
  out.push_back(all.story());
  return out;
}

/// What is said of a record in which one thing was changed.
std::string refusal(const ChipStory& story, const std::function<void(v1::ChipStory&)>& change) {
  v1::ChipStory record;
  const ByteVector bytes = story_bytes(story);
  REQUIRE(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  change(record);
  const auto read = parse_story(canonical_bytes(record));
  return read ? "" : read.error();
}

TEST_CASE("story record: what is written is read, and written again to the byte", "[status]") {
  for (const ChipStory& story : told_stories()) {
    const ByteVector bytes = story_bytes(story);
    CHECK(bytes.size() <= kStoryBytesMax);
    const auto read = parse_story(bytes);
    INFO((read ? "" : read.error()));
    REQUIRE(read);
    CHECK(*read == story);
    CHECK(story_bytes(*read) == bytes);
  }
}

TEST_CASE("story record: the largest story that can be fits", "[status]") {
  StatusRules rules;
  rules.absences_a_year = std::chrono::hours{24 * 365};
  ChipDays chip{rules};
  for (std::size_t i = 0; i < kAbsencesMax; ++i) {
    const double h = static_cast<double>(i) * 10 + 5;
    chip.event(0, AbsenceDeclared{hour(h), hour(h + 5)});
  }
  chip.judged(1, kProof).judged(2, kProof);
  for (int h = 3; h <= 32; ++h) chip.judged(h, kTampering);
  for (int h = 33; h <= 62; ++h) chip.judged(h, h % 2 == 0 ? kOutside : kProhibited);
  ChipStory story = chip.judged(63, kSilence).event(64, DisputeOpened{}).story();
  story.drifted.clear();  // as many as may be: eight of each kind
  for (const Sign& sign : story.signs) {
    if (sign.kind != kTampering) story.drifted.push_back(sign);
  }
  story.tampered.assign(story.signs.begin(), story.signs.begin() + 8);
  story.prohibited.assign(8, story.drifted.front());
  for (Sign& sign : story.prohibited) sign.kind = kProhibited;
  const ByteVector bytes = story_bytes(story);
  CHECK(bytes.size() > 2'000);
  CHECK(bytes.size() <= kStoryBytesMax);
  CHECK(parse_story(bytes));
}

TEST_CASE("story record: bytes that are not as this version writes them are refused", "[status]") {
  const ByteVector good = story_bytes(told_stories().back());
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto shorter = parse_story(Bytes{good}.first(size));
    if (!shorter) continue;
    // Cut between two parts, and what is left is a story of its own.
    CHECK_FALSE(*shorter == told_stories().back());
    CHECK(same_bytes(story_bytes(*shorter), Bytes{good}.first(size)));
  }
  ByteVector longer = good;
  longer.insert(longer.end(), {0xB8, 0x1F, 0x01});  // field 503
  CHECK(parse_story(longer).error() == "the story is not as this version writes it");
  ByteVector twice = good;
  twice.insert(twice.end(), good.begin(), good.begin() + 2);  // the format again
  CHECK_FALSE(parse_story(twice));
  CHECK_FALSE(parse_story(ByteVector(kStoryBytesMax + 1, 0)));
  CHECK_FALSE(parse_story({}));
}

TEST_CASE("story record: a state that does not follow from the rest is refused", "[status]") {
  const ChipStory compliant = ChipDays{}.judged(1, kProof).story();
  for (std::uint32_t state = 0; state < 12; ++state) {
    const std::string said = refusal(compliant, [&](v1::ChipStory& r) { r.set_state(state); });
    if (state == static_cast<std::uint32_t>(ChipState::kCompliant)) {
      CHECK(said.empty());
    } else if (state < kChipStates) {
      CHECK(said == "state: " + std::string{name_of(static_cast<ChipState>(state))} +
                        " does not follow from the rest");
    } else {
      CHECK(said == "state: " + std::to_string(state) + " is none");
    }
  }
  const ChipStory drifted = ChipDays{}.judged(1, kOutside).judged(2, kOutside).story();
  CHECK(refusal(drifted, [](v1::ChipStory& r) { r.clear_drifted(); }) ==
        "state: drifted does not follow from the rest");
  CHECK(refusal(compliant, [](v1::ChipStory& r) { r.clear_proof(); }) == "proof: the last verdict is one");
}

TEST_CASE("story record: every part is held to its form", "[status]") {
  const ChipStory story = told_stories().back();
  using Change = std::function<void(v1::ChipStory&)>;
  for (const Change& change : std::vector<Change>{
           [](v1::ChipStory& r) { r.set_format(0); }, [](v1::ChipStory& r) { r.set_format(2); },
           [](v1::ChipStory& r) { r.mutable_last()->set_verdict_id("short"); },
           [](v1::ChipStory& r) { r.mutable_last()->set_verdict_id(std::string(17, 'v')); },
           [](v1::ChipStory& r) { r.mutable_last()->set_kind(6); },
           [](v1::ChipStory& r) { r.mutable_signs(3)->set_verdict_id(""); },
           [](v1::ChipStory& r) { r.mutable_drifted(0)->set_kind(600); },
           [](v1::ChipStory& r) { r.mutable_prohibited(0)->clear_verdict_id(); },
           [](v1::ChipStory& r) { r.mutable_tampered(0)->clear_verdict_id(); },
           [](v1::ChipStory& r) { *r.mutable_lost() = r.last(); },
           [](v1::ChipStory& r) { r.mutable_silent(); }, [](v1::ChipStory& r) { r.mutable_proof(); },
           [](v1::ChipStory& r) { r.set_told_unix_ns(-1); },
           [](v1::ChipStory& r) { r.set_accused_unix_ns(-1); },
           [](v1::ChipStory& r) { r.set_disputed_until_unix_ns(-1); },
           [](v1::ChipStory& r) { r.set_disputed_until_unix_ns(0); },
           [](v1::ChipStory& r) { r.mutable_absences(0)->set_until_unix_ns(0); },
           [](v1::ChipStory& r) {
             for (int i = 0; i < 40; ++i) *r.add_absences() = r.absences(0);
           },
           [](v1::ChipStory& r) {
             while (r.signs_size() <= 24) *r.add_signs() = r.signs(23);
           }})
    CHECK_FALSE(refusal(story, change).empty());
}

}  // namespace
}  // namespace chiploc
