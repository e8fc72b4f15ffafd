#include "server/service/sign_in_codes.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's
constexpr std::size_t kSymbols = 12;
constexpr std::size_t kGroup = 4;
constexpr std::size_t kTypedMax = 64;

ByteArray<32> key_of(std::string_view symbols) { return sha256(bytes_of(symbols)).bytes; }

/// Of five bits each, from a byte each: no symbol is likelier than another.
std::string drawn(const SignInCodes::Dice& dice) {
  ByteArray<kSymbols> bytes{};
  dice(bytes);
  std::string out;
  for (const std::uint8_t byte : bytes) out += kAlphabet[byte % kAlphabet.size()];
  wipe(bytes);
  return out;
}

std::string grouped(std::string_view symbols) {
  std::string out;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i != 0 && i % kGroup == 0) out += '-';
    out += symbols[i];
  }
  return out;
}

/// The symbols that somebody meant; nullopt: no code can read so.
std::optional<std::string> meant(std::string_view typed) {
  if (typed.size() > kTypedMax) return std::nullopt;
  std::string out;
  for (char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos) return std::nullopt;
    out += c;
  }
  if (out.size() != kSymbols) return std::nullopt;
  return out;
}

Identity identity_of(const Caller& caller) {
  Identity out{caller.name, std::string{unit_of(caller.role)}};
  if (caller.holder) out.organizations.push_back(std::string{kHolderEntity} + *caller.holder);
  out.certificate = caller.certificate;
  out.whole_certificate = caller.whole_certificate;
  return out;
}

}  // namespace

SignInCodes::SignInCodes(std::string page_address, const SignInCodeRules& rules, Dice dice)
    : page_address_{std::move(page_address)}, rules_{rules}, dice_{std::move(dice)} {}

Answer<SignInCode> SignInCodes::issue(const Caller& caller, WallTime now) {
  if (!caller.certificate || !caller.whole_certificate)
    return Fail{
        ApiFault{ApiFaultCode::kWrongRole,
                 "a code is given to whoever calls with a certificate, not for a token or a session"}};
  std::string symbols = drawn(dice_);
  const WallTime until = now + rules_.life;
  const bool room = table_.with([&](Table& table) {
    // A clock that was set back must not keep a code alive for longer than its life.
    std::erase_if(table, [&](const auto& one) { return now >= one.second.until || now < one.second.since; });
    std::size_t theirs = 0;
    auto oldest = table.end();
    for (auto at = table.begin(); at != table.end(); ++at) {
      if (at->second.identity.certificate != caller.certificate) continue;
      ++theirs;
      if (oldest == table.end() || at->second.since < oldest->second.since) oldest = at;
    }
    if (theirs >= rules_.per_certificate && oldest != table.end()) table.erase(oldest);
    if (table.size() >= rules_.most) return false;
    return table.try_emplace(key_of(symbols), Waiting{identity_of(caller), now, until}).second;
  });
  SignInCode out{grouped(symbols), until};
  wipe({reinterpret_cast<std::uint8_t*>(symbols.data()), symbols.size()});
  if (!room)
    return Fail{
        ApiFault{ApiFaultCode::kExhausted, "too many codes wait to be used; try again in some minutes"}};
  return out;
}

std::optional<Identity> SignInCodes::redeem(std::string_view text, WallTime now) {
  const auto symbols = meant(text);
  if (!symbols) return std::nullopt;
  return table_.with([&](Table& table) -> std::optional<Identity> {
    const auto node = table.extract(key_of(*symbols));
    if (node.empty() || now >= node.mapped().until || now < node.mapped().since) return std::nullopt;
    return node.mapped().identity;
  });
}

}  // namespace chiploc
