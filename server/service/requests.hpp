#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/registry/import.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

// Requests as somebody sent them -> checked values. Every field has a limit; a fault names the field and the
// limit.

struct ApiLimits {
  std::size_t text_bytes = 128;            ///< names, ids, prefixes
  std::uint32_t chips_page = 1'000;        ///< default and most
  std::uint32_t chips_page_regions = 100;  ///< the same with regions
  std::uint32_t records_page = 1'000;      ///< default and most; of models, orders, ... and of changes
  std::uint32_t verdicts_page = 100;       ///< default
  std::uint32_t verdicts_page_max = 500;
  std::chrono::milliseconds deadline_min{1'000};
  std::chrono::milliseconds deadline_max{600'000};
  std::uint32_t imports_page = 100;  ///< default
  std::uint32_t imports_page_max = 1'000;
  std::size_t export_bytes = std::size_t{2} << 20;  ///< of a page, or one record
  std::size_t import_files = 16;
  std::size_t import_bytes = std::size_t{128} << 20;  ///< of all files together
};

template <class T>
using Checked = Result<T, ApiFault>;

/// Why a round of this chip is not begun with so short a deadline, and what would do.
[[nodiscard]] ApiFault short_deadline(std::chrono::milliseconds deadline, std::chrono::milliseconds least,
                                      const ChipRecord& chip);
/// Text of at most `limits.text_bytes`, without control characters.
[[nodiscard]] Checked<std::string> check_text(std::string_view field, const std::string& text,
                                              const ApiLimits& limits);
/// 0 stands for `otherwise`.
[[nodiscard]] Checked<std::uint32_t> check_page_size(std::uint32_t size, std::uint32_t otherwise,
                                                     std::uint32_t most);
/// Known states only, each at most once in the answer.
[[nodiscard]] Checked<std::vector<std::uint32_t>> check_states(
    const google::protobuf::RepeatedField<int>& states);
/// 0 stays 0: the policy's.
[[nodiscard]] Checked<std::chrono::milliseconds> check_deadline(std::uint32_t deadline_ms,
                                                                const ApiLimits& limits);
/// 0: none. Fails for a time before 1970.
[[nodiscard]] Checked<std::optional<WallTime>> check_time(std::string_view field, std::int64_t unix_ns);
/// kBadField for a number that is no kind.
[[nodiscard]] Checked<ImportKind> check_kind(std::string_view field, v1::ImportKind kind);
/// Why somebody imports or removes: a text as registry fields are, or none.
[[nodiscard]] Checked<std::string> check_reason(const std::string& text);
[[nodiscard]] Checked<std::vector<ImportFile>> check_import(const v1::ImportRequest& request,
                                                            const ApiLimits& limits);

// Page tokens: opaque to clients, hex of the last row of the page before.
/// The last chip, and by what it stood there: what its order sorts by, as it was then.
struct ChipCursor {
  ChipId id;
  std::string key{};
  friend auto operator<=>(const ChipCursor& a, const ChipCursor& b) {
    return std::tie(a.key, a.id) <=> std::tie(b.key, b.id);
  }
  friend bool operator==(const ChipCursor&, const ChipCursor&) = default;
};
[[nodiscard]] std::string chip_token(const ChipCursor& last);
[[nodiscard]] Checked<std::optional<ChipCursor>> read_chip_token(std::string_view token);
[[nodiscard]] std::string change_token(const ChangeCursor& last);
[[nodiscard]] Checked<std::optional<ChangeCursor>> read_change_token(std::string_view token);
/// A key of any text.
[[nodiscard]] std::string key_token(std::string_view key);
[[nodiscard]] Checked<std::string> read_key_token(std::string_view token);
[[nodiscard]] std::string verdict_token(const VerdictCursor& last);
[[nodiscard]] Checked<std::optional<VerdictCursor>> read_verdict_token(std::string_view token);

}  // namespace chiploc
