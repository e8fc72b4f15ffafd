#pragma once
// For the crypto target's own sources only: CBOR (RFC 8949) one item at a time, in the deterministic
// encoding.
#include <cstdint>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/eat.hpp"

namespace chiploc {

struct CborItem {
  enum class Kind : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kOther };
  Kind kind = Kind::kOther;
  std::uint64_t value = 0;  ///< the number, -1 - value of a negative one, the count of a container, the tag
  Bytes content;            ///< of a byte or text string, borrowed; no check of UTF-8
};

/// Takes items off hostile bytes. No allocation and no recursion: the caller knows what comes next.
/// After a fault every further call repeats it.
class CborReader {
 public:
  explicit CborReader(Bytes in) : in_{in} {}
  /// Fails with kMalformed (not CBOR, or cut off) or kNotDeterministic (a head longer than needed, an
  /// indefinite length).
  Result<CborItem, StatementFault> next();
  /// The next item if it is of this kind, else `otherwise`.
  Result<CborItem, StatementFault> expect(CborItem::Kind kind, StatementFault otherwise);
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == in_.size(); }

 private:
  Bytes in_;
  std::size_t at_ = 0;
  std::optional<StatementFault> fault_;
};

/// Appends items in their shortest encoding.
class CborWriter {
 public:
  void number(std::int64_t value);
  void unsigned_number(std::uint64_t value);
  void bytes(Bytes value);
  void text(std::string_view value);
  void array(std::size_t count);
  void map(std::size_t count);
  void tag(std::uint64_t value);
  [[nodiscard]] const ByteVector& written() const { return out_; }

 private:
  template <class Encode, class Value>
  void head(Encode encode, Value value);
  ByteVector out_;
};

}  // namespace chiploc
