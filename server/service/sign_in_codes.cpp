#include "server/service/sign_in_codes.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "server/service/secret_text.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSymbols = 12;

ByteArray<32> key_of(std::string_view symbols) { return sha256(bytes_of(symbols)).bytes; }

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
  std::string symbols = drawn_secret(kSymbols, dice_);
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
  SignInCode out{grouped_secret(symbols), until};
  wipe({reinterpret_cast<std::uint8_t*>(symbols.data()), symbols.size()});
  if (!room)
    return Fail{
        ApiFault{ApiFaultCode::kExhausted, "too many codes wait to be used; try again in some minutes"}};
  return out;
}

std::optional<Identity> SignInCodes::redeem(std::string_view text, WallTime now) {
  const auto symbols = meant_secret(text, kSymbols);
  if (!symbols) return std::nullopt;
  return table_.with([&](Table& table) -> std::optional<Identity> {
    const auto node = table.extract(key_of(*symbols));
    if (node.empty() || now >= node.mapped().until || now < node.mapped().since) return std::nullopt;
    return node.mapped().identity;
  });
}

}  // namespace chiploc
