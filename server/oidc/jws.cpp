#include "server/oidc/jws.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server/oidc/base64url.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 4> kAlgorithmNames{"RS256", "PS256", "ES256", "EdDSA"};

/// "JWT", "at+jwt" and their long forms, in either case (RFC 7515, 4.1.9; RFC 9068, 4).
std::optional<JwsType> type_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::string_view kLong = "application/";
  const std::string_view name = std::string_view{text}.substr(text.starts_with(kLong) ? kLong.size() : 0);
  if (name == "jwt") return JwsType::kJwt;
  if (name == "at+jwt") return JwsType::kAccessToken;
  return std::nullopt;
}

Result<UncheckedJws, JwsFault> read_header(std::string_view text) {
  const auto header = strict_json_object(text, kTokenHeaderMax);
  if (!header) return Fail{JwsFault::kHeaderNoJson};
  if (header->contains("crit")) return Fail{JwsFault::kCritical};
  for (const char* brings : {"jwk", "jku", "x5u", "x5c"})
    if (header->contains(brings)) return Fail{JwsFault::kKeyFromHeader};
  UncheckedJws out;
  const std::string* const alg = text_member(*header, "alg");
  const auto algorithm = alg == nullptr ? std::nullopt : jws_algorithm_of(*alg);
  if (!algorithm) return Fail{JwsFault::kAlgorithm};
  out.algorithm = *algorithm;
  if (header->contains("typ")) {
    const std::string* const typ = text_member(*header, "typ");
    const auto type = typ == nullptr ? std::nullopt : type_of(*typ);
    if (!type) return Fail{JwsFault::kType};
    out.type = *type;
  }
  if (header->contains("kid")) {
    const std::string* const kid = text_member(*header, "kid");
    if (kid == nullptr || !is_key_id(*kid)) return Fail{JwsFault::kKeyId};
    out.kid = *kid;
  }
  return out;
}

}  // namespace

std::string_view name_of(JwsAlgorithm algorithm) {
  return kAlgorithmNames[static_cast<std::size_t>(algorithm)];
}

std::optional<JwsAlgorithm> jws_algorithm_of(std::string_view name) {
  const auto found = std::find(kAlgorithmNames.begin(), kAlgorithmNames.end(), name);
  if (found == kAlgorithmNames.end()) return std::nullopt;
  return static_cast<JwsAlgorithm>(found - kAlgorithmNames.begin());
}

bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= kKeyIdMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<UncheckedJws, JwsFault> parse_jws(std::string_view text) {
  if (text.size() > kTokenMax) return Fail{JwsFault::kTooLarge};
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return Fail{JwsFault::kNotThreeParts};
  const auto header = base64url_bytes(text.substr(0, first));
  const auto payload = base64url_bytes(text.substr(first + 1, second - first - 1));
  auto signature = base64url_bytes(text.substr(second + 1));
  if (!header || !payload || !signature) return Fail{JwsFault::kNotBase64url};
  auto out = read_header(string_of(*header));
  if (!out) return out;
  out->signed_part = text.substr(0, second);
  out->payload = string_of(*payload);
  out->signature = std::move(*signature);
  return out;
}

}  // namespace chiploc
