#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/base64.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

/// Takes the next line off a text, without its end; nullopt: what is left does not end.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text = text.substr(end + 1);
  return line;
}

/// Decimal digits as std::to_string writes them: no sign, no zero in front.
inline std::optional<std::uint64_t> decimal_in(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || std::to_string(out) != text)
    return std::nullopt;
  return out;
}

/// 32 bytes in base64.
inline std::optional<Digest> digest_in(std::string_view text) {
  Digest out;
  const auto size = base64_decode(text, out.bytes);
  return size && *size == Digest::kSize ? std::optional{out} : std::nullopt;
}

}  // namespace chiploc
