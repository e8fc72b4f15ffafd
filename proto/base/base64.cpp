#include "proto/base/base64.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> base64_digit(char c) {
  const std::size_t at = kBase64Digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

}  // namespace

std::string base64_text(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = (group << 8U) | (i < left ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out.push_back(i <= left ? kBase64Digits[(group >> (18U - 6U * i)) & 63U] : '=');
  }
  return out;
}

std::optional<std::size_t> base64_decode(std::string_view text, MutableBytes out) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t size = text.size() / 4 * 3 - padding;
  if (size > out.size()) return std::nullopt;
  const std::size_t digits = text.size() - padding;
  for (std::size_t at = 0; at < digits; at += 4) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto digit = at + i < digits ? base64_digit(text[at + i]) : std::optional{0U};
      if (!digit) return std::nullopt;
      group = (group << 6U) | *digit;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      const auto byte = static_cast<std::uint8_t>(group >> (16U - 8U * i));
      const std::size_t to = at / 4 * 3 + i;
      if (to < size) {
        out[to] = byte;
      } else if (byte != 0) {
        return std::nullopt;  // another spelling of the same bytes
      }
    }
  }
  return size;
}

std::optional<ByteVector> base64_bytes(std::string_view text) {
  ByteVector out(text.size() / 4 * 3);
  const auto size = base64_decode(text, out);
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace chiploc
