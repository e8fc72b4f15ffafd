#include "server/oidc/token.hpp"

namespace chiploc {
namespace {

struct FaultWords {
  std::string_view name, sentence;
};

FaultWords words_of(TokenFault fault) {
  switch (fault) {
    case TokenFault::kMalformed:
      return {"malformed", "is no token: three parts of base64url without padding, 16 KiB at most"};
    case TokenFault::kHeader:
      return {
          "header",
          "has a header that is refused: an algorithm other than RS256, PS256, ES256 and EdDSA, a key of its "
          "own, or something critical"};
    case TokenFault::kType:
      return {"type", "is of another type: an access token is JWT or at+jwt, an ID token JWT"};
    case TokenFault::kUnknownKey:
      return {"unknown-key",
              "is signed by a key that the issuer does not publish, or not for this algorithm"};
    case TokenFault::kSignature:
      return {"signature", "has a signature that is wrong"};
    case TokenFault::kClaims:
      return {"claims", "has claims that are missing or of the wrong type: iss, aud, sub, exp, iat"};
    case TokenFault::kIssuer:
      return {"issuer", "is of another issuer than oidc.issuer"};
    case TokenFault::kAudience:
      return {"audience", "is for another audience; register ours with the issuer"};
    case TokenFault::kParty:
      return {
          "party",
          "was issued to a client that is not in oidc.clients, or is for several audiences and names none"};
    case TokenFault::kExpired:
      return {"expired", "is past its time"};
    case TokenFault::kNotYet:
      return {"not-yet", "is from the future; compare the issuer's clock with ours"};
    case TokenFault::kLifetime:
      return {"lifetime", "lives longer than oidc.token_lifetime_s; have the issuer shorten it"};
    case TokenFault::kNonce:
      return {"nonce", "is of another login"};
    case TokenFault::kBound:
      return {"bound", "is bound to a key (cnf), which bearer tokens are not; have the issuer leave it out"};
    case TokenFault::kName:
      return {"name", "has no usable text of 1 to 128 bytes in the claim that oidc.name_claim names"};
    case TokenFault::kNoRole:
      return {"no-role", "has no group that [oidc.groups] gives a role"};
    case TokenFault::kSeveralRoles:
      return {"several-roles", "has groups that give several roles; leave its holder in one of them"};
    case TokenFault::kEntity:
      return {"entity", "has something other than one name in the claim that oidc.entity_claim names"};
    case TokenFault::kNoKeys:
      return {"no-keys", "cannot be judged: the issuer's keys could not be fetched"};
  }
  return {};
}

}  // namespace

std::string_view name_of(TokenFault fault) { return words_of(fault).name; }
std::string_view sentence_of(TokenFault fault) { return words_of(fault).sentence; }

ApiFault api_fault_of(TokenFault fault) {
  switch (fault) {
    case TokenFault::kExpired:
      return {ApiFaultCode::kNoCertificate, "the token has expired; sign in again"};
    case TokenFault::kNoRole:
    case TokenFault::kSeveralRoles:
    case TokenFault::kEntity:
    case TokenFault::kName:
      return {
          ApiFaultCode::kWrongRole,
          "the issuer's groups give you no role here, or not one alone; ask whoever runs this coordinator"};
    case TokenFault::kNoKeys:
      return {ApiFaultCode::kUnavailable, "tokens cannot be checked at the moment; try again later"};
    case TokenFault::kMalformed:
    case TokenFault::kHeader:
    case TokenFault::kType:
    case TokenFault::kUnknownKey:
    case TokenFault::kSignature:
    case TokenFault::kClaims:
    case TokenFault::kIssuer:
    case TokenFault::kAudience:
    case TokenFault::kParty:
    case TokenFault::kNotYet:
    case TokenFault::kLifetime:
    case TokenFault::kNonce:
    case TokenFault::kBound:
      break;
  }
  return {ApiFaultCode::kNoCertificate, "the token is not accepted; sign in again"};
}

Result<TokenPerson, TokenFault> judge_token(std::string_view token, TokenUse use, const JwkSet& keys,
                                            const TokenRules& rules, WallTime now, std::string_view nonce) {
  const auto jws = parse_jws(token);
  if (!jws) {
    switch (jws.error()) {
      case JwsFault::kTooLarge:
      case JwsFault::kNotThreeParts:
      case JwsFault::kNotBase64url:
      case JwsFault::kHeaderNoJson:
        return Fail{TokenFault::kMalformed};
      case JwsFault::kType:
        return Fail{TokenFault::kType};
      case JwsFault::kAlgorithm:
      case JwsFault::kCritical:
      case JwsFault::kKeyFromHeader:
      case JwsFault::kKeyId:
        return Fail{TokenFault::kHeader};
    }
  }
  // An access token says that it is a JWT; ID tokens of most issuers say nothing, and are never access tokens.
  const JwsType refused = use == TokenUse::kBearer ? JwsType::kUnsaid : JwsType::kAccessToken;
  if (jws->type == refused) return Fail{TokenFault::kType};
  const Jwk* const key = keys.find(jws->kid, jws->algorithm);
  if (key == nullptr) return Fail{TokenFault::kUnknownKey};
  if (!key->verify(jws->algorithm, bytes_of(jws->signed_part), jws->signature))
    return Fail{TokenFault::kSignature};
  return judge_claims(jws->payload, use, rules, now, nonce);
}

}  // namespace chiploc
