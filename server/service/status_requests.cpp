#include "server/service/status_requests.hpp"

#include <algorithm>

#include "proto/base/bytes.hpp"
#include "proto/base/time_text.hpp"
#include "server/status/story_check.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> bad_status_field(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}

}  // namespace

Checked<std::vector<std::uint32_t>> check_chip_states(const google::protobuf::RepeatedField<int>& states) {
  std::vector<std::uint32_t> out;
  for (const int state : states) {
    if (!v1::ChipState_IsValid(state) || state == v1::CHIP_STATE_UNSPECIFIED) {
      return bad_status_field("states: " + std::to_string(state) +
                              " is no state; use CHIP_PENDING to CHIP_ABSENT");
    }
    const auto number = static_cast<std::uint32_t>(state - v1::CHIP_PENDING);
    if (std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
  }
  return out;
}

Checked<std::uint32_t> check_absence_kind(v1::AbsenceKind kind) {
  if (v1::AbsenceKind_IsValid(kind) && kind != v1::ABSENCE_KIND_UNSPECIFIED)
    return static_cast<std::uint32_t>(kind);
  return bad_status_field("kind: is none; use transit, storage or maintenance");
}

Checked<AbsenceTimes> check_absence_times(std::int64_t from_unix_ns, std::int64_t until_unix_ns, WallTime now,
                                          const StatusLimits& limits) {
  const auto from = check_time("from_unix_ns", from_unix_ns);
  if (!from) return Fail{from.error()};
  const auto until = check_time("until_unix_ns", until_unix_ns);
  if (!until) return Fail{until.error()};
  if (!*until)
    return bad_status_field("until: is missing; an absence has an end, by which the chip answers again");
  const AbsenceTimes out{std::max(from->value_or(now), now), **until};
  if (out.from > now + limits.absence_ahead) {
    return bad_status_field("from: " + utc_text(out.from) +
                            " is more than a year ahead; declare it when it is nearer");
  }
  if (out.until >= kStoryEnd) return bad_status_field("until: lies beyond 2199");
  return out;
}

std::string status_change_token(const StatusChangeCursor& last) {
  ByteArray<16> raw{};
  ByteWriter writer{raw};
  writer.u64(static_cast<std::uint64_t>(last.number));
  writer.u64(static_cast<std::uint64_t>(last.begins));
  return to_hex(raw);
}

Checked<std::optional<StatusChangeCursor>> read_status_change_token(std::string_view token) {
  if (token.empty()) return std::optional<StatusChangeCursor>{};
  const auto raw = from_hex(token);
  if (!raw || raw->size() != 16) {
    return bad_status_field(
        "page_token: is none that this service gave; pass next_page_token unchanged, or nothing");
  }
  ByteReader reader{*raw};
  StatusChangeCursor cursor;
  cursor.number = static_cast<std::int64_t>(reader.u64());
  cursor.begins = static_cast<std::int64_t>(reader.u64());
  return std::optional{cursor};
}

}  // namespace chiploc
