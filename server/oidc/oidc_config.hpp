#pragma once
// [oidc] in chiplocd.toml: tokens of one issuer.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/config/toml_reader.hpp"
#include "server/oidc/issuer.hpp"
#include "server/oidc/session_table.hpp"
#include "server/oidc/token.hpp"

namespace chiploc {

/// What the file says of people who sign in at the page.
struct OidcLoginConfig {
  std::string client_id;
  std::filesystem::path client_secret;  ///< empty: a public client
  std::string secret_at;                ///< "oidc.login.client_secret in FILE:LINE"
  std::vector<std::string> scopes;
  SessionRules sessions{};
};

///     [oidc]
///     issuer = "https://login.example/realms/export"  # to the letter as its tokens have it
///     audience = "https://chiploc.example/api"        # what access tokens for us name in `aud`
///     clients = []                  # only tokens issued to these (azp, client_id); none: to any
///     ca = "issuer-ca.pem"          # the only authority believed; absent: the system's
///     name_claim = "preferred_username"  # what records call a person
///     groups_claim = "groups"       # or a path: "realm_access.roles"
///     entity_claim = ""             # whose value NAME limits a person to holder:NAME; none: nobody's is
///     skew_s = 60                   # 0 to 300
///     token_lifetime_s = 86400      # 60 to 604800
///     keys_fresh_most_s = 3600      # a withdrawn key works no longer; 60 to 86400
///     keys_stale_h = 24             # with the issuer down the old keys work so long
///     unknown_key_gap_s = 30        # fetches for keys that nobody knows; 5 to 3600
///     wait_ms = 3000                # a call waits for a fetch no longer; 100 to 10000
///     allow_http = false            # http:// to 127.0.0.1 and [::1], and nowhere else
///     [oidc.groups]
///     "chiploc-analysts" = "analyst"     # a role of a person
///     [oidc.login]                  # absent: no page signs anybody in
///     client_id = "chiploc-page"
///     client_secret = "client.secret"    # a line, 0600; absent: a public client, by PKCE alone
///     scopes = ["openid", "profile"]
///     idle_min = 30                 # 1 to 1440
///     session_h = 8
///     sessions_most = 4096          # 1 to 100000
struct OidcConfig {
  IssuerOptions issuer;
  std::filesystem::path ca;
  std::string ca_at;
  TokenRules tokens;  ///< of access tokens
  std::optional<OidcLoginConfig> login;
};

/// Why a text is no origin of ours, "https://HOST[:PORT]" and nothing behind it, as browsers send it; empty: it is one.
[[nodiscard]] std::string refusal_of_origin(const std::string& url);

/// nullopt: there is no [oidc]. What is wrong is noted in the reader, with its line.
[[nodiscard]] std::optional<OidcConfig> read_oidc(TomlReader& file);

}  // namespace chiploc
