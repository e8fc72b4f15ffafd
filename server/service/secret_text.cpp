#include "server/service/secret_text.hpp"

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kSecretAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's
constexpr std::size_t kSecretGroup = 4;
constexpr std::size_t kTypedPerSymbol = 5;  // whatever is typed between them

}  // namespace

std::string drawn_secret(std::size_t symbols, const SecretDice& dice) {
  ByteVector bytes(symbols);
  dice(bytes);
  std::string out;
  out.reserve(symbols);
  // 256 is a multiple of 32: no symbol is likelier than another.
  for (const std::uint8_t byte : bytes) out += kSecretAlphabet[byte % kSecretAlphabet.size()];
  wipe(bytes);
  return out;
}

std::string grouped_secret(std::string_view symbols) {
  std::string out;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i != 0 && i % kSecretGroup == 0) out += '-';
    out += symbols[i];
  }
  return out;
}

std::optional<std::string> meant_secret(std::string_view typed, std::size_t symbols) {
  if (typed.size() > symbols * kTypedPerSymbol) return std::nullopt;
  std::string out;
  out.reserve(symbols);
  for (char c : typed) {
    if (c == ' ' || c == '-' || c == '\n' || c == '\r') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kSecretAlphabet.find(c) == std::string_view::npos || out.size() == symbols) return std::nullopt;
    out += c;
  }
  if (out.size() != symbols) return std::nullopt;
  return out;
}

}  // namespace chiploc
