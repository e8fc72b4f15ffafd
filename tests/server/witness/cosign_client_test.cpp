// A log asks witnesses that answer as they like, over real TLS.
#include "server/witness/cosign_client.hpp"

#include <atomic>
#include <future>
#include <mutex>

#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/witness/witness_world.hpp"

namespace chiploc::test {
namespace cosign_client_test {

using namespace std::chrono_literals;
using Code = CosignFault::Code;

std::string reply_text(int status, const std::string& body, const std::string& type = "text/plain") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}
std::string body_of_request(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

/// Answers with the texts of its list in turn, the last one again and again; "" cuts the line.
struct Scripted {
  Scripted(std::string name, const TestTls& tls, std::vector<std::string> script)
      : witness{name},
        answers{std::move(script)},
        server{[this](ServedConnection& c) { serve(c); }, AF_INET, tls.get()} {}
  void serve(ServedConnection& connection) {
    const std::string request = connection.request();
    if (request.empty()) return;
    std::string answer;
    {
      const std::scoped_lock lock{mutex};
      answer = answers[std::min(requests.size(), answers.size() - 1)];
      requests.push_back(request);
    }
    if (!answer.empty()) connection.write(answer);
  }
  std::vector<std::string> asked() {
    const std::scoped_lock lock{mutex};
    return requests;
  }
  [[nodiscard]] WitnessPlace place() const {
    return {"https://127.0.0.1:" + server.port() + "/w/", witness.signer.key()};
  }
  WitnessKey witness;
  std::mutex mutex;
  std::vector<std::string> answers, requests;
  HostileServer server;
};

struct World {
  TempDir folder;
  TestCertificate certificate{folder, "tls", "IP:127.0.0.1"};
  TestTls tls{certificate};
  WitnessedLog log;
  SignedCheckpoint head = log.shown(0, 20).checkpoint;
  std::vector<std::uint64_t> proved;
  GrowthProver prover = [this](std::uint64_t old) -> Result<MerkleProof, std::string> {
    proved.push_back(old);
    auto proof = log.files().prove_growth(old);
    if (!proof) return Fail{proof.error().text};
    return *std::move(proof);
  };

  std::unique_ptr<CosignClient> client(std::vector<WitnessPlace> places, CosignOptions options = {}) {
    options.ca = certificate.certificate;
    auto made = CosignClient::open(std::move(places), options);
    INFO((made ? "" : made.error()));
    REQUIRE(made);
    return std::move(made).value();
  }
  std::string good(const WitnessKey& by) {
    return reply_text(200, signature_line(by.signer.sign(head.checkpoint, kWitnessNow).value()));
  }
  /// The outcome of one witness that answers so.
  Cosigning asked(std::vector<std::string> script) {
    Scripted one{"w.example", tls, std::move(script)};
    return client({one.place()})->ask(head, prover).at(0);
  }
};

TEST_CASE("cosign client: all are asked at once, and each has its own outcome", "[witness]") {
  World world;
  Scripted good{"good.example", world.tls, {""}}, stranger{"stranger.example", world.tls, {""}},
      unknown{"unknown.example", world.tls, {reply_text(404, "no\n")}}, cut{"cut.example", world.tls, {""}};
  good.answers = {world.good(good.witness)};
  stranger.answers = {world.good(good.witness)};  // somebody else's good signature
  const auto client = world.client({unknown.place(), good.place(), stranger.place(), cut.place()});
  const auto outcomes = client->ask(world.head, world.prover);
  REQUIRE(outcomes.size() == 4);
  CHECK(outcomes[0].witness == "unknown.example");
  CHECK(outcomes[0].outcome.error().code == Code::kUnknownLog);
  REQUIRE(outcomes[1].outcome);
  CHECK(outcomes[2].outcome.error().code == Code::kBadAnswer);
  CHECK(outcomes[3].outcome.error().code == Code::kUnreachable);
  CHECK(outcomes[3].outcome.error().text.starts_with("witness 'cut.example' does not answer ("));
  const SignedCheckpoint cosigned = with_cosignatures(world.head, outcomes);
  CHECK(cosigned.note.signatures.size() == 2);
  CHECK(check_signature(cosigned, good.witness.signer.key()).unix_s == kWitnessNow);
  REQUIRE(world.log.files().put_head(cosigned));
  CHECK(with_cosignatures(cosigned, outcomes) == cosigned);  // in place of the same key's, not beside it
  CHECK(world.proved.empty());

  const std::string request = good.asked().at(0);
  CHECK(request.starts_with("POST /w/add-checkpoint HTTP/1.1\r\n"));
  const auto submission = parse_submission(body_of_request(request));
  REQUIRE(submission);
  CHECK(submission->old_size == 0);
  CHECK(submission->checkpoint == world.head);
}

TEST_CASE("cosign client: a size is answered with a proof from there, once", "[witness]") {
  World world;
  const std::string from_7 = reply_text(409, "7\n", "text/x.tlog.size"),
                    from_9 = reply_text(409, "9\n", "text/x.tlog.size");
  Scripted one{"w.example", world.tls, {from_7, ""}};
  one.answers[1] = world.good(one.witness);
  const auto client = world.client({one.place()});
  REQUIRE(client->ask(world.head, world.prover)[0].outcome);
  CHECK(world.proved == std::vector<std::uint64_t>{7});
  REQUIRE(one.asked().size() == 2);
  const auto second = parse_submission(body_of_request(one.asked()[1]));
  REQUIRE(second);
  CHECK(second->old_size == 7);
  CHECK(second->proof == world.log.files().prove_growth(7).value());

  // From then on it is asked once, from where it stands: the same tree again, and a larger one.
  REQUIRE(client->ask(world.head, world.prover)[0].outcome);
  CHECK(parse_submission(body_of_request(one.asked().at(2)))->old_size == 20);
  world.head = world.log.shown(20, 30).checkpoint;
  one.answers[1] = world.good(one.witness);
  REQUIRE(client->ask(world.head, world.prover)[0].outcome);
  REQUIRE(one.asked().size() == 4);
  CHECK(parse_submission(body_of_request(one.asked()[3]))->old_size == 20);
  CHECK(world.proved == std::vector<std::uint64_t>{7, 20});

  // Two processes submit one log: no endless play.
  Scripted moving{"moving.example", world.tls, {from_7, from_9, from_7}};
  const auto moved = world.client({moving.place()})->ask(world.head, world.prover);
  CHECK(moved[0].outcome.error().code == Code::kMoved);
  CHECK(moving.asked().size() == 2);
}

TEST_CASE("cosign client: it is not asked for what cannot be proved", "[witness]") {
  World world;
  world.prover = [](std::uint64_t) -> Result<MerkleProof, std::string> {
    return Fail{std::string{"tile/0/000: is not there"}};
  };
  const Cosigning out = world.asked({reply_text(409, "7\n", "text/x.tlog.size"), reply_text(200, "")});
  REQUIRE_FALSE(out.outcome);
  CHECK(out.outcome.error().code == Code::kNoProof);
  CHECK(out.outcome.error().text.ends_with("from 7 entries: tile/0/000: is not there"));
}

TEST_CASE("cosign client: hostile answers are faults", "[witness]") {
  World world;
  const std::string endless(CosignClient::kAnswerBytesMax + 1, 'x');
  CHECK(world.asked({reply_text(200, endless)}).outcome.error().text.find("more than 65536 bytes") !=
        std::string::npos);
  CHECK(world.asked({"no HTTP\r\n\r\n"}).outcome.error().code == Code::kUnreachable);
  CHECK(world.asked({reply_text(302, "")}).outcome.error().code == Code::kRefused);
  CHECK(world.asked({reply_text(409, "9999\n", "text/x.tlog.size")}).outcome.error().code == Code::kAhead);
  CHECK(world.asked({reply_text(409, "this log has forked\n")}).outcome.error().code == Code::kForked);
}

TEST_CASE("cosign client: another's certificate, and nobody there", "[witness]") {
  World world;
  const TestCertificate other{world.folder, "other", "IP:127.0.0.1"};
  const TestTls other_tls{other};
  Scripted impostor{"w.example", other_tls, {""}};
  WitnessPlace gone = impostor.place();
  {
    const Scripted closed{"gone.example", world.tls, {""}};
    gone = closed.place();
  }
  const auto outcomes = world.client({impostor.place(), gone})->ask(world.head, world.prover);
  CHECK(outcomes[0].outcome.error().code == Code::kUnreachable);
  CHECK(outcomes[1].outcome.error().code == Code::kUnreachable);
  CHECK(impostor.asked().empty());
}

TEST_CASE("cosign client: who is silent is given up, and whoever waits is let go at the end", "[witness]") {
  World world;
  std::promise<void> connected;
  std::atomic<bool> once{false};
  HostileServer silent{[&](ServedConnection& connection) {
                         (void)connection.request();
                         if (!once.exchange(true)) connected.set_value();
                         connection.gone_within(20'000);
                       },
                       AF_INET, world.tls.get()};
  const WitnessKey witness;
  const WitnessPlace place{"https://127.0.0.1:" + silent.port(), witness.signer.key()};
  const auto hasty = world.client({place}, {.whole = 100ms})->ask(world.head, world.prover);
  CHECK(hasty[0].outcome.error().code == Code::kUnreachable);
  connected.get_future().wait();
  connected = {};
  once = false;
  const auto client = world.client({place}, {.whole = std::chrono::hours{1}});
  auto outcomes = std::async(std::launch::async, [&] { return client->ask(world.head, world.prover); });
  connected.get_future().wait();
  client->stop();
  CHECK(outcomes.get().at(0).outcome.error().code == Code::kStopped);
  CHECK(client->ask(world.head, world.prover).at(0).outcome.error().code == Code::kStopped);
}

TEST_CASE("cosign client: a configuration that can never work is told at once", "[witness]") {
  const WitnessKey witness;
  const NoteKey& key = witness.signer.key();
  const auto fault = [](std::vector<WitnessPlace> places) {
    const auto made = CosignClient::open(std::move(places), {});
    return made ? std::string{} : made.error();
  };
  CHECK(fault({{"https://w.example:7445/a", key}}).empty());
  for (const std::string url :
       {"http://w.example", "https://", "w.example", "https://a@w.example", "https://w.example/?x",
        "https://w.example/#x", "https://w.exa mple", "https://w\xC3\xBC.example"}) {
    INFO(url);
    CHECK(fault({{url, key}}).find("is no address; write https://HOST") != std::string::npos);
  }
  CHECK(fault({{"https://w.example", key}, {"https://v.example", key}}).find("is named twice") !=
        std::string::npos);
  const WitnessedLog log;
  CHECK(fault({{"https://w.example", log.key()}}).find("is none of a witness's") != std::string::npos);
  std::vector<WitnessPlace> many(CosignClient::kWitnessesMax + 1, {"https://w.example", key});
  CHECK(fault(many) == "more than 32 witnesses");
}

}  // namespace cosign_client_test
}  // namespace chiploc::test
