// A real witness, a real log, and liars: programs, files and TLS as in operation.
#include "tests/server/witness/witness_process.hpp"

namespace chiploc::test {
namespace witness_program_test {

namespace fs = std::filesystem;

GrowthProver prover_of(WitnessedLog& log) {
  return [&log](std::uint64_t old) -> Result<MerkleProof, std::string> {
    auto proof = log.files().prove_growth(old);
    if (!proof) return Fail{proof.error().text};
    return *std::move(proof);
  };
}

TEST_CASE("witness program: it cosigns a log as it grows, and the log's files have its word", "[witness]") {
  WitnessedLog log;
  WitnessProcess witness{{log.key()}};
  witness.start();
  auto client = witness.client();
  for (const std::uint64_t size : std::vector<std::uint64_t>{0, 1, 8, 8, 255, 300, 1'000}) {
    INFO(size);
    const SignedCheckpoint head = log.shown(0, size).checkpoint;
    const auto outcomes = client->ask(head, prover_of(log));
    INFO((outcomes[0].outcome ? "" : outcomes[0].outcome.error().text));
    REQUIRE(outcomes[0].outcome);
    REQUIRE(log.files().put_head(with_cosignatures(head, outcomes)));
    CHECK(check_signature(log.files().head(), witness.key()).verdict == SignatureVerdict::kGood);
    if (size == 255) client = witness.client();  // a log's process that has forgotten
    if (size == 300) {                           // a witness that was killed, and another address
      witness.kill();
      witness.start();
      client = witness.client();
    }
  }
  witness.process().send_signal(SIGTERM);
  CHECK(witness.process().wait(60'000) == 0);
  CHECK(witness.log().find("witness.stopped") != std::string::npos);
  const std::string secret = read_file(witness.folder() / "witness.key");
  CHECK(fs::status(witness.folder() / "witness.key").permissions() == fs::perms{0600});
  CHECK(witness.log().find(secret.substr(secret.find('\n') + 1, 40)) == std::string::npos);
}

TEST_CASE("witness program: liars are refused, before a kill and after it", "[witness]") {
  WitnessedLog log, unknown{"unknown.example"}, thief;  // the thief has the name and another key
  const auto liar = log.forked();
  WitnessProcess witness{{log.key()}};
  witness.start();
  const Submission rollback = log.shown(0, 9), smaller = log.shown(9, 9);
  const Submission grown = log.shown(0, 20);
  REQUIRE(witness.cosigns(witness.submit(grown), grown.checkpoint));
  const Submission larger = log.shown(20, 30);
  const Submission fork = liar->shown(20, 20), fork_grown = liar->shown(20, 30);
  Submission changed = larger, cut = larger, no_signature = larger;
  changed.checkpoint.note.signatures[0].bytes[9] ^= 1;
  cut.proof.pop_back();
  no_signature.checkpoint.note.signatures = {
      WitnessKey{}.signer.sign(larger.checkpoint.checkpoint, 1).value()};
  for (int restarts = 0; restarts < 2; ++restarts) {
    INFO(restarts);
    CHECK(witness.submit(rollback).body == "20\n");
    CHECK(witness.submit(smaller).status == 409);
    Submission back = smaller;
    back.old_size = 20;
    CHECK(witness.submit(back).status == 400);
    const FetchReply forked = witness.submit(fork);
    CHECK(forked.status == 409);
    CHECK(forked.content_type.starts_with("text/plain"));
    CHECK(witness.submit(fork_grown).status == 422);
    CHECK(witness.submit(cut).status == 422);
    CHECK(witness.submit(unknown.shown(0, 5)).status == 404);
    CHECK(witness.submit(thief.shown(20, 30)).status == 403);
    CHECK(witness.submit(changed).status == 403);
    CHECK(witness.submit(no_signature).status == 403);
    CHECK(witness.log().find("witness.forked status=409 from=127.0.0.1 origin=\"log.example\"") !=
          std::string::npos);
    CHECK(witness.log().find("witness.refused status=404 from=127.0.0.1 origin=\"unknown.example\"") !=
          std::string::npos);
    CHECK_FALSE(fs::is_empty(witness.state() / "forks"));
    witness.kill();
    witness.start();
  }
  const auto outcomes = witness.client()->ask(liar->shown(20, 30).checkpoint, prover_of(*liar));
  CHECK(outcomes[0].outcome.error().code == CosignFault::Code::kProof);
  CHECK(witness.cosigns(witness.submit(larger), larger.checkpoint));
}

TEST_CASE("witness program: hostile bodies are refused, and it goes on", "[witness]") {
  WitnessedLog log;
  WitnessProcess witness{{log.key()}};
  witness.start();
  const std::string good = submission_text(log.shown(0, 20));
  std::uint64_t refused = 0;
  for (std::size_t at = 0; at < good.size(); at += 3) {
    for (const char other : {'\0', '\n', '\x7f', '\xff', static_cast<char>(good[at] ^ 1)}) {
      std::string changed = good;
      if (changed[at] == other) continue;
      changed[at] = other;
      // All of it is under the log's signature but the first line, and that says from where.
      const int status = witness.submit_body(changed).status;
      CAPTURE(at, changed);
      CHECK((status == 400 || status == 403 || status == 404 || status == 409));
      ++refused;
    }
  }
  CHECK(refused > 250);
  for (const std::string& body :
       {std::string{}, std::string(kSubmissionBytesMax, '\n'),
        "old 0\n\n" + std::string(kNoteBytesMax - 9, 'a'), std::string("old 0\n\n\xE2\x80\x94 \n"),
        good + good, good.substr(0, good.size() - 1)})
    CHECK(witness.submit_body(body).status == 400);
  CHECK(witness.submit_body(std::string(kSubmissionBytesMax + 1, 'a')).status == 413);
  CHECK(witness.submit_body(good).status == 200);
  const auto metrics = witness.send({.url = "/metrics"}).get();
  REQUIRE(metrics);
  CHECK(metrics->body.find("answers_total{status=\"200\"} 1\n") != std::string::npos);
}

TEST_CASE("witness program: of many at once for one log, one is cosigned, and its history alone goes on",
          "[witness]") {
  std::vector<std::unique_ptr<WitnessedLog>> logs;
  std::vector<NoteKey> keys;
  for (const char* name : {"a.example", "b.example", "c.example", "d.example"})
    keys.push_back(logs.emplace_back(std::make_unique<WitnessedLog>(name))->key());
  WitnessProcess witness{keys};
  witness.start();
  for (const auto& log : logs) {
    const auto liar = log->forked();
    REQUIRE(witness.submit(log->shown(0, 8)).status == 200);  // up to here both histories are one
    std::vector<Submission> rivals;
    for (WitnessedLog* one : {log.get(), liar.get()}) {
      for (const std::uint64_t size : std::vector<std::uint64_t>{15, 20, 20})
        rivals.push_back(one->shown(8, size));
    }
    std::vector<std::future<FetchOutcome>> answers;
    for (const Submission& one : rivals) answers.push_back(witness.send_body(submission_text(one)));
    std::vector<std::size_t> cosigned;
    for (std::size_t i = 0; i < rivals.size(); ++i) {
      const FetchOutcome answer = answers[i].get();
      REQUIRE(answer);
      if (answer->status == 200) cosigned.push_back(i);
      if (answer->status != 200) CHECK(answer->status == 409);  // it stands there no longer
    }
    REQUIRE(cosigned.size() == 1);  // whichever came first
    const std::uint64_t stands = rivals[cosigned[0]].checkpoint.checkpoint.size;
    WitnessedLog& winner = cosigned[0] < 3 ? *log : *liar;
    WitnessedLog& loser = cosigned[0] < 3 ? *liar : *log;
    CHECK(witness.submit(loser.shown(stands, 30)).status == 422);
    CHECK(witness.submit(winner.shown(stands, 30)).status == 200);
    CHECK(witness.submit(loser.shown(30, 30)).status == 409);
  }
}

TEST_CASE("witness program: it does not start on what it cannot trust", "[witness]") {
  WitnessedLog log;
  WitnessProcess witness{{log.key()}};
  witness.start();
  REQUIRE(witness.submit(log.shown(0, 20)).status == 200);
  const auto ran = [&](const std::string& more) {
    return run(WitnessProcess::program() + " --config " + witness.config().string() + " " + more + " 2>&1");
  };
  const Ran second = ran("");
  CHECK(second.exit_code == 69);
  CHECK(second.output.find("/state/lock: another process is this witness") != std::string::npos);
  witness.kill();
  CHECK(ran("--check-config").exit_code == 0);

  fs::path tree;
  for (const auto& one : fs::directory_iterator{witness.state() / "trees"}) tree = one.path();
  const std::string text = read_file(tree);
  std::string changed = text;
  changed[text.find("\n20\n") + 1] = '1';  // 10 leaves in place of 20
  std::ofstream{tree} << changed;
  CHECK_FALSE(witness.try_start());
  CHECK(witness.process().wait(0) == 69);
  CHECK(witness.log().find(tree.string() + ": was changed") != std::string::npos);
  fs::remove(tree);
  CHECK_FALSE(witness.try_start());
  CHECK(witness.log().find(tree.string() + ": is missing") != std::string::npos);
  fs::rename(witness.state(), witness.folder() / "elsewhere");
  fs::create_directory(witness.state());
  CHECK_FALSE(witness.try_start());
  CHECK(witness.log().find("/state/witness: is not there") != std::string::npos);
  fs::remove(witness.state());
  fs::rename(witness.folder() / "elsewhere", witness.state());
  std::ofstream{tree} << text;
  witness.start();
  CHECK(witness.submit(log.shown(0, 30)).body == "20\n");

  const Ran again =
      run(WitnessProcess::program() + " init --name a --dir " + witness.folder().string() + " 2>&1");
  CHECK(again.exit_code == 69);
  CHECK(run(WitnessProcess::program() + " init --name 'two words' --dir /nowhere 2>&1").exit_code == 64);
  CHECK(run(WitnessProcess::program() + " 2>&1").exit_code == 64);
  CHECK(run(WitnessProcess::program() + " --config /nowhere/witness.toml 2>&1").exit_code == 78);
  CHECK(run(WitnessProcess::program() + " --version").output.starts_with("chiploc-witness "));
  fs::permissions(witness.folder() / "witness.key", fs::perms{0640});
  witness.kill();
  const Ran open_key = ran("");
  CHECK(open_key.exit_code == 69);
  CHECK(open_key.output.find("chmod 600") != std::string::npos);
}

}  // namespace witness_program_test
}  // namespace chiploc::test
