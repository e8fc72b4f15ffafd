// Proofs that are checked offline: one text for each, and nothing that is not exactly one.
#include "server/evidence/tlog_proof.hpp"

#include "proto/base/base64.hpp"
#include "tests/server/evidence/log_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace tlog_proof_test {

struct Log {
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  NoteSigner signer = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *key).value();
  std::vector<Digest> leaves = leaves_of(300);

  [[nodiscard]] TlogProof proof(std::uint64_t index) const {
    const Checkpoint head{"log.example", leaves.size(), defined_root(leaves), {}};
    TlogProof out;
    out.index = index;
    out.path = inclusion_proof(index, leaves.size(), reader_of(leaves)).value();
    out.checkpoint = {head, {checkpoint_text(head), {signer.sign(head, 0).value()}}};
    return out;
  }
};

TEST_CASE("tlog proof: written, read, and it proves that entry alone", "[evidence]") {
  const Log log;
  TlogProof proof = log.proof(41);
  for (const bool extra : {false, true}) {
    if (extra) proof.extra = ByteVector{1, 2, 3};
    const std::string text = tlog_proof_text(proof);
    CHECK(text.starts_with(extra ? "c2sp.org/tlog-proof@v1\nextra AQID\nindex 41\n"
                                 : "c2sp.org/tlog-proof@v1\nindex 41\n"));
    const auto read = parse_tlog_proof(text);
    REQUIRE(read);
    CHECK(*read == proof);
    CHECK(proves_entry(*read, leaf_of(41)));
    CHECK_FALSE(proves_entry(*read, leaf_of(42)));
  }
  proof.index = 42;
  CHECK_FALSE(proves_entry(proof, leaf_of(41)));
}

TEST_CASE("tlog proof: of a log of one entry there is no path", "[evidence]") {
  Log log;
  log.leaves = leaves_of(1);
  const auto read = parse_tlog_proof(tlog_proof_text(log.proof(0)));
  REQUIRE(read);
  CHECK(read->path.empty());
  CHECK(proves_entry(*read, leaf_of(0)));
}

TEST_CASE("tlog proof: what is none is refused by its line", "[evidence]") {
  const std::string good = tlog_proof_text(Log{}.proof(41));
  const auto said = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto read = parse_tlog_proof(text);
    REQUIRE_FALSE(read);
    return read.error();
  };
  CHECK(said("proof@v1", "proof@v2").starts_with("line 1: "));
  CHECK(said("index 41", "index 041").starts_with("line 2: "));
  CHECK(said("index 41", "index -1").starts_with("line 2: "));
  CHECK(said("index 41", "extra A\nindex 41").starts_with("line 2: "));
  CHECK(said("index 41", "extra AQID\nextra AQID\nindex 41").starts_with("line 3: "));
  CHECK(said("index 41\n", "index 41\nAQID\n").starts_with("line 3: "));
  CHECK(said("\nlog.example\n", "").starts_with("line 12: "));
  CHECK(said("log.example\n300", "log.example\n0300").starts_with("checkpoint, behind line 12: line 2: "));
  std::string lines;
  for (int i = 0; i < 65; ++i) lines += base64_text(leaf_of(1).bytes) + "\n";
  CHECK(said("index 41\n", "index 41\n" + lines).find("one hash more than any tree has") !=
        std::string::npos);
  CHECK_FALSE(parse_tlog_proof(good.substr(0, good.size() - 1)));
  CHECK_FALSE(parse_tlog_proof(""));
  CHECK(parse_tlog_proof(std::string(kTlogProofBytesMax + 1, 'a')).error().starts_with("is longer"));
}

}  // namespace tlog_proof_test
}  // namespace chiploc::test
