// The witness's edge: what waits is bounded, who asks too much is told so, and each is counted.
#include "server/witness/witness_server.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

#include "server/fetch/curl_fetch.hpp"
#include "server/net/tls_files.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/witness/witness_world.hpp"

namespace chiploc::test {
namespace witness_server_test {

using namespace std::chrono_literals;

/// A key that signs when it is let.
class SlowKey : public Signer {
 public:
  explicit SlowKey(const Signer& key) : key_{key} {}
  [[nodiscard]] const PublicKey& public_key() const override { return key_.public_key(); }
  [[nodiscard]] Result<ByteVector, KeyFault> sign(Bytes message) const override {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return !held_; });
    return key_.sign(message);
  }
  void hold(bool held) {
    const std::scoped_lock lock{mutex_};
    held_ = held;
    changed_.notify_all();
  }

 private:
  const Signer& key_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool held_ = false;
};

struct World {
  TempDir folder;
  TestCertificate certificate{folder, "tls", "IP:127.0.0.1"};
  WitnessKey made;
  SlowKey key{*made.key};
  NoteSigner signer = NoteSigner::with_ed25519("w.example", NoteSignatureType::kCosignature, key).value();
  WitnessedLog log;
  std::unique_ptr<WitnessStore> store;
  std::unique_ptr<WitnessServer> server;
  CurlFetch fetch{certificate.certificate, false, {.whole = 60s}};

  explicit World(const WitnessLimits& limits = {}) {
    REQUIRE(WitnessStore::create(folder / "state", signer.key()));
    store = WitnessStore::open(folder / "state", signer.key()).value();
    auto started =
        WitnessServer::start({.address = "127.0.0.1:0",
                              .tls = load_own_tls(certificate.certificate, certificate.key).value(),
                              .limits = limits,
                              .wall_now = [] { return wall_from_unix_seconds(kWitnessNow); },
                              .steady_now = [] { return SteadyTime{1'000s}; }},
                             WitnessDesk{{log.key()}, signer, *store});
    INFO((started ? "" : started.error()));
    REQUIRE(started);
    server = std::move(started).value();
  }
  ~World() { key.hold(false); }
  void send(FetchRequest request, std::function<void(FetchOutcome)> ended) {
    request.url = "https://127.0.0.1:" + std::to_string(server->port()) + request.url;
    REQUIRE(fetch.fetch(std::move(request), std::move(ended)));
  }
  FetchReply answer(FetchRequest request) {
    auto told = std::make_shared<std::promise<FetchOutcome>>();
    auto outcome = told->get_future();
    send(std::move(request), [told](FetchOutcome one) { told->set_value(std::move(one)); });
    FetchOutcome out = outcome.get();
    INFO((out ? "" : out.error()));
    REQUIRE(out);
    return std::move(out).value();
  }
  static FetchRequest submission(std::string body) {
    return {.url = "/add-checkpoint", .content_type = "text/plain", .body = std::move(body)};
  }
  FetchReply submit(const Submission& one) { return answer(submission(submission_text(one))); }
  [[nodiscard]] bool counts(const std::string& line) const {
    INFO(server->metrics());
    return server->metrics().find("\nchiploc_witness_" + line + "\n") != std::string::npos;
  }
};

TEST_CASE("witness server: what it answers, and what it does not", "[witness]") {
  World world;
  const FetchReply cosigned = world.submit(world.log.shown(0, 20));
  CHECK(cosigned.status == 200);
  CHECK(cosigned.body.starts_with("\xE2\x80\x94 w.example "));
  const FetchReply other_size = world.submit(world.log.shown(3, 20));
  CHECK(other_size.status == 409);
  CHECK(other_size.content_type == "text/x.tlog.size");
  CHECK(other_size.body == "20\n");
  CHECK(world.answer({.url = "/add-checkpoint"}).status == 405);
  CHECK(world.answer({.url = "/"}).status == 404);
  CHECK(world.answer({.url = "/add-checkpoint/", .content_type = "text/plain", .body = "x"}).status ==
        413);  // no body there
  CHECK(world.answer(World::submission("")).status == 400);
  CHECK(world.answer(World::submission(std::string(kSubmissionBytesMax + 1, 'a'))).status == 413);
  const FetchReply metrics = world.answer({.url = "/metrics"});  // we are on its machine
  CHECK(metrics.status == 200);
  CHECK(metrics.body.find("chiploc_witness_answers_total{status=\"200\"} 1\n") != std::string::npos);
  CHECK(world.counts("answers_total{status=\"409\"} 1"));
  CHECK(world.counts("answers_total{status=\"400\"} 1"));
  CHECK(world.counts("refused_total{why=\"other_path\"} 2"));
  CHECK(world.counts("requests_malformed_total 2"));
}

TEST_CASE("witness server: who asks too much is refused until time has passed", "[witness]") {
  World world{{.requests_per_second = 100, .requests_per_second_and_address = 3}};  // its clock stands still
  for (int i = 0; i < 3; ++i) CHECK(world.answer(World::submission("x")).status == 400);
  const FetchReply late = world.submit(world.log.shown(0, 20));
  CHECK(late.status == 429);
  CHECK(world.counts("refused_total{why=\"rate\"} 1"));
  CHECK_FALSE(world.store->latest("log.example"));
}

TEST_CASE("witness server: no more wait than were allowed", "[witness]") {
  World world{{.waiting = 1}};
  world.key.hold(true);
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> statuses;
  const auto count = [&](const FetchOutcome& outcome) {
    const std::scoped_lock lock{mutex};
    statuses.push_back(outcome ? outcome->status : 0);
    changed.notify_all();
  };
  const std::string body = submission_text(world.log.shown(0, 20));
  const auto wait_for = [&](std::size_t answers) {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return statuses.size() >= answers; });
  };
  // One is being signed, one waits: of three at once, one or two (which the worker had not taken yet) are sent away.
  for (int i = 0; i < 3; ++i) world.send(World::submission(body), count);
  wait_for(1);
  CHECK(statuses[0] == 503);
  world.key.hold(false);
  wait_for(3);
  CHECK(std::count(statuses.begin(), statuses.end(), 200) >= 1);
  CHECK(std::count(statuses.begin(), statuses.end(), 0) == 0);
  CHECK_FALSE(world.counts("refused_total{why=\"busy\"} 0"));
}

TEST_CASE("witness server: the end waits for what is being judged, and for nobody who is silent",
          "[witness]") {
  World world;
  std::promise<int> told;
  world.key.hold(true);
  world.send(World::submission(submission_text(world.log.shown(0, 20))),
             [&](const FetchOutcome& outcome) { told.set_value(outcome ? outcome->status : 0); });
  auto ended = std::async(std::launch::async, [&] { world.server->stop(60s); });
  world.key.hold(false);
  ended.get();
  const int status = told.get_future().get();
  // It came before the end, and was answered; or its connection was cut, and nothing of it is kept.
  CHECK((status == 200) == world.store->latest("log.example").has_value());
}

}  // namespace witness_server_test
}  // namespace chiploc::test
