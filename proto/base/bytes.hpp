#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

/// A borrowed run of bytes: what arrives from outside before anybody has judged it.
using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using ByteVector = std::vector<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The characters of a text as bytes, without the terminating zero.
[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string string_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline bool same_bytes(Bytes a, Bytes b) {  // not for secrets: see constant_time_equal
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(Bytes bytes);
/// Inverse of to_hex (either case). nullopt on an odd length or a character that is no hex digit.
[[nodiscard]] std::optional<ByteVector> from_hex(std::string_view text);

/// Writes big-endian fields into a buffer that the caller has sized. Running past the end is our own bug:
/// it stops the writer (ok() is false) and never writes outside.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes out) : out_{out} {}
  void u8(std::uint8_t v) { integer(v, 1); }
  void u16(std::uint16_t v) { integer(v, 2); }
  void u32(std::uint32_t v) { integer(v, 4); }
  void u64(std::uint64_t v) { integer(v, 8); }
  void bytes(Bytes v);
  void zeros(std::size_t count);
  [[nodiscard]] std::size_t size() const { return at_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] Bytes written() const { return Bytes{out_.data(), at_}; }

 private:
  void integer(std::uint64_t v, std::size_t width);
  MutableBytes out_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Reads big-endian fields from hostile bytes. Running past the end yields zeros and ok() == false, so a
/// parser reads all its fields and asks once.
class ByteReader {
 public:
  explicit ByteReader(Bytes in) : in_{in} {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    if (take(N)) std::memcpy(out.data(), in_.data() + at_ - N, N);
    return out;
  }
  /// The next `count` bytes, still inside the buffer that was read; empty past the end.
  Bytes bytes(std::size_t count) { return take(count) ? in_.subspan(at_ - count, count) : Bytes{}; }
  [[nodiscard]] std::size_t left() const { return in_.size() - at_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  bool take(std::size_t count);
  std::uint64_t integer(std::size_t width);
  Bytes in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace chiploc
