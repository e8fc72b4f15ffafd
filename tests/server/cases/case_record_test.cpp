#include "server/cases/case_record.hpp"

#include <functional>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

CaseDays disputed_case() {
  CaseDays one{CaseKind::kElsewhere};
  one.accused(1, 1, 4, ChipState::kProhibited).event(2, CaseWeighed{{9, "Buyer Ltd", "AE", 1}});
  one.event(2, CaseAssigned{"Ann", "Bob"}).event(3, SignSeen{case_chip(1), {}, "udp_blocked"});
  return one.event(4, CaseDisputed{"Op", "No.", {}, true});
}
CaseDays resolved_case() {
  return disputed_case().event(5, CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed});
}

void read_again(const CaseStory& story) {
  const ByteVector bytes = case_bytes(story);
  const auto read = case_from(bytes);
  REQUIRE(read.has_value());
  CHECK(*read == story);
  CHECK(same_bytes(case_bytes(*read), bytes));
}

TEST_CASE("case record: what is written is read, to the byte") {
  for (std::size_t kind = 0; kind < kCaseKinds; ++kind) {
    CaseDays one{static_cast<CaseKind>(kind)};
    one.accused(1, 1, 100, ChipState::kSilent)
        .event(1, UserStated{"Ann", "A", "B", "a visit", {}, case_chip(1)});
    read_again(one.story());
  }
  read_again(disputed_case().story());
  read_again(resolved_case().story());
  CaseDays one = resolved_case();
  read_again(one.accused(6, 9, 10).story());
  read_again(resolved_case().event(5000, CaseSuperseded{}).story());
  CaseStory of_licence = resolved_case().story();
  of_licence.ref.key = case_key(CaseKind::kElsewhere, "", "L-3", "");
  read_again(of_licence);
}

TEST_CASE("case record: no byte of it may be another") {
  const ByteVector bytes = case_bytes(disputed_case().story());
  const auto same = case_from(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 3, 6}) {
      ByteVector other = bytes;
      other[i] = static_cast<std::uint8_t>(other[i] ^ (1 << bit));
      const auto read = case_from(other);  // another story, to the byte, or none
      if (read) {
        REQUIRE(!(*read == *same));
        REQUIRE(same_bytes(case_bytes(*read), other));
      }
    }
    REQUIRE(!case_from(Bytes{bytes.data(), i}));
  }
  CHECK(case_from(ByteVector(kCaseStoryMax + 1, 0)).error() ==
        "case_story: not a story as this version writes it");
}

TEST_CASE("case record: what cannot be is refused with its field") {
  const auto fault = [](const std::function<void(v1::CaseStory&)>& change,
                        CaseStory story = disputed_case().story()) {
    v1::CaseStory record;
    const ByteVector bytes = case_bytes(story);
    REQUIRE(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    change(record);
    const auto read = case_from(canonical_bytes(record));
    return read ? std::string{"read"} : read.error();
  };
  using R = v1::CaseStory;
  CHECK(fault([](R&) {}) == "read");
  CHECK(fault([](R& r) { r.set_format(0); }) == "case_story.format: is not known");
  CHECK(fault([](R& r) { r.set_kind("theft"); }) == "case_story.kind: is not known");
  CHECK(fault([](R& r) { r.set_order("\x7f"); }) == "case_story.order: is no name");
  CHECK(fault([](R& r) { r.set_site(std::string(201, 'x')); }) == "case_story.site: is no name");
  CHECK(fault([](R& r) { r.set_licence(" "); }) == "case_story.licence: is no name");
  CHECK(fault([](R& r) { r.set_key_licence("L-3"); }) == "case_story.key_licence: stands beside an order");
  CHECK(fault([](R& r) { r.set_number(0); }) == "case_story.number: is 0, or too large");
  CHECK(fault([](R& r) { r.set_number(UINT32_MAX); }) == "case_story.number: is 0, or too large");
  CHECK(fault([](R& r) { r.set_begun_unix_ns(-5); }) == "case_story.begun_unix_ns: is no time of ours");
  CHECK(fault([](R& r) { r.set_told_unix_ns(INT64_MAX); }) == "case_story.told_unix_ns: is no time of ours");
  CHECK(fault([](R& r) { r.set_told_unix_ns(r.since_unix_ns() - 1); }) ==
        "case_story.since_unix_ns: is out of order");
  CHECK(fault([](R& r) { r.set_opened_unix_ns(r.since_unix_ns() + 1); }) ==
        "case_story.since_unix_ns: is out of order");
  CHECK(fault([](R& r) { r.set_opened_unix_ns(r.begun_unix_ns() - 1); }) ==
        "case_story.since_unix_ns: is out of order");
  CHECK(fault([](R& r) { r.set_opened_unix_ns(r.begun_unix_ns() + 1); }) ==
        "case_story.reopened: is 0, and it was");
  CHECK(fault([](R& r) { r.set_reopened(r.entries()); }) ==
        "case_story.reopened: is more than there are entries");
  CHECK(fault([](R& r) { r.set_state("shut"); }) == "case_story.state: is not known");
  CHECK(fault([](R& r) { r.set_state("open"); }) == "case_story.dispute: does not fit the state");
  CHECK(fault([](R& r) { r.clear_dispute(); }) == "case_story.dispute: does not fit the state");
  CHECK(fault([](R& r) { r.mutable_resolution()->set_how("confirmed"); }) ==
        "case_story.resolution: does not fit the state");
  CHECK(fault([](R& r) { r.set_superseded(true); }) == "case_story.superseded: does not fit the state");
  CHECK(fault([](R& r) { r.set_kind("unproven"); }) == "case_story.was_disputed: does not fit the kind");
  CHECK(fault([](R& r) { r.set_was_disputed(false); }) == "case_story.dispute: is out of order");
  CHECK(fault([](R& r) { r.mutable_dispute()->set_at_unix_ns(r.since_unix_ns() - 1); }) ==
        "case_story.dispute: is out of order");
  CHECK(fault([](R& r) { r.mutable_dispute()->set_until_unix_ns(r.told_unix_ns()); }) ==
        "case_story.dispute: is out of order");
  CHECK(fault([](R& r) { r.set_standing(4); }) == "case_story.standing: are more than ever came");
  CHECK(fault([](R& r) { r.set_standing(2); }) == "case_story.chips: are more than stand in it");
  CHECK(fault([](R& r) { r.mutable_chips(0)->set_chip_id("short"); }) ==
        "case_story.chips: have no chip's id, or one twice");
  CHECK(fault([](R& r) { r.mutable_chips(0)->set_chip_id(r.chips(1).chip_id()); }) ==
        "case_story.chips: have no chip's id, or one twice");
  CHECK(fault([](R& r) { r.mutable_chips(0)->set_state("green"); }) ==
        "case_story.chips: have an unknown state");
  CHECK(fault([](R& r) { r.mutable_chips(0)->set_since_unix_ns(r.told_unix_ns() + 1); }) ==
        "case_story.chips: are out of order");
  CHECK(fault([](R& r) { r.mutable_chips(0)->set_since_unix_ns(r.begun_unix_ns() - 1); }) ==
        "case_story.chips: are out of order");
  CHECK(fault([](R& r) { r.set_assignee("\x1b[2J"); }) == "case_story.assignee: is no name");
  CHECK(fault([](R& r) { r.set_watch_listed("\x1b[2J"); }) == "case_story.watch_listed: is no name");
  CHECK(fault([](R& r) { r.set_transshipment("\x1b[2J"); }) == "case_story.transshipment: is no name");
  CHECK(fault([](R& r) { r.set_entries(0); }) == "case_story.entries: are none, or too many");
  CHECK(fault([](R& r) { r.set_entries(kCaseEntriesMax + 1); }) ==
        "case_story.entries: are none, or too many");
  CHECK(fault([](R& r) { r.set_signs(kCaseEntriesMax + 1); }) == "case_story.signs: are too many");
  CHECK(fault([](R& r) { r.set_entries(2); }) == "case_story.chips_ever: are more than there are entries");

  const CaseStory resolved = resolved_case().story();
  CHECK(fault([](R& r) { r.clear_resolution(); }, resolved) ==
        "case_story.resolution: does not fit the state");
  CHECK(fault([](R& r) { r.mutable_resolution()->set_how("forgotten"); }, resolved) ==
        "case_story.resolution: is not known");
  CHECK(fault([](R& r) { r.mutable_resolution()->set_at_unix_ns(7); }, resolved) ==
        "case_story.resolution: is out of order");
}

TEST_CASE("case record: a full case takes nothing any more, and stays readable") {
  CaseStory story = resolved_case().story();
  story.entries = kCaseEntriesMax - 8;
  apply(story, {hour(6), CaseCommented{"Ann", "One more."}}, {});
  CHECK(story.entries == kCaseEntriesMax - 7);
  CHECK(refusal_of({hour(7), CaseCommented{"Ann", "One more."}}, story, {}) == "the case is full");
  read_again(story);
  story.entries = 20;
  story.state = CaseState::kOpen;
  story.resolution.reset();
  story.signs = kCaseEntriesMax;
  apply(story, {hour(8), SignSeen{case_chip(1), {}, "x"}}, {});
  CHECK(story.signs == kCaseEntriesMax);
  read_again(story);
}

}  // namespace
}  // namespace chiploc
