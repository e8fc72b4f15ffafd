#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "proto/base/time.hpp"
#include "server/oidc/jwk_set.hpp"
#include "server/service/caller.hpp"

namespace chiploc {

/// What a token is sent for: the two are never taken for one another.
enum class TokenUse : std::uint8_t {
  kBearer,  ///< an access token, beside each call; `typ` JWT or at+jwt
  kLogin,   ///< an ID token, once, from the issuer itself; `typ` JWT or none
};

/// By what a token is judged. All of it comes from the configuration.
struct TokenRules {
  std::string issuer;
  std::string audience;             ///< what `aud` has to name: us
  std::set<std::string> parties{};  ///< of these clients alone (`azp`, else `client_id`); empty: of any
  Nanoseconds skew = std::chrono::seconds{60};         ///< how far the issuer's clock and ours may be apart
  Nanoseconds lifetime_most = std::chrono::hours{24};  ///< exp - iat; what lives longer cannot be taken back
  std::string name_claim = "preferred_username";       ///< -> Identity::common_name
  std::string groups_claim = "groups";                 ///< a name, or a path: "realm_access.roles"
  std::string entity_claim{};                          ///< -> "holder:NAME"; empty: tokens name no entity
  std::map<std::string, Role> groups{};                ///< what a group may do; other groups say nothing
};

/// Why a token does not count. Each has a sentence for the log that holds no part of the token, and one for who sent it.
enum class TokenFault : std::uint8_t {
  kMalformed,
  kHeader,
  kType,
  kUnknownKey,  ///< the issuer's set has no such key: its keys may have changed
  kSignature,
  kClaims,
  kIssuer,
  kAudience,
  kParty,
  kExpired,
  kNotYet,
  kLifetime,
  kNonce,
  kBound,  ///< `cnf`: only who proves a key may use it, and nobody did
  kName,
  kNoRole,
  kSeveralRoles,
  kEntity,
  kNoKeys,  ///< there are no keys to judge it by
};
inline constexpr std::size_t kTokenFaults = 19;
/// "expired": for counters and logs.
[[nodiscard]] std::string_view name_of(TokenFault fault);
/// For the log: what was wrong, and what to look at.
[[nodiscard]] std::string_view sentence_of(TokenFault fault);
/// For the caller: whether to sign in again, to ask for a role, or to come again later. Nothing that helps to guess.
[[nodiscard]] ApiFault api_fault_of(TokenFault fault);

/// Who a good token is about.
struct TokenPerson {
  Identity identity;  ///< the role in `unit`, no certificate
  WallTime expires;
};

inline constexpr std::size_t kPersonNameMax = 128;  ///< bytes of a name, as the text fields of requests
inline constexpr std::size_t kSubjectMax = 255;     ///< bytes of `sub` (OpenID Connect Core, section 2)
inline constexpr std::size_t kGroupsMax = 512;      ///< that a token may have

/// The whole of it: form, key, signature, claims. `nonce` is the login's (kLogin), compared in constant time.
[[nodiscard]] Result<TokenPerson, TokenFault> judge_token(std::string_view token, TokenUse use,
                                                          const JwkSet& keys, const TokenRules& rules,
                                                          WallTime now, std::string_view nonce = {});
/// The claims alone, of a payload whose signature is good.
[[nodiscard]] Result<TokenPerson, TokenFault> judge_claims(std::string_view payload, TokenUse use,
                                                           const TokenRules& rules, WallTime now,
                                                           std::string_view nonce = {});

}  // namespace chiploc
