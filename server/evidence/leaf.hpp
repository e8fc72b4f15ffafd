#pragma once
// What stands in the log: one entry for a fact, as lines of text that anybody can read. What is sealed stands there as a salted
// digest, and each such field can be opened by itself without the others.
//
//     chiploc.leaf/1
//     kind intent
//     at 1796126400000000000               nanoseconds of UTC since 1970
//     round 6f2a...                        a field that everybody may see: name, blank, value to the line's end
//     sealed by 9a7d...                    a field that not everybody may: SHA-256 over label, salt, name and value
//
// Fields stand in the order in which they were given; a name stands once. The salts of an entry follow from its seed, 32 random
// bytes that nobody but the coordinator has.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

struct LeafField {
  std::string name;   ///< 1 to 32 of a-z 0-9 and '-', beginning with a letter
  std::string value;  ///< open: 1 to 512 bytes of UTF-8 that act on no display; sealed: any bytes
  bool sealed = false;
  friend bool operator==(const LeafField&, const LeafField&) = default;
};
struct Leaf {
  std::string kind;  ///< as a field's name
  WallTime at;
  std::vector<LeafField> fields;
};
using LeafSeed = ByteArray<32>;
inline constexpr std::size_t kLeafFieldsMax = 512;

/// Fails with a sentence that names the field: a name or an open value that cannot stand in a line, a name twice, too many, or
/// more than 65,535 bytes in all.
[[nodiscard]] Result<std::string, std::string> leaf_text(const Leaf& leaf, const LeafSeed& seed);

/// An entry as it is read: of a sealed field the value is its digest in hex. One Leaf for each text, and the other way round.
/// Fails with a sentence that names the line.
[[nodiscard]] Result<Leaf, std::string> parse_leaf(std::string_view text);

/// What opens one sealed field.
struct LeafOpening {
  std::string name;
  Digest salt{};
  std::string value;
};
[[nodiscard]] LeafOpening opening_of(const LeafSeed& seed, std::string name, std::string value);
/// Whether this is what stands sealed under that name in an entry that was read.
[[nodiscard]] bool opens(const Leaf& read, const LeafOpening& opening);

}  // namespace chiploc
