// A witness: it cosigns a log that only grows, and never two trees of one size or a smaller one after a larger.
#include "server/evidence/witness.hpp"

#include "proto/base/base64.hpp"
#include "tests/server/evidence/log_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace witness_test {

struct World {
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  NoteSigner signer = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *key).value();
  std::vector<NoteKey> logs{signer.key()};
  std::vector<Digest> leaves = leaves_of(40);
  std::optional<WitnessedTree> latest{};

  [[nodiscard]] Submission grown(std::uint64_t old, std::uint64_t size,
                                 const std::string& origin = "log.example") const {
    const Checkpoint head{origin, size, defined_root(std::span{leaves}.first(size)), {}};
    return signed_head(old, head);
  }
  [[nodiscard]] Submission signed_head(std::uint64_t old, const Checkpoint& head) const {
    Submission out;
    out.old_size = old;
    if (old <= head.size) out.proof = consistency_proof(old, head.size, reader_of(leaves)).value();
    out.checkpoint = {head, {checkpoint_text(head), {signer.sign(head, 0).value()}}};
    return out;
  }
  /// As the program does: what is to be kept is kept, then answered.
  WitnessVerdict submit(const Submission& submission) {
    const auto read = parse_submission(submission_text(submission));
    INFO((read ? "" : read.error()));
    REQUIRE(read);
    const WitnessVerdict verdict = judge_submission(*read, logs, latest);
    if (verdict.cosign) latest = verdict.tree;
    return verdict;
  }
};

TEST_CASE("witness: a log that grows is cosigned, from nothing and step by step", "[evidence]") {
  World world;
  std::uint64_t old = 0;
  for (const std::uint64_t size : std::vector<std::uint64_t>{0, 1, 1, 2, 7, 8, 8, 33, 40}) {
    INFO(size);
    const WitnessVerdict verdict = world.submit(world.grown(old, size));
    CHECK(verdict.cosign);
    CHECK(verdict.status == 200);
    CHECK(world.latest->size == size);
    old = size;
  }
}

TEST_CASE("witness: it says from where a log has to prove its growth", "[evidence]") {
  World world;
  const auto first = world.submit(world.grown(5, 7));
  CHECK(first.status == 409);
  CHECK(first.body == "0\n");
  CHECK(first.content_type == "text/x.tlog.size");
  CHECK(world.submit(world.grown(0, 7)).cosign);
  for (const std::uint64_t old : std::vector<std::uint64_t>{0, 3, 8}) {
    const auto verdict = world.submit(world.grown(old, 9));
    CHECK(verdict.status == 409);
    CHECK(verdict.body == "7\n");
  }
  CHECK(world.latest->size == 7);
}

TEST_CASE("witness: no rollback and no fork", "[evidence]") {
  World world;
  CHECK(world.submit(world.grown(0, 20)).cosign);
  CHECK(world.submit(world.grown(0, 19)).status == 409);  // from nothing once more
  CHECK(world.submit(world.grown(19, 19)).status == 409);
  CHECK(world.submit(world.grown(20, 19)).status == 400);
  Checkpoint forked{"log.example", 20, leaf_of(99), {}};
  const auto same_size = world.submit(world.signed_head(20, forked));
  CHECK(same_size.status == 409);
  CHECK(same_size.content_type.starts_with("text/plain"));
  CHECK(same_size.body.find("forked") != std::string::npos);
  forked.size = 30;
  CHECK(world.submit(world.signed_head(20, forked)).status == 422);
  World other;  // the same key signs another history
  other.leaves[3] = leaf_of(77);
  const Checkpoint rewritten{"log.example", 30, defined_root(std::span{other.leaves}.first(30)), {}};
  Submission with_its_proof = world.signed_head(20, rewritten);
  with_its_proof.proof = consistency_proof(20, 30, reader_of(other.leaves)).value();
  CHECK(world.submit(with_its_proof).status == 422);
  Submission cut = world.grown(20, 30);
  cut.proof.pop_back();
  CHECK(world.submit(cut).status == 422);
  CHECK(world.latest == WitnessedTree{20, defined_root(std::span{world.leaves}.first(20))});
  CHECK(world.submit(world.grown(20, 30)).cosign);
}

TEST_CASE("witness: a first tree comes without a proof, and an empty one has one root", "[evidence]") {
  World world;
  Submission proven = world.grown(0, 7);
  proven.proof.push_back(leaf_of(1));
  CHECK(world.submit(proven).status == 422);
  CHECK(world.submit(world.signed_head(0, {"log.example", 0, leaf_of(1), {}})).status == 422);
  CHECK(world.submit(world.grown(0, 0)).cosign);
  CHECK(world.submit(world.signed_head(0, {"log.example", 0, leaf_of(1), {}})).status == 409);
}

TEST_CASE("witness: another's log, another's key, and no signature at all", "[evidence]") {
  World world;
  CHECK(world.submit(world.grown(0, 7, "other.example")).status == 404);
  World thief;  // the same name, another key
  CHECK(world.submit(thief.grown(0, 7)).status == 403);
  Submission changed = world.grown(0, 7);
  changed.checkpoint.note.signatures[0].bytes[5] ^= 1;
  CHECK(world.submit(changed).status == 403);
  world.logs.push_back(thief.signer.key());  // while a key is replaced both count
  CHECK(world.submit(thief.grown(0, 7)).cosign);
  CHECK_FALSE(judge_submission(world.grown(7, 8), {}, world.latest).cosign);
}

TEST_CASE("witness: what is no submission is refused by its line", "[evidence]") {
  const World world;
  const std::string good = submission_text(world.grown(7, 20));
  const auto said = [](const std::string& text) {
    const auto read = parse_submission(text);
    REQUIRE_FALSE(read);
    return read.error();
  };
  CHECK(said("").starts_with("line 1: "));
  CHECK(said("old 07" + good.substr(5)).starts_with("line 1: "));
  CHECK(said("new 7" + good.substr(5)).starts_with("line 1: "));
  CHECK(said("old 7\nAAAA\n" + good.substr(6)).starts_with("line 2: is no hash"));
  CHECK(said("old 7\n").starts_with("line 2: does not end"));
  CHECK(said("old 7\n\nnonsense").starts_with("checkpoint: "));
  std::string many = "old 7\n";
  for (int i = 0; i < 64; ++i) many += base64_text(leaf_of(1).bytes) + "\n";
  CHECK(said(many + "\n") == "line 65: is one hash more than a proof has");
  CHECK(said(std::string(kSubmissionBytesMax + 1, 'a')).starts_with("is longer"));
  CHECK(submission_text(parse_submission(good).value()) == good);
}

}  // namespace witness_test
}  // namespace chiploc::test
