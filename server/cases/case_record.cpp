#include "server/cases/case_record.hpp"

#include <algorithm>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kCaseFormat = 1;
constexpr std::int64_t kLatestNs =
    9'000'000'000'000'000'000;  // the year 2255; beyond it sums of times overflow

/// Reads field after field; the first fault is kept, and what follows does not matter.
class CaseReader {
 public:
  explicit CaseReader(const v1::CaseStory& record) : record_{record} {}

  Result<CaseStory, std::string> read() {
    demand(record_.format() == kCaseFormat, "format", "is not known");
    read_ref();
    read_times();
    read_state();
    read_chips();
    story_.assignee = name(record_.assignee(), "assignee");
    story_.weights = {record_.order_chips(), name(record_.watch_listed(), "watch_listed"),
                      name(record_.transshipment(), "transshipment"), record_.prior_cases()};
    story_.prohibited = record_.prohibited();
    story_.signs = record_.signs();
    story_.entries = record_.entries();
    demand(story_.entries > 0 && story_.entries <= kCaseEntriesMax, "entries", "are none, or too many");
    demand(story_.signs <= kCaseEntriesMax, "signs", "are too many");
    demand(story_.chips_ever <= story_.entries, "chips_ever", "are more than there are entries");
    demand(story_.reopened < story_.entries, "reopened", "is more than there are entries");
    if (!fault_.empty()) return Fail{fault_};
    return story_;
  }

 private:
  void demand(bool holds, const std::string& field, const std::string& what) {
    if (!holds && fault_.empty()) fault_ = "case_story." + field + ": " + what;
  }
  WallTime time(std::int64_t ns, const std::string& field) {
    demand(ns >= 0 && ns <= kLatestNs, field, "is no time of ours");
    return {Nanoseconds{ns}};
  }
  std::string name(const std::string& text, const std::string& field) {
    demand(text.empty() || said_fault("name", text, kSaidNameMax).empty(), field, "is no name");
    return text;
  }
  void read_ref() {
    const auto kind = case_kind_of(record_.kind());
    demand(kind.has_value(), "kind", "is not known");
    story_.ref.key = {kind.value_or(CaseKind::kUnproven), name(record_.order(), "order"),
                      name(record_.key_licence(), "key_licence"), name(record_.site(), "site")};
    demand(record_.order().empty() || record_.key_licence().empty(), "key_licence", "stands beside an order");
    story_.ref.number = record_.number();
    demand(record_.number() > 0 && record_.number() <= kCaseEntriesMax, "number", "is 0, or too large");
    story_.licence = name(record_.licence(), "licence");
  }
  void read_times() {
    story_.begun = time(record_.begun_unix_ns(), "begun_unix_ns");
    story_.opened = time(record_.opened_unix_ns(), "opened_unix_ns");
    story_.since = time(record_.since_unix_ns(), "since_unix_ns");
    story_.told = time(record_.told_unix_ns(), "told_unix_ns");
    demand(story_.begun <= story_.opened && story_.opened <= story_.since && story_.since <= story_.told,
           "since_unix_ns", "is out of order");
    story_.reopened = record_.reopened();
    demand(story_.reopened > 0 || story_.opened == story_.begun, "reopened", "is 0, and it was");
  }
  void read_state() {
    const auto state = case_state_of(record_.state());
    demand(state.has_value(), "state", "is not known");
    story_.state = state.value_or(CaseState::kOpen);
    story_.was_disputed = record_.was_disputed();
    story_.superseded = record_.superseded();
    const bool disputed = story_.state == CaseState::kDisputed,
               resolved = story_.state == CaseState::kResolved;
    demand(record_.has_dispute() == disputed, "dispute", "does not fit the state");
    demand(record_.has_resolution() == resolved, "resolution", "does not fit the state");
    demand(!story_.superseded || resolved, "superseded", "does not fit the state");
    demand(!story_.was_disputed || story_.ref.key.kind != CaseKind::kUnproven, "was_disputed",
           "does not fit the kind");
    if (record_.has_dispute()) {
      story_.dispute = CaseStory::Dispute{time(record_.dispute().at_unix_ns(), "dispute"),
                                          time(record_.dispute().until_unix_ns(), "dispute"),
                                          record_.dispute().remeasure()};
      demand(story_.was_disputed && story_.dispute->at == story_.since && story_.dispute->until > story_.told,
             "dispute", "is out of order");
    }
    if (record_.has_resolution()) {
      const auto how = case_end_of(record_.resolution().how());
      demand(how.has_value(), "resolution", "is not known");
      story_.resolution = CaseStory::Resolution{time(record_.resolution().at_unix_ns(), "resolution"),
                                                how.value_or(CaseEnd::kConfirmed)};
      demand(story_.resolution->at == story_.since, "resolution", "is out of order");
    }
  }
  void read_chips() {
    story_.standing = record_.standing();
    story_.chips_ever = record_.chips_ever();
    demand(story_.standing <= story_.chips_ever, "standing", "are more than ever came");
    demand(static_cast<std::size_t>(record_.chips_size()) <=
               std::min<std::size_t>(kCaseChipsShown, record_.standing()),
           "chips", "are more than stand in it");
    if (!fault_.empty()) return;
    for (const v1::CaseStory::Chip& chip : record_.chips()) {
      const auto id = ChipId::from_bytes(bytes_of(chip.chip_id()));
      const auto state = chip_state_of(chip.state());
      demand(id && std::none_of(story_.chips.begin(), story_.chips.end(),
                                [&](const CaseChip& other) { return other.chip == *id; }),
             "chips", "have no chip's id, or one twice");
      demand(state.has_value(), "chips", "have an unknown state");
      const WallTime since = time(chip.since_unix_ns(), "chips");
      demand(since >= story_.begun && since <= story_.told, "chips", "are out of order");
      if (!fault_.empty()) return;
      story_.chips.push_back({*id, *state, since});
    }
  }

  const v1::CaseStory& record_;
  CaseStory story_;
  std::string fault_;
};

}  // namespace

ByteVector case_bytes(const CaseStory& story) {
  v1::CaseStory out;
  out.set_format(kCaseFormat);
  out.set_kind(std::string{name_of(story.ref.key.kind)});
  out.set_order(story.ref.key.order);
  out.set_key_licence(story.ref.key.licence);
  out.set_site(story.ref.key.site);
  out.set_number(story.ref.number);
  out.set_licence(story.licence);
  out.set_begun_unix_ns(story.begun.since_epoch.count());
  out.set_told_unix_ns(story.told.since_epoch.count());
  out.set_state(std::string{name_of(story.state)});
  out.set_since_unix_ns(story.since.since_epoch.count());
  out.set_opened_unix_ns(story.opened.since_epoch.count());
  out.set_reopened(story.reopened);
  out.set_assignee(story.assignee);
  for (const CaseChip& chip : story.chips) {
    v1::CaseStory::Chip& written = *out.add_chips();
    written.set_chip_id(string_of(chip.chip.bytes));
    written.set_state(std::string{name_of(chip.state)});
    written.set_since_unix_ns(chip.since.since_epoch.count());
  }
  out.set_standing(story.standing);
  out.set_chips_ever(story.chips_ever);
  out.set_prohibited(story.prohibited);
  out.set_order_chips(story.weights.order_chips);
  out.set_watch_listed(story.weights.watch_listed);
  out.set_transshipment(story.weights.transshipment);
  out.set_prior_cases(story.weights.prior_cases);
  if (story.dispute) {
    out.mutable_dispute()->set_at_unix_ns(story.dispute->at.since_epoch.count());
    out.mutable_dispute()->set_until_unix_ns(story.dispute->until.since_epoch.count());
    out.mutable_dispute()->set_remeasure(story.dispute->remeasure);
  }
  out.set_was_disputed(story.was_disputed);
  if (story.resolution) {
    out.mutable_resolution()->set_at_unix_ns(story.resolution->at.since_epoch.count());
    out.mutable_resolution()->set_how(std::string{name_of(story.resolution->how)});
  }
  out.set_superseded(story.superseded);
  out.set_signs(story.signs);
  out.set_entries(story.entries);
  return canonical_bytes(out);
}

Result<CaseStory, std::string> case_from(Bytes bytes) {
  v1::CaseStory record;
  if (!read_canonical(bytes, kCaseStoryMax, record))
    return Fail{std::string{"case_story: not a story as this version writes it"}};
  return CaseReader{record}.read();
}

}  // namespace chiploc
