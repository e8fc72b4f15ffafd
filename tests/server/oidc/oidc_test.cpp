// All of [oidc] against an OpenID provider of others (npm oidc-provider): a real process, TLS on loopback.
#include "server/oidc/oidc.hpp"

#include <curl/curl.h>
#include <sys/stat.h>

#include <iostream>

#include "tests/server/oidc/made_issuer.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/paths.hpp"

namespace oidc_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::CookieJar;
using test::field_of;
using test::json;
using test::MadeExchange;
using test::request_of;

/// Catch2 has no word for it: ctest looks for this one.
bool can_run() {
  if (has_program("node") && std::filesystem::exists(CHIPLOC_OIDC_MODULES "/oidc-provider/package.json"))
    return true;
  std::cout << "skipped: no node, or oidc-provider is not installed\n";
  return false;
}

struct Answered {
  long status = 0;
  std::string location, body;
};

/// A browser, or a program, as the issuer sees it.
class Client {
 public:
  explicit Client(std::string ca) : ca_{std::move(ca)}, curl_{curl_easy_init()} {
    curl_easy_setopt(curl_, CURLOPT_COOKIEFILE, "");
  }
  ~Client() { curl_easy_cleanup(curl_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answered ask(const std::string& url, const std::string& form = {}, const std::string& credentials = {}) {
    Answered out;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_CAINFO, ca_.c_str());
    curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Client::take);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &out.body);
    if (form.empty())
      curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
    else
      curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, form.c_str());
    curl_easy_setopt(curl_, CURLOPT_USERPWD, credentials.empty() ? nullptr : credentials.c_str());
    const CURLcode code = curl_easy_perform(curl_);
    INFO(url << ": " << curl_easy_strerror(code));
    REQUIRE(code == CURLE_OK);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &out.status);
    char* to = nullptr;
    curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &to);
    if (to != nullptr) out.location = to;
    return out;
  }

 private:
  static std::size_t take(char* data, std::size_t, std::size_t size, void* to) {
    static_cast<std::string*>(to)->append(data, size);
    return size;
  }
  std::string ca_;
  CURL* curl_;
};

struct World {
  TempDir folder;
  test::TestCertificate tls{folder, "issuer", "IP:127.0.0.1"};
  std::unique_ptr<ChildProcess> process;
  std::string name;
  std::atomic<std::int64_t> passed{0};
  test::KeptLog log;
  OidcCounters counters;
  PageSessions sessions{{.origin = "https://chiploc.example", .issuer = true}, hands(), counters};
  std::unique_ptr<Oidc> oidc;
  CookieJar jar;

  World() {
    const std::string ready = (folder / "ready").string();
    REQUIRE(::mkfifo(ready.c_str(), 0600) == 0);
    const int pipe = ::open(ready.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(pipe >= 0);
    process = std::make_unique<ChildProcess>(
        std::vector<std::string>{"node", (source_dir() / "tests/server/oidc/third_party/issuer.mjs").string(),
                                 CHIPLOC_OIDC_MODULES, tls.key.string(), tls.certificate.string(), ready},
        Environment{}, folder / "issuer.log");
    pollfd wait{pipe, POLLIN, 0};
    const bool listens = ::poll(&wait, 1, 60'000) == 1;
    char port[16] = {};
    const ssize_t got = listens ? ::read(pipe, port, sizeof port - 1) : 0;
    ::close(pipe);
    INFO(read_file(folder / "issuer.log"));
    REQUIRE(got > 1);
    name = "https://127.0.0.1:" + std::to_string(std::atoi(port));
    open();
  }
  void open(const std::string& more = {}) {
    (void)folder.write("client.secret", "page-secret\n");
    TomlReader reader = TomlReader::parse("[oidc]\nissuer = \"" + name + R"("
audience = "https://chiploc.example/api"
ca = "issuer.pem"
entity_claim = "chiploc_entity"
wait_ms = 10000
)" + more + R"([oidc.groups]
"chiploc-analysts" = "auditor"
"chiploc-desk" = "registrar"
[oidc.login]
client_id = "page"
client_secret = "client.secret"
)",
                                          folder / "chiplocd.toml");
    const auto config = read_oidc(reader);
    for (const std::string& fault : reader.finish()) FAIL(fault);
    REQUIRE(config);
    auto opened = Oidc::open(*config, sessions, counters, hands(), log.log());
    if (!opened) FAIL(opened.error());
    oidc = *std::move(opened);
  }
  OidcHands hands() {
    return {[this] {
              return WallTime{std::chrono::system_clock::now().time_since_epoch() + Nanoseconds{passed}};
            },
            [this] {
              return SteadyTime{std::chrono::steady_clock::now().time_since_epoch() + Nanoseconds{passed}};
            },
            [](MutableBytes out) { random_bytes_or_abort(out); }};
  }
  void pass(Nanoseconds time) { passed += time.count(); }

  std::string machine_token(const std::string& algorithm,
                            const std::string& resource = "https://chiploc.example/api") {
    Client client{tls.certificate.string()};
    const Answered answer =
        client.ask(name + "/token", "grant_type=client_credentials&scope=api&resource=" + resource,
                   "machine-" + algorithm + ":machine-secret");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body)["access_token"];
  }
  std::string by_token(const std::string& token) {
    const auto identity =
        oidc->identity(request_of("GET", "/v1/chips", {{"authorization", "Bearer " + token}}));
    return identity ? identity->unit + " " + identity->common_name : identity.error().text;
  }
  HttpReply call(const std::string& method, const std::string& target, const HttpFields& more = {}) {
    const auto exchange = std::make_shared<MadeExchange>(request_of(method, target, jar.fields(more)));
    oidc->login()->handle(exchange);
    HttpReply reply = exchange->answer();
    jar.take(reply);
    return reply;
  }
  /// Types a name into the issuer's page, agrees, and comes back to ours.
  HttpReply sign_in(const std::string& person) {
    Client browser{tls.certificate.string()};
    std::string to = field_of(call("GET", "/auth/login?return=%2Fcases"), "location");
    for (int step = 0; step < 12 && !to.starts_with("https://chiploc.example/"); ++step) {
      Answered answer = browser.ask(to);
      INFO(to << "\n" << answer.status << "\n" << answer.body);
      if (answer.status == 200) {
        const std::size_t from = answer.body.find("action=\"") + 8;
        REQUIRE(from > 8);
        const std::string action = answer.body.substr(from, answer.body.find('"', from) - from);
        const bool asks_name = answer.body.find("value=\"login\"") != std::string::npos;
        answer = browser.ask(action.starts_with("/") ? name + action : action,
                             asks_name ? "prompt=login&password=x&login=" + person : "prompt=consent");
      }
      REQUIRE(!answer.location.empty());
      to = answer.location;
    }
    REQUIRE(to.starts_with("https://chiploc.example/auth/callback?"));
    return call("GET", to.substr(std::string{"https://chiploc.example"}.size()));
  }
};

TEST_CASE("real issuer: tokens of every algorithm, for us, in time, by its keys", "[oidc]") {
  if (!can_run()) return;
  World world;
  std::map<std::string, std::string> tokens;
  for (const char* algorithm : {"RS256", "PS256", "ES256", "EdDSA"}) {
    INFO(algorithm);
    tokens[algorithm] = world.machine_token(algorithm);
    const auto jws = parse_jws(tokens[algorithm]);
    REQUIRE(jws);
    CHECK(name_of(jws->algorithm) == algorithm);
    CHECK(jws->type == JwsType::kAccessToken);
    CHECK(jws->kid == std::string{"first-"} + algorithm);
    CHECK(world.by_token(tokens[algorithm]) == "registrar machine");
  }
  CHECK(world.oidc->issuer_counts().fetched == 1);
  CHECK(world.by_token(world.machine_token("ES256", "https://other.example/api")) ==
        "the token is not accepted; sign in again");

  // It signs with other keys now: the new ones are found, the old ones are gone.
  Client control{world.tls.certificate.string()};
  REQUIRE(control.ask(world.name + "/test/rotate?kid=second", "x=y").body == "rotated\n");
  const std::string fresh = world.machine_token("ES256");
  CHECK(parse_jws(fresh)->kid == "second-ES256");
  CHECK(world.by_token(fresh) == "registrar machine");
  CHECK(world.by_token(tokens["ES256"]) == "the token is not accepted; sign in again");
  CHECK(world.log.lines().find("reason=unknown-key") != std::string::npos);
  CHECK(world.oidc->issuer_counts().fetched == 2);

  // It is down: its keys go on working, and tokens go on ending.
  world.process.reset();
  CHECK(world.by_token(fresh) == "registrar machine");
  world.pass(361s);
  CHECK(world.by_token(fresh) == "the token has expired; sign in again");
  world.pass(24h);
  CHECK(world.by_token(fresh) == "tokens cannot be checked at the moment; try again later");
  for (const auto& [algorithm, token] : tokens)
    CHECK(world.log.lines().find(token.substr(token.size() - 20)) == std::string::npos);
}

TEST_CASE("real issuer: somebody signs in at the page, works, and leaves", "[oidc]") {
  if (!can_run()) return;
  World world;
  const HttpReply back = world.sign_in("ann");
  INFO(back.body << world.log.lines());
  REQUIRE(back.status == 303);
  CHECK(field_of(back, "location") == "/cases");
  const json me = json::parse(world.call("GET", "/auth/me").body);
  CHECK(me["name"] == "ann");
  CHECK(me["role"] == "auditor");
  const auto identity = world.oidc->identity(request_of("GET", "/v1/chips", world.jar.fields()));
  REQUIRE(identity);
  CHECK(identity->account == TokenAccount{world.name, "ann"});
  const HttpFields ours{{"origin", "https://chiploc.example"}, {"x-csrf-token", me["csrf_token"]}};
  CHECK(world.oidc->identity(request_of("POST", "/v1/cases", world.jar.fields(ours))));
  CHECK(!world.oidc->identity(request_of("POST", "/v1/cases", world.jar.fields())));
  const json left = json::parse(world.call("POST", "/auth/logout", ours).body);
  CHECK(left["end_session"].get<std::string>().starts_with(world.name + "/session/end?client_id=page&"));
  Client browser{world.tls.certificate.string()};
  CHECK(browser.ask(left["end_session"]).status == 200);  // the issuer knows us and the way back
  CHECK(!world.oidc->identity(request_of("GET", "/v1/chips", world.jar.fields())));
}

TEST_CASE("real issuer: a holder's own people, and people without a role", "[oidc]") {
  if (!can_run()) return;
  World world;
  CHECK(world.sign_in("eve").status == 303);
  CHECK(world.oidc->identity(request_of("GET", "/", world.jar.fields()))->organizations ==
        std::vector<std::string>{"holder:Nuvem Paulista"});
  world.jar.all().clear();
  const HttpReply bob = world.sign_in("bob");
  CHECK(bob.status == 403);
  CHECK(bob.body.find("give you no role here") != std::string::npos);
  CHECK(!world.jar.has("__Host-chiploc"));
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("real issuer: a certificate of another authority, and of what is configured at all", "[oidc]") {
  if (!can_run()) return;
  World world;
  const std::string token = world.machine_token("EdDSA");
  const test::TestCertificate other{world.folder, "other", "IP:127.0.0.1"};
  std::filesystem::copy_file(other.certificate, world.tls.certificate,
                             std::filesystem::copy_options::overwrite_existing);
  world.open();
  CHECK(world.by_token(token) == "tokens cannot be checked at the moment; try again later");
  CHECK(world.log.lines().find("oidc.keys_failed reason=") != std::string::npos);
}

TEST_CASE("opening: a secret or authorities that cannot be read, by file and line", "[oidc]") {
  const TempDir folder;
  OidcCounters counters;
  PageSessions sessions{{}, {}, counters};
  OidcConfig config;
  config.issuer.issuer = "https://issuer.example";
  config.ca = folder / "ca.pem";
  config.ca_at = "oidc.ca in chiplocd.toml:4";
  const auto no_ca = Oidc::open(config, sessions, counters, {}, {});
  REQUIRE(!no_ca);
  CHECK(no_ca.error().starts_with("oidc.ca in chiplocd.toml:4: " + config.ca.string() + ": cannot be read"));
  (void)folder.write("ca.pem", "no certificate");
  CHECK(!Oidc::open(config, sessions, counters, {}, {}));
  config.ca.clear();
  config.login.emplace();
  config.login->client_secret = folder.write("secret", "s", std::filesystem::perms{0644});
  config.login->secret_at = "oidc.login.client_secret in chiplocd.toml:9";
  const auto open_secret = Oidc::open(config, sessions, counters, {}, {});
  REQUIRE(!open_secret);
  CHECK(open_secret.error().starts_with("oidc.login.client_secret in chiplocd.toml:9: "));
  CHECK(open_secret.error().find("chmod 600") != std::string::npos);
}

TEST_CASE("identity: without certificate, token and login nobody is calling", "[oidc]") {
  OidcConfig config;
  config.issuer.issuer = "https://issuer.example";
  OidcCounters counters;
  const OidcHands hands{[] { return WallTime{}; }, [] { return SteadyTime{}; }, [](MutableBytes) {}};
  PageSessions sessions{{}, hands, counters};
  const auto oidc = Oidc::open(config, sessions, counters, hands, [](bool, const std::string&) {});
  REQUIRE(oidc);
  CHECK((*oidc)->login() == nullptr);
  const auto nobody = (*oidc)->identity(request_of("GET", "/"));
  REQUIRE(!nobody);
  CHECK(nobody.error().code == ApiFaultCode::kNoCertificate);
}

}  // namespace oidc_test
