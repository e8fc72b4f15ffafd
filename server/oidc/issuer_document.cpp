#include "server/oidc/issuer_document.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kDocumentMax = 65'536;

bool is_plain_loopback(std::string_view url) {
  constexpr std::string_view kHttp = "http://";
  if (!url.starts_with(kHttp)) return false;
  url.remove_prefix(kHttp.size());
  for (const std::string_view host : {std::string_view{"127.0.0.1"}, std::string_view{"[::1]"}}) {
    if (!url.starts_with(host)) continue;
    const std::string_view rest = url.substr(host.size());
    if (rest.empty() || rest.front() == ':' || rest.front() == '/' || rest.front() == '?') return true;
  }
  return false;
}

}  // namespace

std::string refusal_of_endpoint(std::string_view url, bool plain_loopback) {
  if (url.empty() || url.size() > kEndpointMax) return "is empty or longer than 1000 bytes";
  const bool good = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view{"\"'<>\\^`{|}"}.find(c) == std::string_view::npos;
  });
  if (!good) return "has a character that an address has not";
  if (url.find('#') != std::string_view::npos) return "has a fragment";
  constexpr std::string_view kHttps = "https://";
  if (!url.starts_with(kHttps) && !(plain_loopback && is_plain_loopback(url)))
    return plain_loopback ? "is neither https:// nor http:// to 127.0.0.1 or [::1]" : "is not https://";
  const std::size_t begin = url.find("://") + 3;
  const std::string_view host = url.substr(begin, url.find_first_of("/?", begin) - begin);
  if (host.empty() || host.front() == ':') return "has no host";
  if (host.find('@') != std::string_view::npos) return "has a user in it";
  return {};
}

std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string{issuer} + "/.well-known/openid-configuration";
}

Result<IssuerDocument, std::string> parse_issuer_document(std::string_view text, std::string_view issuer,
                                                          bool plain_loopback) {
  const auto json = strict_json_object(text, kDocumentMax);
  if (!json) return Fail{std::string{"it is no JSON object of 64 KiB at most"}};
  IssuerDocument out;
  const std::string* const said = text_member(*json, "issuer");
  if (said == nullptr || *said != issuer)
    return Fail{std::string{"its issuer is another than oidc.issuer; write that one to the letter"}};
  out.issuer = *said;
  struct Member {
    const char* name;
    std::string& into;
    bool required;
  };
  for (const Member& member : {Member{"jwks_uri", out.jwks_uri, true},
                               Member{"authorization_endpoint", out.authorization_endpoint, false},
                               Member{"token_endpoint", out.token_endpoint, false},
                               Member{"end_session_endpoint", out.end_session_endpoint, false}}) {
    const std::string* const url = text_member(*json, member.name);
    if (url == nullptr && !member.required && !json->contains(member.name)) continue;
    const std::string refusal =
        url == nullptr ? "is missing, or no text" : refusal_of_endpoint(*url, plain_loopback);
    if (!refusal.empty()) return Fail{"its " + std::string{member.name} + " " + refusal};
    member.into = *url;
  }
  if (out.token_endpoint.empty()) out.authorization_endpoint.clear();
  if (out.authorization_endpoint.empty()) out.token_endpoint.clear();
  if (const auto methods = json->find("code_challenge_methods_supported"); methods != json->end()) {
    if (!methods->is_array() ||
        std::find(methods->begin(), methods->end(), nlohmann::json("S256")) == methods->end())
      return Fail{std::string{"its code_challenge_methods_supported have no S256"}};
  }
  const auto names = json->find("authorization_response_iss_parameter_supported");
  out.names_itself = names != json->end() && *names == nlohmann::json(true);
  return out;
}

}  // namespace chiploc
