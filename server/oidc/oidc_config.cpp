#include "server/oidc/oidc_config.hpp"

#include <algorithm>

namespace chiploc {
namespace {

std::string person_roles() {
  std::string out;
  for (const RoleName& known : kRoles)
    if (known.person) out += (out.empty() ? "" : ", ") + std::string{known.unit};
  return out;
}

void read_groups(TomlSection groups, TokenRules& rules, TomlSection& section) {
  for (const std::string& group : groups.keys()) {
    const std::string word = groups.text(group);
    const auto role = role_of_unit(word);
    const auto* const known =
        std::find_if(kRoles.begin(), kRoles.end(), [&](const RoleName& one) { return one.role == role; });
    if (known == kRoles.end() || !known->person) {
      if (!word.empty())
        groups.fault(group, "'" + word + "' is no role of a person; there are " + person_roles());
      continue;
    }
    rules.groups.emplace(group, *role);
  }
  if (groups.keys().empty())
    section.fault("groups", "nobody has a role; add [oidc.groups] with \"GROUP\" = \"ROLE\"");
}

std::string read_claim(TomlSection& section, const char* key, std::string_view otherwise) {
  const std::string name = section.text(key, otherwise);
  const bool may_be_empty = otherwise.empty();
  if ((name.empty() && !may_be_empty) || name.size() > 200)
    section.fault(key, "is no name of a claim: 1 to 200 bytes");
  return name;
}

OidcLoginConfig read_login(TomlSection login, const OidcConfig& config) {
  OidcLoginConfig out;
  out.client_id = login.text("client_id");
  if (!out.client_id.empty() && out.client_id == config.tokens.audience)
    login.fault(
        "client_id",
        "is oidc.audience too: every ID token would be an access token; register the API under a name of its own");
  if (login.has("client_secret")) {
    out.client_secret = login.path("client_secret");
    out.secret_at = login.where("client_secret");
  }
  out.scopes =
      login.has("scopes") ? login.texts("scopes", true) : std::vector<std::string>{"openid", "profile"};
  if (std::find(out.scopes.begin(), out.scopes.end(), "openid") == out.scopes.end())
    login.fault("scopes", "has no \"openid\", without which there is no ID token; add it");
  out.sessions.idle =
      std::chrono::minutes{login.integer("idle_min", {.min = 1, .max = 1'440, .otherwise = 30})};
  out.sessions.whole = login.hours("session_h", std::chrono::hours{8});
  out.sessions.most = static_cast<std::size_t>(
      login.integer("sessions_most", {.min = 1, .max = 100'000, .otherwise = 4'096}));
  return out;
}

}  // namespace

std::string refusal_of_origin(const std::string& url) {
  std::string refusal = refusal_of_endpoint(url, /*plain_loopback=*/false);
  if (!refusal.empty()) return refusal;
  if (url.find_first_of("/?", url.find("://") + 3) != std::string::npos)
    return "has something behind the host; write https://HOST or https://HOST:PORT";
  if (std::any_of(url.begin(), url.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return "has capital letters, which browsers do not send; write it in small ones";
  if (url.ends_with(":443")) return "names the port that https has anyway; leave it out";
  return {};
}

std::optional<OidcConfig> read_oidc(TomlReader& file) {
  TomlSection section = file.section("oidc");
  if (!section.present()) return std::nullopt;
  OidcConfig out;
  out.issuer.plain_loopback = section.boolean("allow_http", false);
  out.issuer.issuer = section.text("issuer");
  if (!out.issuer.issuer.empty()) {
    std::string refusal = refusal_of_endpoint(out.issuer.issuer, out.issuer.plain_loopback);
    if (refusal.empty() && out.issuer.issuer.find('?') != std::string::npos)
      refusal = "has a query, which no issuer has";
    if (!refusal.empty()) section.fault("issuer", refusal);
  }
  out.tokens.issuer = out.issuer.issuer;
  out.tokens.audience = section.text("audience");
  for (std::string& client : section.texts("clients", false)) out.tokens.parties.insert(std::move(client));
  if (section.has("ca")) {
    out.ca = section.path("ca");
    out.ca_at = section.where("ca");
  }
  out.tokens.name_claim = read_claim(section, "name_claim", "preferred_username");
  out.tokens.groups_claim = read_claim(section, "groups_claim", "groups");
  out.tokens.entity_claim = read_claim(section, "entity_claim", "");
  using std::chrono::seconds;
  out.tokens.skew = seconds{section.integer("skew_s", {.min = 0, .max = 300, .otherwise = 60})};
  out.tokens.lifetime_most =
      seconds{section.integer("token_lifetime_s", {.min = 60, .max = 604'800, .otherwise = 86'400})};
  out.issuer.cache.fresh_most =
      seconds{section.integer("keys_fresh_most_s", {.min = 60, .max = 86'400, .otherwise = 3'600})};
  out.issuer.cache.stale_most = section.hours("keys_stale_h", std::chrono::hours{24});
  out.issuer.cache.unknown_gap =
      seconds{section.integer("unknown_key_gap_s", {.min = 5, .max = 3'600, .otherwise = 30})};
  out.issuer.wait_most =
      std::chrono::milliseconds{section.integer("wait_ms", {.min = 100, .max = 10'000, .otherwise = 3'000})};
  read_groups(section.table("groups"), out.tokens, section);
  if (TomlSection login = section.table("login"); login.present()) out.login = read_login(login, out);
  return out;
}

}  // namespace chiploc
