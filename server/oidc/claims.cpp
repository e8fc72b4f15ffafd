// What a token's claims say of its holder (token.hpp).
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/oidc/token.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

const json* member(const json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// A claim by its whole name, else as a path of members: names with dots in them are common (URLs).
const json* claim_at(const json& claims, const std::string& path) {
  if (const json* whole = member(claims, path)) return whole;
  const json* at = &claims;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    if (!at->is_object() || (at = member(*at, path.substr(from, dot - from))) == nullptr) return nullptr;
    from = dot + 1;
  }
  return at;
}

/// Seconds since 1970 (RFC 7519's NumericDate), a fraction cut off; nullopt: absent, or no such number.
std::optional<WallTime> time_claim(const json& claims, const char* name) {
  constexpr double kLastSecond = 9e9;
  const json* const value = member(claims, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->get<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return std::nullopt;
  return wall_from_unix_seconds(static_cast<std::uint64_t>(seconds));
}

/// Shown as it is in records, logs and on terminals: UTF-8 without what acts on a display.
bool can_be_shown(std::string_view text, std::size_t bytes_most) {
  if (text.empty() || text.size() > bytes_most) return false;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || acts_on_display(*point)) return false;
  }
  return true;
}

/// One text, or an array of texts alone.
std::optional<std::vector<std::string>> texts_of(const json& value, std::size_t most) {
  if (const auto* one = value.get_ptr<const std::string*>()) return std::vector{*one};
  if (!value.is_array() || value.size() > most) return std::nullopt;
  std::vector<std::string> out;
  for (const json& entry : value) {
    const auto* text = entry.get_ptr<const std::string*>();
    if (text == nullptr) return std::nullopt;
    out.push_back(*text);
  }
  return out;
}

Result<Done, TokenFault> check_audience(const json& claims, const TokenRules& rules) {
  constexpr std::size_t kAudiencesMax = 64;
  const json* const aud = member(claims, "aud");
  const auto audiences = aud == nullptr ? std::nullopt : texts_of(*aud, kAudiencesMax);
  if (!audiences) return Fail{TokenFault::kClaims};
  if (std::find(audiences->begin(), audiences->end(), rules.audience) == audiences->end())
    return Fail{TokenFault::kAudience};
  if (rules.parties.empty() && audiences->size() == 1) return Done{};
  const std::string* party = text_member(claims, "azp");
  if (party == nullptr) party = text_member(claims, "client_id");
  // An ID token for its one audience need not say who that is (OpenID Connect Core, 2).
  if (party == nullptr && audiences->size() == 1 && rules.parties.count(rules.audience) != 0) return Done{};
  if (party == nullptr || rules.parties.count(*party) == 0) return Fail{TokenFault::kParty};
  return Done{};
}

Result<WallTime, TokenFault> check_times(const json& claims, const TokenRules& rules, WallTime now) {
  const auto expires = time_claim(claims, "exp"), issued = time_claim(claims, "iat");
  const auto begins = time_claim(claims, "nbf");
  if (!expires || !issued || (claims.contains("nbf") && !begins)) return Fail{TokenFault::kClaims};
  if (now >= *expires + rules.skew) return Fail{TokenFault::kExpired};
  if (now + rules.skew < *issued || (begins && now + rules.skew < *begins)) return Fail{TokenFault::kNotYet};
  if (*expires - *issued > rules.lifetime_most) return Fail{TokenFault::kLifetime};
  return *expires;
}

Result<Role, TokenFault> role_of_groups(const json& claims, const TokenRules& rules) {
  const json* const listed = claim_at(claims, rules.groups_claim);
  if (listed == nullptr) return Fail{TokenFault::kNoRole};
  const auto groups = texts_of(*listed, kGroupsMax);
  if (!groups) return Fail{TokenFault::kClaims};
  std::set<Role> roles;
  for (const std::string& group : *groups)
    if (const auto known = rules.groups.find(group); known != rules.groups.end()) roles.insert(known->second);
  if (roles.empty()) return Fail{TokenFault::kNoRole};
  if (roles.size() > 1) return Fail{TokenFault::kSeveralRoles};
  return *roles.begin();
}

Result<std::string, TokenFault> name_of_person(const json& claims, const TokenRules& rules) {
  const json* const claim = claim_at(claims, rules.name_claim);
  const auto* name = claim == nullptr ? nullptr : claim->get_ptr<const std::string*>();
  if (name == nullptr || !can_be_shown(*name, kPersonNameMax)) return Fail{TokenFault::kName};
  if (rules.name_claim == "email") {  // anybody may type an address; only a verified one names its owner
    const json* const verified = member(claims, "email_verified");
    if (verified == nullptr || *verified != json(true)) return Fail{TokenFault::kName};
  }
  return *name;
}

/// A claim that is there and cannot be followed must not widen what is seen.
Result<std::vector<std::string>, TokenFault> organizations_of(const json& claims, const TokenRules& rules) {
  const json* const claim = rules.entity_claim.empty() ? nullptr : claim_at(claims, rules.entity_claim);
  if (claim == nullptr) return std::vector<std::string>{};
  const auto names = texts_of(*claim, 1);
  if (!names || names->size() != 1 || !can_be_shown(names->front(), kPersonNameMax))
    return Fail{TokenFault::kEntity};
  return std::vector{std::string{kHolderEntity} + names->front()};
}

}  // namespace

Result<TokenPerson, TokenFault> judge_claims(std::string_view payload, TokenUse use, const TokenRules& rules,
                                             WallTime now, std::string_view nonce) {
  const auto claims = strict_json_object(payload, kTokenMax);
  if (!claims) return Fail{TokenFault::kClaims};
  const std::string* const issuer = text_member(*claims, "iss");
  const std::string* const subject = text_member(*claims, "sub");
  if (issuer == nullptr || subject == nullptr || !can_be_shown(*subject, kSubjectMax))
    return Fail{TokenFault::kClaims};
  if (*issuer != rules.issuer) return Fail{TokenFault::kIssuer};
  if (const auto good = check_audience(*claims, rules); !good) return Fail{good.error()};
  const auto expires = check_times(*claims, rules, now);
  if (!expires) return Fail{expires.error()};
  if (use == TokenUse::kBearer && claims->contains("cnf")) return Fail{TokenFault::kBound};
  if (use == TokenUse::kLogin) {
    const std::string* const said = text_member(*claims, "nonce");
    if (nonce.empty() || said == nullptr || !constant_time_equal(bytes_of(*said), bytes_of(nonce)))
      return Fail{TokenFault::kNonce};
  }
  const auto role = role_of_groups(*claims, rules);
  if (!role) return Fail{role.error()};
  auto name = name_of_person(*claims, rules);
  if (!name) return Fail{name.error()};
  auto organizations = organizations_of(*claims, rules);
  if (!organizations) return Fail{organizations.error()};
  TokenPerson out;
  out.identity.common_name = *std::move(name);
  out.identity.unit = unit_of(*role);
  out.identity.organizations = *std::move(organizations);
  out.identity.account = TokenAccount{*issuer, *subject};
  out.expires = *expires;
  return out;
}

}  // namespace chiploc
