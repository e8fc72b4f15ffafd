#pragma once
// What a store says when it cannot do what it was asked for.

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace chiploc {

enum class StoreFaultCode : std::uint8_t {
  kFull,         ///< no room on the disk: nothing was lost, nothing was added
  kBusy,         ///< another process holds the database
  kOlderSchema,  ///< written by an older version of this program, and not migrated yet
  kNewerSchema,  ///< written by a newer version of this program
  kForeign,      ///< a file that is not this program's database
  kCorrupt,      ///< the database is damaged
  kPermission,   ///< the file may not be opened, or others may read it
  kInputOutput,  ///< the disk failed
  kNotFound,     ///< the round or chip that was named is not there
  kConflict,     ///< already there, or over already, or planned from an older registry
  kAmbiguous,    ///< a prefix that fits several
  kInvalid,      ///< an argument out of range: the caller's mistake
};
/// Stable lower_snake_case name, for logs and counters.
[[nodiscard]] std::string_view name_of(StoreFaultCode code);

struct StoreFault {
  StoreFaultCode code{};
  std::string text;  ///< one sentence: what failed, on which file, what to do
};
template <class T>
using Stored = Result<T, StoreFault>;

}  // namespace chiploc
