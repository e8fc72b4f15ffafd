// Newcomers over HTTP: what comes in, what goes out, and that every refused token sounds alike.
#include "server/enrol/enrol_desk.hpp"

#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/digest.hpp"
#include "server/service/enrolment.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/pki/pki_world.hpp"
#include "tests/server/rest/rest_world.hpp"

namespace chiploc::test {
namespace enrol_desk_test {

using pki_test::kNow;
using pki_test::request_of;

const std::string kToken(52, 'Z'), kOther(52, 'Y');

struct Desk {
  pki_test::AuthorityWorld authority{};
  std::string path = (authority.top / "chiploc.db").string();
  StoreThread store{open_sqlite_store({.path = path}).value()};
  std::unique_ptr<StoreReader> reader = open_sqlite_reader({.path = path}).value();
  ApiCounters counters{};
  std::atomic<std::int64_t> seconds{0};
  std::vector<std::string> registered{};  ///< what was asked of the registry
  EnrolDesk desk{{.authority = EnrolAuthority{authority.folder},
                  .chips =
                      [this](const Enrolment& one, const ArrivedChip& chip, const ChipRegistered& done) {
                        registered.push_back(one.name + " " + chip.certificate_pem + " " + chip.reach);
                        if (chip.reach != "knock")
                          return done(Fail{ApiFault{ApiFaultCode::kBadField, "reach: no"}});
                        v1::Chip made;
                        made.set_serial(one.name);
                        done(made);
                      },
                  .store = store,
                  .counters = counters,
                  .now = [this] { return kNow + std::chrono::seconds{seconds.load()}; },
                  .steady = [this] { return SteadyTime{std::chrono::seconds{seconds.load()}}; },
                  .by_address = {1, 50}}};
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEs256);

  Desk() { make(kToken, "fra1"); }
  ~Desk() { store.stop(); }
  void make(const std::string& token, const std::string& name, std::int64_t valid_s = 3'600,
            const std::string& kind = "anchor") {
    Enrolment one;
    one.token_sha256 = *token_digest(token);
    one.kind = kind;
    one.name = name;
    one.by = "alice";
    one.at = kNow;
    one.until = kNow + std::chrono::seconds{valid_s};
    in_store([one](Store& inside) { REQUIRE(inside.enrolments().make_enrolment(one, 100)); });
  }
  void in_store(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    REQUIRE(store.post(work, [&](const Stored<Done>& committed) {
      if (committed) done.set_value();
    }));
    done.get_future().get();
  }
  static std::string request(const std::string& name, const Signer& with) {
    return make_request({.common_name = name, .organizational_unit = ""}, with).value();
  }
  Got send(HttpRequest http) {
    const auto exchange = std::make_shared<PlayedExchange>(std::move(http));
    auto answer = exchange->answer();
    desk.handle(exchange);
    return answer.get();
  }
  Got enrol(const std::string& token, const std::string& name, const Signer& with) {
    return send(
        http_request("POST", "/v1/enrol", json{{"token", token}, {"request", request(name, with)}}.dump()));
  }
  Got renew(const std::optional<Certificate>& with, const Signer& own) {
    auto http = http_request("POST", "/v1/certificate", json{{"request", request("fra1", own)}}.dump());
    if (with) http.certificate = string_of(with->der());
    return send(std::move(http));
  }
  std::string story() {
    std::string out;
    for (const auto& one : reader->enrolments().enrolment_steps(1).value())
      out += (out.empty() ? "" : " ") + std::string{name_of(one.kind)};
    return out;
  }
};

Certificate certificate_in(const Got& got) {
  INFO(got.body);
  REQUIRE(got.status == 201);
  auto out = Certificate::from_pem(got.read().at("certificate").get<std::string>());
  REQUIRE(out);
  return std::move(out).value();
}

TEST_CASE("enrol desk: a token becomes a certificate, once for a key", "[enrol][rest]") {
  Desk world;
  const Got got = world.enrol(grouped_secret(kToken) + "\n", "fra1", *world.key);
  const Certificate first = certificate_in(got);
  CHECK(first.common_name() == "fra1");
  CHECK(first.organizational_unit() == "anchor");
  CHECK(first.public_key().value() == world.key->public_key());
  CHECK(got.read().at("authority") == world.authority.ca().pem());
  CHECK(got.read().at("again") == false);
  CHECK(got.field("cache-control") == "no-store");
  CHECK(got.body.find(kToken) == std::string::npos);
  const Got again = world.enrol(kToken, "fra1", *world.key);
  CHECK(certificate_in(again).serial() == first.serial());
  CHECK(again.read().at("again") == true);
  CHECK(world.enrol(kToken, "fra1", *generate_key(SignatureAlgorithm::kEs256)).status == 403);
  CHECK(world.story() == "made used repeated refused");
  CHECK(world.authority.index().certificates.size() == 1);
  CHECK(world.counters.enrolled == 2);
  CHECK(world.counters.enrolment_refused == 1);
}

TEST_CASE("enrol desk: whatever is wrong with a token, the answer is the same", "[enrol][rest]") {
  Desk world;
  world.make(std::string(52, 'A'), "ams1", 60);
  world.make(std::string(52, 'B'), "ber1");
  world.in_store([](Store& inside) { REQUIRE(inside.enrolments().revoke_enrolment(3, "alice", kNow)); });
  REQUIRE(world.enrol(kToken, "fra1", *world.key).status == 201);
  world.seconds = 60;
  const auto stranger = generate_key(SignatureAlgorithm::kEs256);
  std::set<std::string> answers;
  for (const std::string& token : {kToken, std::string(52, 'A'), std::string(52, 'B'), kOther,
                                   std::string{"no token"}, std::string{}, std::string(20'000, 'Z')}) {
    const Got got = world.enrol(token, "fra1", *stranger);
    CHECK(got.status == 403);
    answers.insert(got.body);
  }
  CHECK(answers.size() == 1);
  CHECK(answers.begin()->find(kTokenRefused) != std::string::npos);
  CHECK(world.counters.enrolment_refused == 7);
  CHECK(world.authority.index().certificates.size() == 1);
}

TEST_CASE("enrol desk: killed between the token's use and the answer, the same request finds its end",
          "[enrol][rest]") {
  Desk world;
  const Digest key = sha256(world.key->public_key().spki_der());
  world.in_store([&](Store& inside) {  // all that a killed coordinator had done
    REQUIRE_FALSE(inside.enrolments().redeem(*token_digest(kToken), key, "192.0.2.7", kNow)->refusal);
  });
  CHECK(world.enrol(kToken, "fra1", *generate_key(SignatureAlgorithm::kEs256)).status == 403);
  CHECK(certificate_in(world.enrol(kToken, "fra1", *world.key)).common_name() == "fra1");
}

TEST_CASE("enrol desk: a request for somebody else is refused, and the token's key may come again",
          "[enrol][rest]") {
  Desk world;
  const Got got = world.enrol(kToken, "ams1", *world.key);
  CHECK(got.status == 409);
  CHECK(got.body.find("the order says 'fra1'") != std::string::npos);
  CHECK(world.authority.index().certificates.empty());
  CHECK(world.enrol(kToken, "fra1", *world.key).status == 201);
}

TEST_CASE("enrol desk: what is no request costs no token", "[enrol][rest]") {
  Desk world;
  const std::string good = Desk::request("fra1", *world.key);
  std::string forged = good;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  const auto status = [&](const std::string& body, HttpFields fields = {}) {
    return world.send(http_request("POST", "/v1/enrol", body, std::move(fields))).status;
  };
  CHECK(status(json{{"token", kToken}, {"request", forged}}.dump()) == 400);
  CHECK(status(json{{"token", kToken}, {"request", ""}}.dump()) == 400);
  CHECK(status(json{{"token", kToken}}.dump()) == 400);
  CHECK(status(json{{"token", 7}, {"request", good}}.dump()) == 400);
  CHECK(status(json{{"token", kToken}, {"request", good}, {"role", "admin"}}.dump()) == 400);
  CHECK(status(R"({"token":"a","token":"b"})") == 400);
  CHECK(status("[]") == 400);
  CHECK(status(std::string(kEnrolBodyMax + 1, ' ')) == 413);
  CHECK(status("{}", {{"content-type", "text/plain"}}) == 415);
  CHECK(world.send(http_request("GET", "/v1/enrol")).status == 405);
  CHECK(world.send(http_request("POST", "/v1/enrol?token=" + kToken, "{}")).status == 400);
  CHECK(world.story() == "made");
}

TEST_CASE("enrol desk: an agent's token registers a chip and gives no certificate", "[enrol][rest]") {
  Desk world;
  world.make(kOther, "SN-2", 3'600, "agent");
  const auto send = [&](const std::string& token, const json& more) {
    json body{{"token", token}, {"request", Desk::request("chip", *world.key)}};
    body.update(more);
    return world.send(http_request("POST", "/v1/enrol", body.dump()));
  };
  const json chip{{"certificate", "PEM"}, {"reach", "knock"}};
  CHECK(send(kOther, json::object()).status == 400);  // the token's key is bound from here on
  CHECK(send(kOther, {{"certificate", "PEM"}}).status == 400);
  CHECK(world.registered.empty());
  const Got wrong = send(kOther, {{"certificate", "PEM"}, {"reach", "nowhere"}});
  CHECK(wrong.status == 400);
  CHECK(wrong.body.find("reach: no") != std::string::npos);
  const Got got = send(kOther, chip);
  REQUIRE(got.status == 201);
  CHECK(got.read().at("chip").at("serial") == "SN-2");
  CHECK_FALSE(got.read().contains("certificate"));
  CHECK(world.registered == std::vector<std::string>{"SN-2 PEM nowhere", "SN-2 PEM knock"});
  CHECK(send(kToken, chip).status == 400);  // an anchor's
  CHECK(world.registered.size() == 2);
  CHECK(world.authority.index().certificates.empty());
  world.key = generate_key(SignatureAlgorithm::kEs256);
  CHECK(send(kOther, chip).status == 403);
}

TEST_CASE("enrol desk: without an authority it signs nothing", "[enrol][rest]") {
  Desk world;
  EnrolDesk desk{{.authority = {},
                  .chips = {},
                  .store = world.store,
                  .counters = world.counters,
                  .now = [] { return kNow; },
                  .steady = [] { return SteadyTime{}; }}};
  const auto exchange = std::make_shared<PlayedExchange>(http_request(
      "POST", "/v1/enrol", json{{"token", kToken}, {"request", Desk::request("fra1", *world.key)}}.dump()));
  auto answer = exchange->answer();
  desk.handle(exchange);
  const Got got = answer.get();
  CHECK(got.status == 503);
  CHECK(got.body.find("[enrol] authority") != std::string::npos);
}

TEST_CASE("enrol desk: an address has so many tries", "[enrol][rest]") {
  Desk world;
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    const Got got = world.enrol(kOther, "fra1", *world.key);
    if (got.status == 429) {
      ++refused;
      CHECK_FALSE(got.field("retry-after").empty());
    }
  }
  CHECK(refused == 10);
  world.seconds = 60;
  CHECK(world.enrol(kToken, "fra1", *world.key).status == 201);
}

TEST_CASE("enrol desk: a certificate is renewed for who shows it", "[enrol][rest]") {
  Desk world;
  const Certificate old = certificate_in(world.enrol(kToken, "fra1", *world.key));
  CHECK(world.renew(std::nullopt, *world.key).status == 401);
  world.seconds = 86'400;
  const auto next = generate_key(SignatureAlgorithm::kEs256);
  const Certificate fresh = certificate_in(world.renew(old, *next));
  CHECK(fresh.serial() != old.serial());
  CHECK(fresh.public_key().value() == next->public_key());
  CHECK(fresh.not_after() - old.not_after() == std::chrono::seconds{86'400});
  CHECK(world.counters.certificates_renewed == 1);
  REQUIRE(world.authority.open().revoke({fresh.serial()}, RevocationReason::kKeyCompromise, kNow, 365));
  CHECK(world.renew(fresh, *next).status == 403);
}

}  // namespace enrol_desk_test
}  // namespace chiploc::test
