// The desk: nothing is cosigned that is not on disk, and what is on disk is what was cosigned.
#include "server/witness/witness_desk.hpp"

#include "tests/server/witness/witness_world.hpp"

namespace chiploc::test {
namespace witness_desk_test {

namespace fs = std::filesystem;

/// A key that says what was on disk when it was asked, or that will not sign.
class WatchedKey : public Signer {
 public:
  explicit WatchedKey(const Signer& key) : key_{key} {}
  [[nodiscard]] const PublicKey& public_key() const override { return key_.public_key(); }
  [[nodiscard]] Result<ByteVector, KeyFault> sign(Bytes message) const override {
    if (broken) return Fail{KeyFault{KeyFault::Code::kSigningFailed, "token gone"}};
    return key_.sign(message);
  }
  bool broken = false;

 private:
  const Signer& key_;
};

struct World {
  TempDir top;
  fs::path folder = top / "state";
  WitnessKey made;
  WatchedKey key{*made.key};
  NoteSigner signer =
      NoteSigner::with_ed25519("witness.example/w1", NoteSignatureType::kCosignature, key).value();
  WitnessedLog log;
  std::unique_ptr<WitnessStore> store;
  std::unique_ptr<WitnessDesk> desk;

  World() {
    REQUIRE(WitnessStore::create(folder, signer.key()));
    restart();
  }
  void restart() {
    desk.reset();
    store.reset();
    store = WitnessStore::open(folder, signer.key()).value();
    desk = std::make_unique<WitnessDesk>(std::vector{log.key()}, signer, *store);
  }
  WitnessAnswer take(const Submission& submission) {
    return desk->take(submission_text(submission), kWitnessNow);
  }
};

TEST_CASE("witness desk: 200 has the witness's good signature over the tree, and the tree is kept",
          "[witness]") {
  World world;
  std::uint64_t old = 0;
  for (const std::uint64_t size : std::vector<std::uint64_t>{0, 5, 5, 300, 600}) {
    INFO(size);
    const Submission shown = world.log.shown(old, size);
    const WitnessAnswer answer = world.take(shown);
    REQUIRE(answer.status == 200);
    SignedCheckpoint answered = shown.checkpoint;
    answered.note.signatures = parse_signature_lines(answer.body).value();
    const CheckedSignature checked = check_signature(answered, world.signer.key());
    CHECK(checked.verdict == SignatureVerdict::kGood);
    CHECK(checked.unix_s == kWitnessNow);
    if (size % 2 == 0) world.restart();
    CHECK(world.store->latest("log.example")->size == size);
    old = size;
  }
}

TEST_CASE("witness desk: after a restart no rollback and no fork", "[witness]") {
  World world;
  const auto liar = world.log.forked();
  REQUIRE(world.take(world.log.shown(0, 20)).status == 200);
  const Submission fork = liar->shown(20, 20), grown_fork = liar->shown(20, 30);
  for (int restarts = 0; restarts < 2; ++restarts) {
    const WitnessAnswer forked = world.take(fork);
    CHECK(forked.status == 409);
    CHECK(forked.forked);
    CHECK(forked.content_type.starts_with("text/plain"));
    CHECK(world.take(grown_fork).status == 422);
    WitnessedLog smaller{"log.example", nullptr};
    CHECK(world.take(smaller.shown(20, 20)).status == 403);  // another key of that name
    world.restart();
  }
  CHECK(world.store->latest("log.example")->size == 20);
  CHECK(fs::exists(world.folder / "forks"));
  REQUIRE(world.take(world.log.shown(20, 40)).status == 200);
}

TEST_CASE("witness desk: refusals keep nothing, and name the log that they are of", "[witness]") {
  World world;
  WitnessedLog unknown{"other.example"};
  CHECK(world.take(unknown.shown(0, 5)).status == 404);
  CHECK(world.take(unknown.shown(0, 5)).origin == "other.example");
  CHECK(world.desk->take("nonsense", kWitnessNow).status == 400);
  Submission changed = world.log.shown(0, 5);
  changed.checkpoint.note.signatures[0].bytes[7] ^= 1;
  CHECK(world.take(changed).status == 403);
  CHECK(world.take(world.log.shown(3, 6)).body == "0\n");
  CHECK(world.store->logs() == 0);
}

TEST_CASE("witness desk: without disk or key nothing is cosigned, and it goes on when they are back",
          "[witness]") {
  World world;
  REQUIRE(world.take(world.log.shown(0, 5)).status == 200);
  world.key.broken = true;
  const WitnessAnswer mute = world.take(world.log.shown(5, 9));
  CHECK(mute.status == 500);
  CHECK(mute.trouble.find("token gone") != std::string::npos);
  CHECK(mute.body.find("token") == std::string::npos);  // strangers are not told
  world.key.broken = false;
  for (const auto& one : fs::directory_iterator{world.folder / "trees"})
    fs::create_directory(one.path().string() + ".new");  // in the way
  const WitnessAnswer full = world.take(world.log.shown(5, 9));
  CHECK(full.status == 500);
  CHECK(full.body.find("\xE2\x80\x94") == std::string::npos);
  CHECK(full.trouble.find("/trees/") != std::string::npos);
  world.restart();
  CHECK(world.store->latest("log.example")->size == 5);
  std::vector<fs::path> in_the_way;
  for (const auto& one : fs::directory_iterator{world.folder / "trees"})
    if (one.is_directory()) in_the_way.push_back(one.path());
  REQUIRE(in_the_way.size() == 1);
  fs::remove(in_the_way[0]);
  CHECK(world.take(world.log.shown(5, 9)).status == 200);
}

TEST_CASE("witness desk: what a tree file holds is the log's and the witness's signature, and no stranger's",
          "[witness]") {
  World world;
  const WitnessKey stranger{"stranger.example"};
  Submission shown = world.log.shown(0, 5);
  auto& signatures = shown.checkpoint.note.signatures;
  signatures.insert(signatures.begin(), stranger.signer.sign(shown.checkpoint.checkpoint, 1).value());
  REQUIRE(world.take(shown).status == 200);
  for (const auto& one : fs::directory_iterator{world.folder / "trees"}) {
    const auto kept = parse_signed_checkpoint(read_file(one.path()));
    REQUIRE(kept);
    CHECK(kept->note.signatures.size() == 2);
    CHECK(check_signature(*kept, world.log.key()).verdict == SignatureVerdict::kGood);
    CHECK(check_signature(*kept, world.signer.key()).verdict == SignatureVerdict::kGood);
  }
}

}  // namespace witness_desk_test
}  // namespace chiploc::test
