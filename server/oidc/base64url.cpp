#include "server/oidc/base64url.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 0 to 63; 64: none of the alphabet.
std::uint32_t sextet_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 52;
  return c == '-' ? 62U : c == '_' ? 63U : 64U;
}

}  // namespace

std::string base64url_text(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U) | byte;
    for (bits += 8; bits >= 6; bits -= 6) out += kUrlAlphabet[(held >> (bits - 6)) & 63U];
  }
  if (bits != 0) out += kUrlAlphabet[(held << (6 - bits)) & 63U];
  return out;
}

std::optional<ByteVector> base64url_bytes(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  ByteVector out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint32_t sextet = sextet_of(c);
    if (sextet > 63) return std::nullopt;
    held = (held << 6U) | sextet;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>((held >> bits) & 255U));
  }
  if ((held & ((1U << bits) - 1U)) != 0) return std::nullopt;
  return out;
}

}  // namespace chiploc
