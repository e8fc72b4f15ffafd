#include "server/oidc/issuer.hpp"

#include <future>
#include <thread>

#include "tests/server/oidc/made_issuer.hpp"

namespace issuer_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::key_for;
using test::MadeIssuer;

struct Asking {
  MadeIssuer made;
  test::SetClocks clocks;
  test::KeptLog log;
  Issuer issuer;
  CurlFetch fetch{{}, true, {}};  // goes first
  explicit Asking(Nanoseconds wait = 20s) : issuer{options(wait), fetch, clocks.hands().steady, log.log()} {}
  [[nodiscard]] IssuerOptions options(Nanoseconds wait) const {
    IssuerOptions out;
    out.issuer = made.name();
    out.plain_loopback = true;
    out.wait_most = wait;
    return out;
  }
  [[nodiscard]] bool has(const std::string& kid) {
    const auto facts = issuer.facts(kid);
    return facts && facts->keys.has(kid);
  }
};
const std::string kDocument = "/.well-known/openid-configuration";

TEST_CASE("issuer: document and keys come when they are first wanted, then not again while they are fresh",
          "[oidc]") {
  Asking world;
  CHECK(world.made.asked(kDocument) == 0);
  const auto facts = world.issuer.facts("ed");
  REQUIRE(facts);
  CHECK(facts->document.token_endpoint == world.made.name() + "/token");
  CHECK(facts->keys.has("ed"));
  for (int i = 0; i < 10; ++i) CHECK(world.has("ed"));
  CHECK(world.made.asked(kDocument) == 1);
  CHECK(world.made.asked("/jwks") == 1);
  world.clocks.pass(15min);
  CHECK(world.has("ed"));
  CHECK(world.made.asked("/jwks") == 2);
  CHECK(world.issuer.counts().fetched == 2);
}

TEST_CASE("issuer: new keys are found by their names, withdrawn ones are gone with them", "[oidc]") {
  Asking world;
  REQUIRE(world.has("ed"));
  world.made.publish({key_for(JwsAlgorithm::kEs256).jwk()});
  CHECK(world.has("ec"));
  CHECK(world.made.asked("/jwks") == 2);
  CHECK(!world.has("ed"));  // asked for so soon: nobody fetches
  CHECK(world.made.asked("/jwks") == 2);
  for (int i = 0; i < 20; ++i) CHECK(!world.has("stranger-" + std::to_string(i)));
  CHECK(world.made.asked("/jwks") == 2);
  world.clocks.pass(30s);
  CHECK(!world.has("stranger"));
  CHECK(world.made.asked("/jwks") == 3);
}

TEST_CASE("issuer: while it is down the old keys go on working for a day", "[oidc]") {
  Asking world;
  REQUIRE(world.has("ed"));
  world.made.set("/jwks", {503, "{}"});
  world.clocks.pass(1h);
  CHECK(world.has("ed"));
  CHECK(world.issuer.counts().failed == 1);
  CHECK(world.has("ed"));  // nor is it asked again at once
  CHECK(world.issuer.counts().failed == 1);
  world.clocks.pass(23h - 1ns);
  CHECK(world.has("ed"));
  world.clocks.pass(1ns);
  CHECK(!world.issuer.facts("ed"));
  world.made.publish({key_for(JwsAlgorithm::kEdDsa).jwk()});
  world.clocks.pass(5min);
  CHECK(world.has("ed"));
}

TEST_CASE("issuer: an answer that is none keeps the old keys, and the log says why", "[oidc]") {
  Asking world;
  REQUIRE(world.has("ed"));
  const auto fails = [&](const std::string& path, const MadeIssuer::Page& page, const std::string& why) {
    INFO(why);
    world.made.set(path, page);
    world.clocks.pass(1h);
    CHECK(world.has("ed"));
    CHECK(world.log.lines().find(why) != std::string::npos);
  };
  fails("/jwks", {200, "[]"}, "its key set is no JSON object");
  fails("/jwks", {200, R"({"keys":[]})"}, "none of its keys is of use here");
  fails("/jwks", {200, R"({"keys":[{"kty":"oct","k":"AA"}]})"}, "none of its keys is of use here");
  fails("/jwks", {200, std::string(200'000, 'x')}, "its keys: its answer has more than");
  fails("/jwks", {301, "", "Location: /other\r\n"}, "its keys: it answers with status 301");
  auto other = world.made.document();
  other["issuer"] = "https://evil.example";
  fails(kDocument, {200, other.dump()}, "its discovery document: its issuer is another than oidc.issuer");
  CHECK(world.issuer.counts().failed == 6);
  CHECK(world.issuer.counts().fetched == 1);
}

TEST_CASE("issuer: one that does not answer holds nobody up for longer than was said", "[oidc]") {
  Asking world{20ms};
  world.made.hold();
  CHECK(!world.issuer.facts("ed"));
  CHECK(world.issuer.counts().timed_out == 1);
  world.made.let_go();
  world.made.wait_for("/jwks", 1);
  for (int i = 0; i < 500 && !world.has("ed"); ++i) std::this_thread::yield();
  Asking patient;
  REQUIRE(patient.has("ed"));
}

TEST_CASE("issuer: many who ask at once are told by one fetch", "[oidc][threads]") {
  Asking world;
  world.made.hold();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) threads.emplace_back([&] { good += world.has("ed") ? 1 : 0; });
  world.made.wait_for(kDocument, 1);
  world.made.let_go();
  for (std::thread& one : threads) one.join();
  CHECK(good == 16);
  CHECK(world.made.asked(kDocument) == 1);
  CHECK(world.made.asked("/jwks") == 1);
}

TEST_CASE("issuer: so many wait for a fetch, and the next gets what there is", "[oidc]") {
  MadeIssuer made;
  test::SetClocks clocks;
  CurlFetch fetch{{}, true, {}};
  IssuerOptions options;
  options.issuer = made.name();
  options.plain_loopback = true;
  options.waiting_most = 2;
  Issuer issuer{options, fetch, clocks.hands().steady, [](bool, const std::string&) {}};
  made.hold();
  std::atomic<int> told{0};
  std::promise<void> last;
  issuer.ask(std::nullopt, [&](const std::shared_ptr<const IssuerFacts>&) { ++told; });
  issuer.ask(std::nullopt, [&](const std::shared_ptr<const IssuerFacts>&) { last.set_value(); });
  CHECK(told == 0);
  bool at_once = false;
  issuer.ask(std::nullopt,
             [&](const std::shared_ptr<const IssuerFacts>& facts) { at_once = facts == nullptr; });
  CHECK(at_once);
  CHECK(issuer.counts().not_queued == 1);
  made.let_go();
  REQUIRE(last.get_future().wait_for(20s) == std::future_status::ready);
  CHECK(told == 1);
  CHECK(issuer.facts(std::nullopt) != nullptr);
}

TEST_CASE("issuer: how long keys are fresh is its own word within bounds", "[oidc]") {
  Asking world;
  world.made.publish({key_for(JwsAlgorithm::kEdDsa).jwk()}, "Cache-Control: public, max-age=120\r\n");
  REQUIRE(world.has("ed"));
  world.clocks.pass(119s);
  REQUIRE(world.has("ed"));
  CHECK(world.made.asked("/jwks") == 1);
  world.clocks.pass(1s);
  REQUIRE(world.has("ed"));
  CHECK(world.made.asked("/jwks") == 2);
}

}  // namespace issuer_test
