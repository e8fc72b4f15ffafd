// What is committed, as somebody watches it: framing, going on without a gap or a repeat, who sees what, and when it ends.
#include "server/rest/rest_watch.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/server/rest/rest_story.hpp"

namespace chiploc::test {
namespace rest_watch_test {

/// One event as a browser takes it apart.
struct Event {
  std::string id, name, data;
  std::uint64_t looks = 0;  ///< entries of the audit log when it came
};

/// A client that reads all that it is sent at once.
class Client {
 public:
  explicit Client(StoreReader& log) : log_{log} {}
  void hear(const std::string& text) {
    const auto entries = log_.audit().audit_entries({.limit = 1'000});
    const std::lock_guard lock{mutex_};
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = text.find("\n\n", at);
      REQUIRE(end != std::string::npos);
      Event event;
      event.looks = entries ? entries->size() : 0;
      std::size_t line = at;
      while (line < end) {
        const std::size_t stop = std::min(text.find('\n', line), end);
        const std::string one = text.substr(line, stop - line);
        if (one.starts_with("id: ")) event.id = one.substr(4);
        if (one.starts_with("event: ")) event.name = one.substr(7);
        if (one.starts_with("data: ")) event.data = one.substr(6);
        line = stop + 1;
      }
      events_.push_back(std::move(event));
      at = end + 2;
    }
    heard_.notify_all();
  }
  void close() {
    std::function<void()> told, dropped;
    {
      const std::lock_guard lock{mutex_};
      if (std::exchange(closed_, true)) return;
      told = std::exchange(on_closed_, nullptr);
      dropped = std::exchange(on_drained_, nullptr);
    }
    heard_.notify_all();
    if (told) told();
  }
  [[nodiscard]] bool closed() {
    const std::lock_guard lock{mutex_};
    return closed_;
  }
  /// The first so many, once they are there.
  std::vector<Event> first(std::size_t count) {
    std::unique_lock lock{mutex_};
    const bool there =
        heard_.wait_for(lock, std::chrono::minutes{2}, [&] { return events_.size() >= count || closed_; });
    INFO("of " << count << " events " << events_.size() << " came");
    REQUIRE(there);
    return events_;
  }
  void wait_until_closed() {
    std::unique_lock lock{mutex_};
    REQUIRE(heard_.wait_for(lock, std::chrono::minutes{2}, [&] { return closed_; }));
  }
  void tell(std::function<void()> drained, std::function<void()> closed) {
    const std::lock_guard lock{mutex_};
    if (drained) on_drained_ = std::move(drained);
    if (closed) on_closed_ = std::move(closed);
  }
  void tell_drained() {
    std::function<void()> told;
    {
      const std::lock_guard lock{mutex_};
      told = on_drained_;
    }
    if (told) told();
  }

 private:
  StoreReader& log_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable heard_;
  std::vector<Event> events_;
  std::function<void()> on_closed_, on_drained_;
  bool closed_ = false;
};

class Stream final : public HttpEventStream {
 public:
  explicit Stream(std::shared_ptr<Client> client) : client_{std::move(client)} {}
  bool send(std::string event) override {
    if (client_->closed()) return false;
    client_->hear(event);
    client_->tell_drained();
    return true;
  }
  void close() override { client_->close(); }
  void on_drained(std::function<void()> drained) override { client_->tell(std::move(drained), {}); }
  void on_closed(std::function<void()> closed) override { client_->tell({}, std::move(closed)); }

 private:
  const std::shared_ptr<Client> client_;
};

class Exchange final : public HttpExchange {
 public:
  Exchange(HttpRequest request, std::shared_ptr<Client> client, Got& got)
      : request_{std::move(request)}, client_{std::move(client)}, got_{got} {}
  [[nodiscard]] const HttpRequest& request() const override { return request_; }
  void reply(HttpReply reply) override {
    got_ = {reply.status, std::move(reply.fields), std::move(reply.body), {}};
  }
  std::shared_ptr<HttpEventStream> stream(HttpFields fields) override {
    got_ = {200, std::move(fields), {}, {}};
    return std::make_shared<Stream>(client_);
  }

 private:
  const HttpRequest request_;
  const std::shared_ptr<Client> client_;
  Got& got_;
};

struct Watch {
  Got got{};
  std::shared_ptr<Client> client{};
  Watch() = default;
  Watch(Watch&&) = default;
  Watch& operator=(Watch&&) = delete;
  ~Watch() {
    if (client) client->close();
  }
};

Watch watch(RestWorld& rest, const Credentials& who, const std::string& target, HttpFields fields = {},
            RestApi* api = nullptr) {
  Watch out;
  out.client = std::make_shared<Client>(rest.world.reader_of_store());
  HttpRequest request = http_request("GET", target, "", std::move(fields));
  request.certificate = der_of(who);
  (api != nullptr ? *api : rest.api)
      .handle(std::make_shared<Exchange>(std::move(request), out.client, out.got));
  return out;
}

int status_of(RestWorld& rest, const std::string& target, HttpFields fields = {}) {
  return watch(rest, rest.world.admin, target, std::move(fields)).got.status;
}
std::uint64_t newest(RestWorld& rest) { return rest.world.reader_of_store().events().events_kept()->newest; }

TEST_CASE("watch: the first event says from where, then comes what is committed, in that order", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const std::uint64_t from = newest(rest);
  REQUIRE(from > 0);
  const Watch open = watch(rest, rest.world.admin, "/v1/watch");
  CHECK(open.got.status == 200);
  REQUIRE(open.client->first(1).front().name == "at");
  CHECK(open.client->first(1).front().id == std::to_string(from));
  rest.world.rounds().states[kChipOne] = v1::OUTSIDE;
  rest.world.play_round(kChipOne);
  rest.world.tell_on(kWorldNow);
  const auto events = open.client->first(1 + newest(rest) - from);
  for (std::size_t i = 0; i < events.size(); ++i) {
    INFO(events[i].data);
    CHECK(events[i].id == std::to_string(from + i));
    CHECK(json::parse(events[i].data).at("id").get<std::string>() == events[i].id);
    CHECK(json::parse(events[i].data).at("event").get<std::string>() == events[i].name);
  }
  REQUIRE(events.size() > 1);
  CHECK(events[1].name == "verdict");
  CHECK(json::parse(events[1].data).at("verdict").at("state").get<std::string>() == "OUTSIDE");
}

TEST_CASE("watch: whoever goes on by an id gets each event once, while others are being committed",
          "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const std::uint64_t from = newest(rest);
  constexpr std::uint64_t kRounds = 150;
  std::thread writer{[&] {
    for (std::uint64_t i = 0; i < kRounds; ++i) rest.world.play_round(i % 2 == 0 ? kChipOne : kChipTwo);
  }};
  std::vector<std::string> ids;
  std::string last = std::to_string(from);
  for (std::size_t turn = 1; ids.size() < kRounds; ++turn) {
    // By the field that browsers send, which goes before the parameter, and by the parameter.
    const Watch open = turn % 2 == 0
                           ? watch(rest, rest.world.reader, "/v1/watch?after=" + last)
                           : watch(rest, rest.world.reader, "/v1/watch?after=0", {{"last-event-id", last}});
    const std::size_t wanted = 1 + std::min<std::size_t>(turn, kRounds - ids.size());
    const auto events = open.client->first(wanted);
    REQUIRE(events.size() >= wanted);
    CHECK(events.front().name == "at");
    CHECK(events.front().id == last);
    for (std::size_t i = 1; i < events.size(); ++i) ids.push_back(events[i].id);
    last = ids.back();
  }
  writer.join();
  REQUIRE(ids.size() >= kRounds);
  for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] == std::to_string(from + 1 + i));
}

TEST_CASE("watch: what is sealed comes to those who may see it, behind its entry in the audit log",
          "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  const HttpFields why{{"chiploc-reason", "case C-17"}};
  const auto entries = [&] {
    return rest.world.reader_of_store().audit().audit_entries({.limit = 1'000}).value();
  };
  const auto shown = [&](const Credentials& who, const HttpFields& fields) {
    const std::size_t before = entries().size();
    const Watch open = watch(rest, who, "/v1/watch?kinds=verdicts", fields);
    (void)open.client->first(1);
    rest.world.play_round(kChipOne);
    (void)open.client->first(2);
    rest.world.play_round(kChipOne);
    const auto events = open.client->first(3);
    const bool sealed = !json::parse(events[1].data).at("verdict").at("region").is_null();
    CHECK(entries().size() == before + (sealed ? 1 : 0));  // one for an hour
    if (sealed) {
      CHECK(events[1].looks == before + 1);  // it was on disk when the event left
      CHECK(entries().front().method == "chiploc.v1.OperatorService.Watch");
      CHECK(entries().front().subject.find("from=" + events[1].id) != std::string::npos);
    }
    return sealed;
  };
  CHECK(shown(rest.world.auditor, {}));
  CHECK(shown(rest.world.regulator, why));
  CHECK(entries().front().reason == "case C-17");
  CHECK_FALSE(shown(rest.world.regulator, {}));
  CHECK_FALSE(shown(rest.world.reader, why));
}

TEST_CASE("watch: a holder hears of its own chips alone, and how far it is", "[rest][roles]") {
  RestWorld rest;
  begin_story(rest);
  const Watch own = watch(rest, rest.world.example_reader, "/v1/watch?after=0");
  for (int i = 0; i < 3; ++i) rest.world.play_round(kChipOne);
  rest.world.play_round(kChipTwo);
  const std::uint64_t last = newest(rest);
  std::size_t count = 2;
  while (own.client->first(count).back().id != std::to_string(last)) ++count;
  for (const Event& event : own.client->first(count)) {
    CHECK(event.data.find(kChipOne) == std::string::npos);
    CHECK(event.data.find("L-1") == std::string::npos);
    if (event.name != "at") CHECK(event.data.find(kChipTwo) != std::string::npos);
  }
}

TEST_CASE("watch: kinds are chosen, and what is no place to go on from is refused", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  rest.world.play_round(kChipOne);
  const Watch statuses = watch(rest, rest.world.admin, "/v1/watch?kinds=statuses&after=0");
  for (const Event& event : statuses.client->first(2)) CHECK((event.name == "at" || event.name == "status"));
  CHECK(status_of(rest, "/v1/watch?kinds=nuts") == 400);
  for (const char* bad : {"x", "-1", "01", "1.0", "99999999999999999999", "4611686018427387905"}) {
    INFO(bad);
    CHECK(status_of(rest, std::string{"/v1/watch?after="} + bad) == 400);
  }
  CHECK(status_of(rest, "/v1/watch?after=" + std::to_string(newest(rest))) == 200);
  CHECK(status_of(rest, "/v1/watch?after=" + std::to_string(newest(rest) + 1)) == 400);
  CHECK(status_of(rest, "/v1/watch", {{"last-event-id", "1"}, {"last-event-id", "2"}}) == 400);
  CHECK(status_of(rest, "/v1/watch", {{"accept", "application/json"}}) == 406);
  rest.world.store([](Store& store) {
    PruneOrder order;
    order.events_max = 1;
    REQUIRE(store.mesh().prune_some(order));
  });
  const Watch gone = watch(rest, rest.world.admin, "/v1/watch?after=0");
  CHECK(gone.got.status == 409);
  CHECK(gone.got.read().at("detail").get<std::string>().find("not kept any more") != std::string::npos);
}

TEST_CASE("watch: one caller has so many at once, and each that leaves makes room", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const std::size_t most = WatchLimits{}.by_caller;
  std::vector<Watch> open;
  for (std::size_t i = 0; i < most; ++i) open.push_back(watch(rest, rest.world.admin, "/v1/watch"));
  CHECK(open.back().got.status == 200);
  ApiCounters& counters = rest.world.use_cases().counters();
  CHECK(counters.watchers == most);
  CHECK(status_of(rest, "/v1/watch") == 429);
  CHECK(counters.watchers_refused == 1);
  CHECK(watch(rest, rest.world.reader, "/v1/watch").got.status == 200);
  open.front().client->close();
  CHECK(status_of(rest, "/v1/watch") == 200);
}

TEST_CASE("watch: a token or a session that counts no longer ends it before the next event",
          "[rest][roles]") {
  RestWorld rest;
  begin_story(rest);
  std::atomic<bool> ended{false};
  RestParts parts{.cases = rest.world.use_cases(),
                  .now = [] { return kWorldNow; },
                  .steady = [] { return SteadyTime{}; }};
  parts.authenticate = [&](const HttpRequest&) -> Answer<Identity> {
    if (ended) return Fail{ApiFault{ApiFaultCode::kNoCertificate, "the session has ended"}};
    Identity identity{"ann", "reader"};
    identity.account = TokenAccount{"https://issuer.example", "u-1"};
    return identity;
  };
  RestApi api{std::move(parts)};
  const Watch open = watch(rest, rest.world.reader, "/v1/watch", {}, &api);
  (void)open.client->first(1);
  rest.world.play_round(kChipOne);
  CHECK(open.client->first(2)[1].name == "verdict");
  ended = true;
  rest.world.play_round(kChipOne);
  open.client->wait_until_closed();
  const auto events = open.client->first(3);
  REQUIRE(events.size() == 3);
  CHECK(events[2].name == "problem");
  CHECK(json::parse(events[2].data).at("code").get<std::string>() == "unauthenticated");
}

TEST_CASE("watch: when chiplocd stops all of them are told, and nobody begins anew", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const Watch open = watch(rest, rest.world.admin, "/v1/watch");
  (void)open.client->first(1);
  rest.world.use_cases().end_watches();
  open.client->wait_until_closed();
  CHECK(open.client->first(2)[1].name == "problem");
  CHECK(status_of(rest, "/v1/watch") == 503);
}

}  // namespace rest_watch_test
}  // namespace chiploc::test
