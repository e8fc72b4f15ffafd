#pragma once
#include <cstdlib>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// Bytes of hex text that a test has spelled right.
inline ByteVector hex(std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes) std::abort();
  return *std::move(bytes);
}
template <std::size_t N>
ByteArray<N> hex_array(std::string_view text) {
  const ByteVector bytes = hex(text);
  if (bytes.size() != N) std::abort();
  ByteArray<N> out{};
  std::memcpy(out.data(), bytes.data(), N);
  return out;
}
/// The bytes with one bit turned.
inline ByteVector with_flipped_bit(Bytes bytes, std::size_t bit) {
  ByteVector out(bytes.begin(), bytes.end());
  out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] ^ (1U << bit % 8));
  return out;
}

}  // namespace chiploc
