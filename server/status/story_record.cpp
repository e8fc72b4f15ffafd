#include "server/status/story_record.hpp"

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "server/status/story_check.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kStoryFormat = 1;
constexpr auto kLastKind = static_cast<std::uint32_t>(VerdictKind::kTampering);

std::int64_t ns_of(WallTime time) { return time.since_epoch.count(); }
WallTime time_of(std::int64_t unix_ns) { return {Nanoseconds{unix_ns}}; }

void fill(const Sign& sign, v1::ChipStory::Sign& out) {
  out.set_verdict_id(string_of(sign.verdict.bytes));
  out.set_at_unix_ns(ns_of(sign.at));
  out.set_kind(static_cast<std::uint32_t>(sign.kind));
}

/// False if it is none.
bool take_sign(const v1::ChipStory::Sign& in, Sign& out) {
  const auto id = VerdictId::from_bytes(bytes_of(in.verdict_id()));
  if (!id || in.kind() > kLastKind) return false;
  out = {*id, time_of(in.at_unix_ns()), static_cast<VerdictKind>(in.kind())};
  return true;
}

bool take_sign(bool there, const v1::ChipStory::Sign& in, std::optional<Sign>& out) {
  return !there || take_sign(in, out.emplace());
}

template <class Signs>
bool take_signs(const Signs& in, std::vector<Sign>& out) {
  constexpr int kMost = 3 * static_cast<int>(kConfirmationsMax);
  if (in.size() > kMost) return false;
  for (const auto& sign : in) {
    if (!take_sign(sign, out.emplace_back())) return false;
  }
  return true;
}

bool take_proof(const v1::ChipStory& in, ChipStory& out) {
  if (!in.has_proof()) return true;
  ChipStory::Proof& proof = *(out.proof = ChipStory::Proof{});
  proof.in_a_row = in.proof().in_a_row();
  proof.expires = time_of(in.proof().expires_unix_ns());
  return take_sign(in.proof().first(), proof.first) && take_sign(in.proof().last(), proof.last);
}

}  // namespace

ByteVector story_bytes(const ChipStory& story) {
  v1::ChipStory out;
  out.set_format(kStoryFormat);
  out.set_told_unix_ns(ns_of(story.told));
  out.set_begun_unix_ns(ns_of(story.begun));
  if (story.proof) {
    fill(story.proof->first, *out.mutable_proof()->mutable_first());
    fill(story.proof->last, *out.mutable_proof()->mutable_last());
    out.mutable_proof()->set_in_a_row(story.proof->in_a_row);
    out.mutable_proof()->set_expires_unix_ns(ns_of(story.proof->expires));
  }
  if (story.lost) fill(*story.lost, *out.mutable_lost());
  if (story.last) fill(*story.last, *out.mutable_last());
  if (story.silent) fill(*story.silent, *out.mutable_silent());
  for (const Sign& sign : story.signs) fill(sign, *out.add_signs());
  for (const Sign& sign : story.drifted) fill(sign, *out.add_drifted());
  for (const Sign& sign : story.prohibited) fill(sign, *out.add_prohibited());
  for (const Sign& sign : story.tampered) fill(sign, *out.add_tampered());
  out.set_accused_unix_ns(ns_of(story.accused));
  for (const Absence& absence : story.absences) {
    v1::ChipStory::Absence& one = *out.add_absences();
    one.set_from_unix_ns(ns_of(absence.from));
    one.set_until_unix_ns(ns_of(absence.until));
  }
  if (story.disputed_until) out.set_disputed_until_unix_ns(ns_of(*story.disputed_until));
  out.set_state(static_cast<std::uint32_t>(story.state));
  out.set_since_unix_ns(ns_of(story.since));
  return canonical_bytes(out);
}

Result<ChipStory, std::string> parse_story(Bytes bytes) {
  v1::ChipStory in;
  if (!read_canonical(bytes, kStoryBytesMax, in))
    return Fail{std::string{"the story is not as this version writes it"}};
  if (in.format() != kStoryFormat) return Fail{"format: " + std::to_string(in.format()) + " is not known"};
  if (in.state() >= kChipStates) return Fail{"state: " + std::to_string(in.state()) + " is none"};
  ChipStory out;
  out.told = time_of(in.told_unix_ns());
  out.begun = time_of(in.begun_unix_ns());
  out.accused = time_of(in.accused_unix_ns());
  out.since = time_of(in.since_unix_ns());
  out.state = static_cast<ChipState>(in.state());
  if (in.disputed_until_unix_ns() != 0) out.disputed_until = time_of(in.disputed_until_unix_ns());
  const bool signs = take_proof(in, out) && take_sign(in.has_lost(), in.lost(), out.lost) &&
                     take_sign(in.has_last(), in.last(), out.last) &&
                     take_sign(in.has_silent(), in.silent(), out.silent) &&
                     take_signs(in.signs(), out.signs) && take_signs(in.drifted(), out.drifted) &&
                     take_signs(in.prohibited(), out.prohibited) && take_signs(in.tampered(), out.tampered);
  if (!signs) return Fail{std::string{"a verdict that the story names is none, or they are too many"}};
  if (in.absences_size() > static_cast<int>(kAbsencesMax)) return Fail{std::string{"absences: are too many"}};
  for (const auto& absence : in.absences())
    out.absences.push_back({time_of(absence.from_unix_ns()), time_of(absence.until_unix_ns())});
  if (std::string fault = story_fault(out); !fault.empty()) return Fail{std::move(fault)};
  return out;
}

}  // namespace chiploc
