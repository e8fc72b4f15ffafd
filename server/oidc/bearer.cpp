#include "server/oidc/bearer.hpp"

namespace chiploc {
namespace {

/// The token behind "Bearer " (RFC 6750, 2.1); nullopt: another scheme, or several fields.
std::optional<std::string_view> token_of(const HttpRequest& request) {
  const auto field = request.field("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (!field || field->size() <= kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = (*field)[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return std::nullopt;
  }
  return field->substr(kScheme.size());
}

}  // namespace

BearerGate::BearerGate(TokenRules rules, Issuer& issuer, std::function<WallTime()> clock, OidcLog log,
                       OidcCounters& counters)
    : rules_{std::move(rules)},
      issuer_{issuer},
      clock_{std::move(clock)},
      log_{std::move(log)},
      counters_{counters} {}

bool BearerGate::is_bearer(const HttpRequest& request) {
  for (const auto& [name, value] : request.fields)
    if (name == "authorization") return true;
  return false;
}

Answer<Identity> BearerGate::identity(const HttpRequest& request) {
  const auto refuse = [&](TokenFault fault) -> Answer<Identity> {
    ++counters_.tokens_refused;
    log_(false, "oidc.token_refused reason=" + std::string{name_of(fault)} + ": it " +
                    std::string{sentence_of(fault)});
    return Fail{api_fault_of(fault)};
  };
  const auto token = token_of(request);
  const auto jws = token ? parse_jws(*token) : Result<UncheckedJws, JwsFault>{Fail{JwsFault::kNotThreeParts}};
  if (!jws) {
    // Nothing is fetched for what cannot be good; judge_token has the words.
    const auto why = judge_token(token.value_or(""), TokenUse::kBearer, JwkSet{}, rules_, clock_());
    return refuse(why ? TokenFault::kMalformed : why.error());
  }
  const auto facts = issuer_.facts(jws->kid);
  if (!facts) return refuse(TokenFault::kNoKeys);
  auto person = judge_token(*token, TokenUse::kBearer, facts->keys, rules_, clock_());
  if (!person) return refuse(person.error());
  ++counters_.tokens_good;
  return std::move(person->identity);
}

}  // namespace chiploc
