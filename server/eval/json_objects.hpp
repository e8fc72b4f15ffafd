#pragma once
// The objects of a large file of JSON one by one, so that the file is never a tree in memory.

#include <functional>
#include <span>
#include <string_view>

#include "server/tables/rows.hpp"

namespace chiploc {

struct JsonObject {
  std::string_view text;
  std::uint32_t line = 0;  ///< where it begins
};

/// Hands out the objects of an array, of a text with an object after the other (one a line, usually), or of
/// the array that stands under one of `keys` in the only object; one object with none of them is handed out
/// itself. Until `sink` returns false.
///
/// Checks    Brackets, quotes and what stands between the objects; of an object no more than where it ends:
///           whoever takes it parses it.
/// Fails     Into `faults`, at once: another encoding, something that is no object, brackets that do not fit,
///           more than 64 of them in each other, an object of more than 16 MB.
void read_json_objects(std::string_view text, std::span<const std::string_view> keys, FaultLog& faults,
                       const std::function<bool(const JsonObject&)>& sink);

}  // namespace chiploc
