// A bearer token, and claims behind a good signature: what is read has one spelling, only the four algorithms pass, a role
// comes from the rules alone, and nothing is ever signed by keys that signed nothing.
#include "server/oidc/base64url.hpp"
#include "server/oidc/token.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

/// Two keys of RFC 8037, A.2 and RFC 7517, A.1.
const chiploc::JwkSet& known_keys() {
  static const chiploc::JwkSet kKeys = [] {
    auto set = chiploc::JwkSet::parse(R"({"keys":[
      {"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
      {"kty":"EC","crv":"P-256","kid":"ec","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
       "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})");
    chiploc::fuzz::demand(set && set->size() == 2);
    return *std::move(set);
  }();
  return kKeys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::string_view text = fuzz::text_of(data, size);
  TokenRules rules;
  rules.issuer = "https://i.example";
  rules.audience = "api";
  rules.groups = {{"a", Role::kReader}, {"b", Role::kAdmin}};
  rules.entity_claim = "entity";
  const WallTime now = wall_from_unix_seconds(1'796'200'000);

  if (const auto bytes = base64url_bytes(text)) fuzz::demand(base64url_text(*bytes) == text);
  if (const auto jws = parse_jws(text)) {
    fuzz::demand(text.size() <= kTokenMax && jws_algorithm_of(name_of(jws->algorithm)) == jws->algorithm);
    const std::string again = base64url_text(bytes_of(jws->payload)) + "." + base64url_text(jws->signature);
    fuzz::demand(text.ends_with("." + again) && text.starts_with(jws->signed_part));
    fuzz::demand(!jws->kid || is_key_id(*jws->kid));
  }
  for (const TokenUse use : {TokenUse::kBearer, TokenUse::kLogin}) {
    const auto person = judge_token(text, use, known_keys(), rules, now, "n");
    fuzz::demand(!person && !sentence_of(person.error()).empty());

    const auto claimed = judge_claims(text, use, rules, now, "n");
    if (!claimed) {
      fuzz::demand(!name_of(claimed.error()).empty() && !api_fault_of(claimed.error()).text.empty());
      continue;
    }
    const Identity& identity = claimed->identity;
    fuzz::demand(identity.unit == "reader" || identity.unit == "admin");
    fuzz::demand(!identity.common_name.empty() && identity.common_name.size() <= kPersonNameMax &&
                 !identity.certificate);
    fuzz::demand(identity.account && identity.account->issuer == rules.issuer &&
                 !identity.account->subject.empty());
    fuzz::demand(identity.organizations.size() <= 1);
    for (const std::string& one : identity.organizations)
      fuzz::demand(one.starts_with(kHolderEntity) && one.size() > kHolderEntity.size());
    fuzz::demand(now < claimed->expires + rules.skew &&
                 claimed->expires - now <= rules.lifetime_most + rules.skew);
  }
  return 0;
}
