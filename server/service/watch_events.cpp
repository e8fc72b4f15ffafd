#include "server/service/watch_events.hpp"

#include <charconv>
#include <utility>
#include <variant>

#include "server/service/case_views.hpp"
#include "server/service/status_views.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

using Told = Answer<std::optional<v1::WatchEvent>>;

bool is_theirs(const std::string& licence, const WatchClass& viewer, const Registry& registry) {
  if (!viewer.holder) return true;
  const LicenceRecord* const record = registry.licence(licence);
  return record != nullptr && record->holder == *viewer.holder;
}

/// Null: not registered, or not theirs.
const ChipRecord* their_chip(const ChipId& id, const WatchClass& viewer, const Registry& registry) {
  const ChipRecord* const chip = registry.chip(id);
  return chip != nullptr && is_theirs(chip->licence, viewer, registry) ? chip : nullptr;
}

Told told_verdict(const VerdictRow& row, const WatchClass& viewer, const Registry& registry) {
  if (!viewer.verdicts) return std::optional<v1::WatchEvent>{};
  // As in ListVerdicts, those of a chip that is gone are for everybody but holders.
  if (viewer.holder && their_chip(row.chip, viewer, registry) == nullptr)
    return std::optional<v1::WatchEvent>{};
  auto verdict = read_verdict(row.summary, VerdictRecord::kFlat);
  if (!verdict) return Fail{verdict.error()};
  std::optional<v1::WatchEvent> out{std::in_place};
  *out->mutable_verdict() = std::move(*verdict);
  return out;
}

Told told_change(const StatusChangeRecord& change, const WatchClass& viewer, const Registry& registry) {
  if (!viewer.statuses) return std::optional<v1::WatchEvent>{};
  const ChipRecord* const chip = their_chip(change.chip, viewer, registry);
  if (chip == nullptr) return std::optional<v1::WatchEvent>{};
  std::optional<v1::WatchEvent> out{std::in_place};
  *out->mutable_status_change() = view_of(change, *chip);
  return out;
}

Told told_line(const CaseLine& line, const WatchClass& viewer, const Registry& registry) {
  if (!viewer.cases || !is_theirs(line.licence, viewer, registry)) return std::optional<v1::WatchEvent>{};
  auto change = view_of(line, viewer.holder.has_value());
  if (!change) return std::optional<v1::WatchEvent>{};
  std::optional<v1::WatchEvent> out{std::in_place};
  *out->mutable_case_change() = *std::move(change);
  return out;
}

}  // namespace

Answer<WatchClass> watch_class_of(const v1::WatchRequest& request, const Caller& caller) {
  WatchClass out{caller.sees_all, caller.holder};
  if (request.kinds().empty()) return out;
  out.verdicts = out.statuses = out.cases = false;
  for (const int kind : request.kinds()) {
    switch (kind) {
      case v1::WATCH_VERDICTS:
        out.verdicts = true;
        break;
      case v1::WATCH_STATUSES:
        out.statuses = true;
        break;
      case v1::WATCH_CASES:
        out.cases = true;
        break;
      default:
        return Fail{ApiFault{ApiFaultCode::kBadField,
                             "kinds: " + std::to_string(kind) + " is none; use verdicts, cases, statuses"}};
    }
  }
  return out;
}

std::string event_id(std::uint64_t number) { return std::to_string(number); }

Answer<std::uint64_t> read_event_id(const std::string& id) {
  std::uint64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto [at, error] = std::from_chars(id.data(), end, number);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  // Written back it is the same: one event has one id.
  if (error != std::errc{} || at != end || number > kMost || event_id(number) != id)
    return Fail{ApiFault{ApiFaultCode::kBadField, "after: is no id of an event; take it from one unchanged"}};
  return number;
}

Told told_event(const StoredEvent& event, const WatchClass& viewer, const Registry& registry) {
  Told told = std::visit(
      [&](const auto& what) -> Told {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, VerdictRow>)
          return told_verdict(what, viewer, registry);
        else if constexpr (std::is_same_v<What, StatusChangeRecord>)
          return told_change(what, viewer, registry);
        else
          return told_line(what, viewer, registry);
      },
      event.what);
  if (told && *told) (*told)->set_id(event_id(event.number));
  return told;
}

}  // namespace chiploc
