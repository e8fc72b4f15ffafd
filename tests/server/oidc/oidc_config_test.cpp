#include "server/oidc/oidc_config.hpp"

#include "tests/support/catch.hpp"

namespace oidc_config_test {
using namespace chiploc;
using namespace std::chrono_literals;

const std::string kLeast = R"([oidc]
issuer = "https://issuer.example"
audience = "https://chiploc.example/api"
[oidc.groups]
"chiploc-analysts" = "auditor"
)";

struct Read {
  std::optional<OidcConfig> config;
  std::vector<std::string> faults;
};
Read read(const std::string& text) {
  TomlReader reader = TomlReader::parse(text, "/etc/chiploc/chiplocd.toml");
  Read out;
  out.config = read_oidc(reader);
  out.faults = reader.finish();
  return out;
}
/// The only fault of this text.
std::string fault(const std::string& text) {
  const Read out = read(text);
  for (const std::string& one : out.faults) UNSCOPED_INFO(one);
  REQUIRE(out.faults.size() == 1);
  return out.faults.front();
}

TEST_CASE("[oidc]: not there, and with the least there may be", "[oidc]") {
  CHECK(!read("").config);
  const Read least = read(kLeast);
  REQUIRE(least.config);
  CHECK(least.faults.empty());
  CHECK(least.config->issuer.issuer == "https://issuer.example");
  CHECK(least.config->tokens.issuer == "https://issuer.example");
  CHECK(least.config->tokens.audience == "https://chiploc.example/api");
  CHECK(least.config->tokens.groups == std::map<std::string, Role>{{"chiploc-analysts", Role::kAuditor}});
  CHECK(least.config->tokens.name_claim == "preferred_username");
  CHECK(least.config->tokens.entity_claim.empty());
  CHECK(least.config->tokens.skew == Nanoseconds{60s});
  CHECK(!least.config->issuer.plain_loopback);
  CHECK(!least.config->login);
}

TEST_CASE("[oidc]: all of it", "[oidc]") {
  const Read all = read(R"([oidc]
issuer = "http://127.0.0.1:8080/realms/a"
allow_http = true
audience = "api"
clients = ["cli", "page"]
ca = "issuer-ca.pem"
name_claim = "email"
groups_claim = "realm_access.roles"
entity_claim = "entity"
skew_s = 0
token_lifetime_s = 3600
keys_fresh_most_s = 600
keys_stale_h = 2
unknown_key_gap_s = 10
wait_ms = 500
[oidc.groups]
"/chiploc/desk" = "registrar"
"a.b c" = "reader"
[oidc.login]
client_id = "page"
client_secret = "client.secret"
scopes = ["openid", "groups"]
idle_min = 10
session_h = 2
sessions_most = 5
)");
  for (const std::string& one : all.faults) UNSCOPED_INFO(one);
  CHECK(all.faults.empty());
  REQUIRE(all.config);
  const OidcConfig& config = *all.config;
  CHECK(config.issuer.plain_loopback);
  CHECK(config.ca == "/etc/chiploc/issuer-ca.pem");
  CHECK(config.tokens.parties == std::set<std::string>{"cli", "page"});
  CHECK(config.tokens.groups ==
        std::map<std::string, Role>{{"/chiploc/desk", Role::kRegistrar}, {"a.b c", Role::kReader}});
  CHECK(config.tokens.skew == Nanoseconds{0});
  CHECK(config.tokens.lifetime_most == Nanoseconds{1h});
  CHECK(config.issuer.cache.fresh_most == Nanoseconds{10min});
  CHECK(config.issuer.cache.stale_most == Nanoseconds{2h});
  CHECK(config.issuer.cache.unknown_gap == Nanoseconds{10s});
  CHECK(config.issuer.wait_most == Nanoseconds{500ms});
  REQUIRE(config.login);
  CHECK(config.login->client_secret == "/etc/chiploc/client.secret");
  CHECK(config.login->secret_at == "oidc.login.client_secret in /etc/chiploc/chiplocd.toml:21");
  CHECK(config.login->scopes == std::vector<std::string>{"openid", "groups"});
  CHECK(config.login->sessions.idle == Nanoseconds{10min});
  CHECK(config.login->sessions.whole == Nanoseconds{2h});
  CHECK(config.login->sessions.most == 5);
}

TEST_CASE("[oidc]: each fault by file, line and key", "[oidc]") {
  const std::string file = "/etc/chiploc/chiplocd.toml:";
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = kLeast;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK(fault(with("https://issuer", "http://issuer")) == file + "2: oidc.issuer: is not https://");
  CHECK(
      fault(with("https://issuer.example", "https://issuer.example?x")).find("2: oidc.issuer: has a query") !=
      std::string::npos);
  CHECK(fault(with("issuer = \"https://issuer.example\"\n", "")).find("oidc.issuer: missing") !=
        std::string::npos);
  CHECK(fault(with("audience = \"https://chiploc.example/api\"\n", "")).find("oidc.audience: missing") !=
        std::string::npos);
  CHECK(fault(with("= \"auditor\"", "= \"analyzer\""))
            .find("5: oidc.groups.chiploc-analysts: 'analyzer' is no role of a person; there are reader, ") !=
        std::string::npos);
  CHECK(fault(with("= \"auditor\"", "= \"anchor\"")).find("'anchor' is no role of a person") !=
        std::string::npos);
  CHECK(fault(with("= \"auditor\"", "= 7")).find("5: oidc.groups.chiploc-analysts: is a TOML integer") !=
        std::string::npos);
  CHECK(fault(with("\"chiploc-analysts\" = \"auditor\"\n", "")).find("4: oidc.groups: nobody has a role") !=
        std::string::npos);
  CHECK(fault(with("[oidc.groups]\n\"chiploc-analysts\" = \"auditor\"\n", ""))
            .find("oidc.groups: nobody has a role") != std::string::npos);
  CHECK(fault(with("[oidc.groups]", "skews = 1\n[oidc.groups]")).find("4: oidc.skews: unknown key") !=
        std::string::npos);
  CHECK(fault(with("[oidc.groups]", "skew_s = 301\n[oidc.groups]"))
            .find("4: oidc.skew_s: 301 is out of range") != std::string::npos);
  CHECK(fault(with("[oidc.groups]", "name_claim = \"\"\n[oidc.groups]")).find("4: oidc.name_claim: ") !=
        std::string::npos);
  CHECK(read(with("[oidc.groups]", "groups = 1\n[groups]")).faults.size() >= 1);
}

TEST_CASE("[oidc.login]: each fault by file, line and key", "[oidc]") {
  const auto login = [](const std::string& id, const std::string& more = "") {
    return kLeast + "[oidc.login]\nclient_id = \"" + id + "\"\n" + more;
  };
  CHECK(read(login("page")).faults.empty());
  CHECK(fault(login("https://chiploc.example/api")).find(":7: oidc.login.client_id: is oidc.audience too") !=
        std::string::npos);
  CHECK(fault(login("page", "scopes = [\"profile\"]\n")).find(":8: oidc.login.scopes: has no \"openid\"") !=
        std::string::npos);
  CHECK(fault(login("page", "idle_min = 0\n")).find(":8: oidc.login.idle_min: 0 is out of range") !=
        std::string::npos);
  CHECK(fault(login("page", "secret = \"x\"\n")).find(":8: oidc.login.secret: unknown key") !=
        std::string::npos);
  CHECK(fault(kLeast + "[oidc.login]\n").find("oidc.login.client_id: missing") != std::string::npos);
}

TEST_CASE("origin: what browsers send, to the letter", "[oidc]") {
  for (const char* url : {"https://chiploc.example", "https://chiploc.example:8443",
                          "https://127.1.255.1:7480", "https://[::1]:7480"}) {
    INFO(url);
    CHECK(refusal_of_origin(url) == "");
  }
  for (const char* url :
       {"", "https://", "https://chiploc.example/", "https://chiploc.example/page",
        "https://chiploc.example?x", "https://Chiploc.example", "https://chiploc.example:443",
        "http://chiploc.example", "http://127.0.0.1:7480", "https://a@chiploc.example", "chiploc.example"}) {
    INFO(url);
    CHECK(!refusal_of_origin(url).empty());
  }
}

}  // namespace oidc_config_test
