// Whose word about a log counts: the file's grammar, and every way in which a checkpoint is not believed.
#include "server/evidence/trust_policy.hpp"

#include <deque>

#include "proto/crypto/digest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace trust_policy_test {

struct World {
  std::deque<std::unique_ptr<SoftwareKey>> keys{};
  NoteSigner log = signer("log.example", NoteSignatureType::kEd25519);
  std::vector<NoteSigner> witnesses{};
  Checkpoint head{"log.example", 9, sha256(bytes_of("root")), {}};

  World() {
    for (const char* name : {"x1", "x2", "x3", "y1", "y2", "y3"})
      witnesses.push_back(signer(std::string{name} + ".example", NoteSignatureType::kCosignature));
  }
  NoteSigner signer(const std::string& name, NoteSignatureType type) {
    keys.push_back(generate_key(SignatureAlgorithm::kEd25519));
    return NoteSigner::with_ed25519(name, type, *keys.back()).value();
  }
  [[nodiscard]] std::string named(std::size_t i) const { return vkey_text(witnesses[i].key()); }
  /// As the specification's example, with two levels of groups.
  [[nodiscard]] std::string text() const {
    return "# whom we believe\n\n log\t" + vkey_text(log.key()) + " https://log.example/\nwitness X1 " +
           named(0) + "\nwitness X2 " + named(1) + "\nwitness X3 " + named(2) +
           " https://x3.example/\ngroup X 2 X1 X2 X3\nwitness Y1 " + named(3) + "\nwitness Y2 " + named(4) +
           "\nwitness Y3 " + named(5) + "\ngroup Y any Y1 Y2 Y3\ngroup all all X Y\nquorum all\n";
  }
  [[nodiscard]] SignedCheckpoint cosigned(const std::vector<std::size_t>& by, bool by_log = true) const {
    Note note{checkpoint_text(head), {}};
    if (by_log) note.signatures.push_back(log.sign(head, 0).value());
    for (const std::size_t one : by)
      note.signatures.push_back(witnesses[one].sign(head, 1'700'000'000).value());
    return {head, note};
  }
};

TEST_CASE("trust policy: the quorum is met by enough of each group, and by nothing less", "[evidence]") {
  const World world;
  const auto policy = TrustPolicy::parse(world.text());
  INFO((policy ? "" : policy.error()));
  REQUIRE(policy);
  CHECK(policy->logs().size() == 1);
  CHECK(policy->logs()[0].url == "https://log.example/");
  CHECK(policy->witnesses().size() == 6);
  CHECK(policy->witnesses()[2].url == "https://x3.example/");
  for (const auto& by :
       std::vector<std::vector<std::size_t>>{{0, 1, 3}, {0, 2, 5}, {1, 2, 4}, {0, 1, 2, 3, 4, 5}}) {
    const TrustVerdict verdict = policy->judge(world.cosigned(by));
    CHECK(verdict.believed);
    CHECK(verdict.log == "log.example");
    CHECK(verdict.witnesses.size() == by.size());
  }
  for (const auto& by :
       std::vector<std::vector<std::size_t>>{{}, {0, 3}, {0, 1}, {0, 1, 2}, {3, 4, 5}, {2, 3, 4, 5}}) {
    const TrustVerdict verdict = policy->judge(world.cosigned(by));
    CHECK_FALSE(verdict.believed);
    CHECK(verdict.why.starts_with("too few witnesses have seen it: quorum 'all' is not met by "));
  }
  CHECK(policy->judge(world.cosigned({0, 1, 3}, false)).why ==
        "no signature of log 'log.example' under it counts");
}

TEST_CASE("trust policy: another log, another's key, and one bad signature", "[evidence]") {
  World world;
  const auto policy = TrustPolicy::parse(world.text()).value();
  auto bad = world.cosigned({0, 1, 3, 4});
  bad.note.signatures[4].bytes[30] ^= 1;  // one that was not needed
  const TrustVerdict spoilt = policy.judge(bad);
  CHECK_FALSE(spoilt.believed);
  CHECK(spoilt.why == "witness Y2: the signature is bad");
  world.head.origin = "other.example";
  CHECK(policy.judge(world.cosigned({0, 1, 3})).why == "the policy knows no log 'other.example'");
  world.head.origin = "log.example";
  NoteSigner thief = world.signer("log.example", NoteSignatureType::kEd25519);
  auto stolen = world.cosigned({0, 1, 3}, false);
  stolen.note.signatures.push_back(thief.sign(world.head, 0).value());
  CHECK_FALSE(policy.judge(stolen).believed);
}

TEST_CASE("trust policy: without a quorum the log's signature is enough", "[evidence]") {
  const World world;
  const auto policy = TrustPolicy::parse("log " + vkey_text(world.log.key()) + "\nquorum none\n").value();
  CHECK(policy.judge(world.cosigned({})).believed);
  const auto one = TrustPolicy::parse("log " + vkey_text(world.log.key()) + "\nwitness w " + world.named(0) +
                                      "\nquorum w\n")
                       .value();
  CHECK(one.judge(world.cosigned({0})).believed);
  CHECK_FALSE(one.judge(world.cosigned({1})).believed);
  CHECK_FALSE(TrustPolicy::parse("quorum none\n")->judge(world.cosigned({})).believed);
}

TEST_CASE("trust policy: a line that is wrong is named", "[evidence]") {
  const World world;
  const std::string log = "log " + vkey_text(world.log.key()) + "\n",
                    w = "witness a " + world.named(0) + "\n", v = "witness b " + world.named(1) + "\n";
  const auto said = [](const std::string& text) {
    const auto policy = TrustPolicy::parse(text);
    REQUIRE_FALSE(policy);
    return policy.error();
  };
  CHECK(said(log).starts_with("has no line 'quorum'"));
  CHECK(said("").starts_with("has no line 'quorum'"));
  CHECK(said("quorum none") == "line 1: does not end");
  CHECK(said("quorum none\nquorum none\n") == "line 2: is a second quorum");
  CHECK(said(w + "quorum c\n") == "line 2: 'c' is not defined above");
  CHECK(said("quorum a\n" + w) == "line 1: 'a' is not defined above");
  CHECK(said(log + log) == "line 2: this log's key stands in the file already");
  CHECK(said(w + "witness b " + world.named(0) + "\n") ==
        "line 2: this witness's key stands in the file already");
  CHECK(said(w + "witness a " + world.named(1) + "\n") == "line 2: 'a' is defined already");
  CHECK(said("witness none " + world.named(0) + "\n") == "line 1: 'none' is nobody's name");
  CHECK(
      said("witness a " + vkey_text(world.log.key()) + "\n").starts_with("line 1: the key is no witness's"));
  CHECK(said("log " + world.named(0) + "\n").starts_with("line 1: the key is a witness's"));
  CHECK(said("log nonsense\n").starts_with("line 1: the log's key is no verifier key"));
  CHECK(said("log\n") == "line 1: is not: log VKEY [URL]");
  CHECK(said("witness a\n") == "line 1: is not: witness NAME VKEY [URL]");
  CHECK(said(w + "group g any\n") == "line 2: is not: group NAME all|any|K NAME...");
  CHECK(said(w + "group g any none\n") == "line 2: 'none' is not defined above");
  CHECK(said(w + "group g any g\n") == "line 2: 'g' is not defined above");
  CHECK(said(w + "group g any a a\n") == "line 2: 'a' is in a group already");
  CHECK(said(w + v + "group g any a\ngroup h any a b\n") == "line 4: 'a' is in a group already");
  for (const char* count : {"0", "2", "01", "-1", "some"})
    CHECK(said(w + "group g " + count + " a\n").starts_with("line 2: needs 'all', 'any'"));
  CHECK(said("word\n").starts_with("line 1: begins with none of"));
  CHECK(said("quorum\x01 none\n") == "line 1: has a control character");
  CHECK(said("quorum none\r\n") == "line 1: has a control character");
  CHECK(TrustPolicy::parse(" \t# a comment\n \nquorum none\n"));
  std::string many;
  for (int i = 0; i < 257; ++i) {
    const ByteVector material(32, static_cast<std::uint8_t>(i));
    ByteVector own = material;
    own[0] = static_cast<std::uint8_t>(i >> 8);
    many += "log " + vkey_text(make_note_key("l", NoteSignatureType::kEd25519, own)) + "\n";
  }
  CHECK(said(many) == "line 257: is one log too many");
}

}  // namespace trust_policy_test
}  // namespace chiploc::test
