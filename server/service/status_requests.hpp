#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "server/service/requests.hpp"
#include "server/storage/status_store.hpp"

namespace chiploc {

// Requests about the status of chips -> checked values, as requests.hpp does for the others.

struct StatusLimits {
  std::uint32_t statuses_page = 1'000;  ///< default and most
  std::uint32_t changes_page = 100;     ///< default
  std::uint32_t changes_page_max = 500;
  std::size_t absent_chips = 1'000;            ///< in one declaration: it holds the store for some 100 ms
  std::chrono::hours absence_ahead{24 * 365};  ///< it begins within so long
};

/// Known states only, each at most once in the answer; numbers of ChipState (server/status).
[[nodiscard]] Checked<std::vector<std::uint32_t>> check_chip_states(
    const google::protobuf::RepeatedField<int>& states);
/// Number of v1::AbsenceKind.
[[nodiscard]] Checked<std::uint32_t> check_absence_kind(v1::AbsenceKind kind);
/// From when to when, as it is declared at `now`. Whether policy allows it is another question (refusal_of).
struct AbsenceTimes {
  WallTime from, until;
};
[[nodiscard]] Checked<AbsenceTimes> check_absence_times(std::int64_t from_unix_ns, std::int64_t until_unix_ns,
                                                        WallTime now, const StatusLimits& limits = {});

[[nodiscard]] std::string status_change_token(const StatusChangeCursor& last);
[[nodiscard]] Checked<std::optional<StatusChangeCursor>> read_status_change_token(std::string_view token);

}  // namespace chiploc
