// What the edge does beside answering: limits, keys, health, metrics, the description.
#include "tests/server/rest/rest_story.hpp"

namespace chiploc::test {
namespace rest_duties_test {

std::string code_of(const Got& got) { return got.read().at("code").get<std::string>(); }

/// An edge over the world with other options, and a clock that the test moves.
struct Limited {
  explicit Limited(OperatorWorld& world, RestOptions options) : world_{world} {
    RestParts parts{
        .cases = world.use_cases(), .now = [] { return kWorldNow; }, .steady = [this] { return now; }};
    parts.options = std::move(options);
    api = std::make_unique<RestApi>(std::move(parts));
  }
  Got send(const Credentials* who, HttpRequest request) const {
    if (who != nullptr) request.certificate = der_of(*who);
    return test::send(*api, std::move(request));
  }
  Got get(const Credentials* who, const char* target) const { return send(who, http_request("GET", target)); }

  SteadyTime now{};
  std::unique_ptr<RestApi> api;
  OperatorWorld& world_;
};

TEST_CASE("rest: a change with a key is made once, and its answer is given again", "[rest][idempotency]") {
  RestWorld rest;
  begin_story(rest);
  const std::string body = R"({"scope":{"licence":"L-1"},"reason":"cooling","until":"2026-09-22"})";
  const HttpFields key{{"idempotency-key", "k-1"}};
  const auto mutes = [&] { return rest.get("/v1/mutes?all=true").read().at("mutes").size(); };
  const Got first = rest.send(rest.world.admin, "POST", "/v1/mutes", body, key);
  REQUIRE(first.status == 201);
  CHECK(first.field("idempotency-replayed").empty());
  const Got again = rest.send(rest.world.admin, "POST", "/v1/mutes", body, key);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.field("idempotency-replayed") == "true");
  CHECK(mutes() == 1);
  const Got other = rest.send(rest.world.admin, "POST", "/v1/mutes", R"({"reason":"x"})", key);
  CHECK(other.status == 422);
  CHECK(code_of(other) == "key_reused");
  CHECK(rest.send(rest.world.admin, "POST", "/v1/mutes/1/end", "", key).status ==
        422);  // another path is another request
  CHECK(rest.send(rest.world.registrar, "POST", "/v1/mutes", body, key).status ==
        201);  // another caller's key
  CHECK(mutes() == 2);
  // What was refused for good is refused again without being asked; without a key it is asked each time.
  const Got missing =
      rest.send(rest.world.admin, "POST", "/v1/mutes/77/end", "", {{"idempotency-key", "k-2"}});
  CHECK(missing.status == 404);
  CHECK(rest.send(rest.world.admin, "POST", "/v1/mutes/77/end", "", {{"idempotency-key", "k-2"}}).body ==
        missing.body);
  CHECK(rest.send(rest.world.admin, "POST", "/v1/mutes", body).status == 201);
  CHECK(mutes() == 3);
}

TEST_CASE("rest: a key is one, of its form, and where something changes", "[rest][idempotency]") {
  RestWorld rest;
  rest.world.import({kChipOne});
  const auto refused = [&](const char* method, const char* target, HttpFields fields) {
    const Got got = rest.send(rest.world.admin, method, target, "", std::move(fields));
    return got.status == 400 && got.read().at("field").get<std::string>() == "idempotency-key";
  };
  CHECK(refused("GET", "/v1/status", {{"idempotency-key", "k"}}));
  CHECK(refused("POST", "/v1/verdicts/SN-0/replay", {{"idempotency-key", "k"}}));
  CHECK(refused("POST", "/v1/chips/SN-0/verify", {{"idempotency-key", "k"}}));
  CHECK(refused("POST", "/v1/mutes/1/end", {{"idempotency-key", "a b"}}));
  CHECK(refused("POST", "/v1/mutes/1/end", {{"idempotency-key", "a"}, {"idempotency-key", "a"}}));
}

TEST_CASE("rest: a request with a key that still runs is told so, and one that went wrong may be sent again",
          "[rest][idempotency]") {
  RestWorld rest;
  begin_story(rest);
  // The import worker is held by the first, for its answer's own hook sends the second.
  struct Reentrant final : HttpExchange {
    explicit Reentrant(HttpRequest made) : request_{std::move(made)} {}
    [[nodiscard]] const HttpRequest& request() const override { return request_; }
    void reply(HttpReply reply) override { done.set_value({reply.status, reply.fields, reply.body, {}}); }
    std::shared_ptr<HttpEventStream> stream(HttpFields) override { return nullptr; }
    HttpRequest request_;
    std::promise<Got> done;
  };
  HttpRequest request =
      http_request("POST", "/v1/imports",
                   json{{"files", {file_of("models", "name,maker,eccn,note\nNEW,acme,4A090,\n")}}}.dump());
  request.fields.emplace_back("idempotency-key", "k");
  request.certificate = der_of(rest.world.admin);
  std::vector<std::shared_ptr<Reentrant>> all;
  std::vector<std::future<Got>> answers;
  for (int i = 0; i < 8; ++i) {
    all.push_back(std::make_shared<Reentrant>(request));
    answers.push_back(all.back()->done.get_future());
    rest.api.handle(all.back());
  }
  int made = 0, waits = 0, replayed = 0;
  for (auto& answer : answers) {
    const Got got = answer.get();
    INFO(got.body);
    if (got.status == 409) {
      CHECK(code_of(got) == "in_progress");
      ++waits;
    } else if (got.field("idempotency-replayed") == "true") {
      ++replayed;
    } else {
      CHECK(got.status == 200);
      CHECK(got.read().at("added").get<int>() == 1);
      ++made;
    }
  }
  CHECK(made == 1);
  CHECK(waits + replayed == 7);
}

TEST_CASE("rest: each caller and each address has its limit, and is told how far it is used",
          "[rest][limits]") {
  OperatorWorld world;
  world.import({kChipOne});
  RestOptions options;
  options.rates.by_caller = {1, 3};
  options.rates.by_address = {1, 6};
  Limited rest{world, options};
  for (const char* left : {"2", "1", "0"}) {
    const Got got = rest.get(&world.admin, "/v1/status");
    CHECK(got.status == 200);
    CHECK(got.field("ratelimit").find(std::string{"\"caller\";r="} + left) == 0);
    CHECK(got.field("ratelimit-policy") == "\"caller\";q=3;w=3");
  }
  const Got refused = rest.get(&world.admin, "/v1/status");
  CHECK(refused.status == 429);
  CHECK(code_of(refused) == "rate_limited");
  CHECK(refused.field("retry-after") == "1");
  CHECK(rest.get(&world.reader, "/v1/status").status == 200);  // another caller
  CHECK(rest.get(nullptr, "/v1/status").status == 401);        // the sixth of this address
  const Got address = rest.get(&world.reader, "/v1/status");
  CHECK(address.status == 429);
  CHECK(address.field("ratelimit").find("\"address\"") == 0);
  HttpRequest elsewhere = http_request("GET", "/v1/status");
  elsewhere.remote = "2001:db8::1";
  CHECK(rest.send(&world.reader, elsewhere).status == 200);
  CHECK(rest.get(nullptr, "/livez").status == 200);  // whoever watches is not kept out
  rest.now = rest.now + std::chrono::seconds{3};
  CHECK(rest.get(&world.admin, "/v1/status").status == 200);
}

TEST_CASE("rest: alive is told at once, ready by its parts", "[rest][health]") {
  OperatorWorld world;
  bool store = true;
  RestParts parts{
      .cases = world.use_cases(), .now = [] { return kWorldNow; }, .steady = [] { return SteadyTime{}; }};
  parts.ready = [&] { return std::vector<Readiness>{{"store", store}, {"coordinator", true}}; };
  RestApi api{std::move(parts)};
  CHECK(send(api, http_request("GET", "/livez")).status == 200);
  CHECK(send(api, http_request("GET", "/readyz")).body ==
        R"({"ready":true,"checks":{"store":true,"coordinator":true}})");
  store = false;
  const Got not_ready = send(api, http_request("GET", "/readyz"));
  CHECK(not_ready.status == 503);
  CHECK(not_ready.read().at("checks").at("store").get<bool>() == false);
  CHECK(send(api, http_request("GET", "/livez")).status == 200);
  CHECK(send(api, http_request("POST", "/livez")).status == 405);
}

TEST_CASE("rest: the description is everybody's, whole and with a tag", "[rest]") {
  RestWorld rest;
  const Got got = send(rest.api, http_request("GET", "/openapi.json"));
  CHECK(got.status == 200);
  CHECK(got.read().at("paths").contains("/v1/chips/{chip}"));
  HttpRequest again = http_request("GET", "/openapi.json");
  again.fields = {{"if-none-match", got.field("etag")}};
  CHECK(send(rest.api, again).status == 304);
  CHECK(send(rest.api, http_request("PUT", "/openapi.json")).status == 405);
}

TEST_CASE("rest: metrics count what was answered, are nobody's in particular, and show nothing sealed",
          "[rest][metrics]") {
  RestWorld rest;
  begin_story(rest);
  rest.get("/v1/chips/SN-0");
  rest.get("/v1/chips/nobody");
  rest.get("/v1/nuts");
  CHECK(send(rest.api, http_request("GET", "/metrics")).status == 401);
  CHECK(rest.send(rest.world.anchor, "GET", "/metrics").status == 403);
  CHECK(rest.send(rest.world.example_auditor, "GET", "/metrics").status == 403);
  const Got got = rest.send(rest.world.reader, "GET", "/metrics");
  CHECK(got.status == 200);
  CHECK(got.field("content-type").find("text/plain; version=0.0.4") == 0);
  for (const char* line : {"chiploc_http_requests_total{code=\"2xx\",operation=\"GetChip\"} 1\n",
                           "chiploc_http_requests_total{code=\"4xx\",operation=\"GetChip\"} 1\n",
                           "chiploc_http_requests_total{code=\"4xx\",operation=\"none\"} 1\n",
                           "chiploc_chips 2\n", "chiploc_chips_by_state{state=\"VERIFIED\"} 2\n",
                           "chiploc_reports_rejected_total 7\n", "chiploc_anchors_connected 1\n"}) {
    INFO(line);
    CHECK(got.body.find(line) != std::string::npos);
  }
  for (const std::string& word :
       {kSealedStreet, kChipOne, std::string{"SN-0"}, std::string{"fra1"}, std::string{"alice"},
        std::string{"481.2"}, std::string{"L-1"}, std::string{"192.0.2"}}) {
    INFO(word);
    CHECK(got.body.find(word) == std::string::npos);
  }
}

}  // namespace rest_duties_test
}  // namespace chiploc::test
