// Heads of trees and who signed them, by logs and by witnesses.
#include "server/evidence/checkpoint.hpp"

#include <openssl/evp.h>

#include "proto/base/base64.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/ml_dsa.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace checkpoint_test {

// The example of C2SP tlog-checkpoint and tlog-cosignature, whose keys are not told.
const std::string kBody =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const std::string kSigned =
    kBody +
    "\n\xE2\x80\x94 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\xE2\x80\x94 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
constexpr std::int64_t kTime = 1'679'315'147;

Checkpoint sofa() { return parse_checkpoint(kBody).value(); }
/// Signed by all of these.
SignedCheckpoint signed_by(const Checkpoint& checkpoint, const std::vector<const NoteSigner*>& signers,
                           std::int64_t unix_s = kTime) {
  Note note{checkpoint_text(checkpoint), {}};
  for (const NoteSigner* one : signers) note.signatures.push_back(one->sign(checkpoint, unix_s).value());
  return parse_signed_checkpoint(note_text(note)).value();
}

TEST_CASE("checkpoint: the specification's example is read and written to the byte", "[evidence]") {
  const auto read = parse_signed_checkpoint(kSigned);
  REQUIRE(read);
  CHECK(read->checkpoint.origin == "example.com/behind-the-sofa");
  CHECK(read->checkpoint.size == 20'852'163);
  CHECK(read->checkpoint.extensions.empty());
  CHECK(checkpoint_text(read->checkpoint) == kBody);
  CHECK(note_text(read->note) == kSigned);
  REQUIRE(read->note.signatures.size() == 2);
  CHECK(read->note.signatures[1].bytes.size() == 72);
  CHECK(ByteReader{read->note.signatures[1].bytes}.u64() == static_cast<std::uint64_t>(kTime));
}

TEST_CASE("checkpoint: what is none is refused by its line", "[evidence]") {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const auto said = [](const std::string& text) {
    const auto read = parse_checkpoint(text);
    REQUIRE_FALSE(read);
    return read.error().substr(0, 6);
  };
  CHECK(said("") == "line 1");
  CHECK(said("\n1\n" + root) == "line 1");
  CHECK(said(std::string(256, 'a') + "\n1\n" + root) == "line 1");
  for (const char* size : {"", "-1", "01", "1 ", "18446744073709551616", "1e3", "+1"})
    CHECK(said(std::string{"a\n"} + size + "\n" + root) == "line 2");
  CHECK(said("a\n1\n") == "line 3");
  CHECK(said("a\n1\nAAAA\n") == "line 3");
  CHECK(said("a\n1\n" + root.substr(0, root.size() - 1)) == "line 3");
  CHECK(said("a\n1\n" + root + "\n") == "line 4");
  CHECK(said("a\n1\n" + root + "x\ny") == "line 5");
  const auto extended = parse_checkpoint("a\n0\n" + root + "x\n");
  REQUIRE(extended);
  CHECK(extended->extensions == std::vector<std::string>{"x"});
  CHECK(checkpoint_text(*extended) == "a\n0\n" + root + "x\n");
}

TEST_CASE("checkpoint: a log's and a witness's signatures count for these alone", "[evidence]") {
  const auto log_key = generate_key(SignatureAlgorithm::kEd25519),
             witness_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto log = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *log_key).value();
  const auto witness =
      NoteSigner::with_ed25519("w.example", NoteSignatureType::kCosignature, *witness_key).value();
  const Checkpoint head{"log.example", 7, sha256(bytes_of("root")), {}};
  const auto good = signed_by(head, {&log, &witness});
  CHECK(check_signature(good, log.key()).verdict == SignatureVerdict::kGood);
  CHECK_FALSE(check_signature(good, log.key()).unix_s);
  CHECK(check_signature(good, witness.key()).verdict == SignatureVerdict::kGood);
  CHECK(check_signature(good, witness.key()).unix_s == kTime);
  const auto other = NoteSigner::with_ed25519("w.example", NoteSignatureType::kCosignature, *log_key).value();
  CHECK(check_signature(good, other.key()).verdict == SignatureVerdict::kAbsent);
  // One key, two types: a log's signature can be taken for no cosignature.
  CHECK(other.key().id !=
        NoteSigner::with_ed25519("w.example", NoteSignatureType::kEd25519, *log_key)->key().id);

  for (std::size_t i = 0; i < 2; ++i) {
    for (const std::size_t at : {std::size_t{0}, good.note.signatures[i].bytes.size() - 1}) {
      auto bad = good;
      bad.note.signatures[i].bytes[at] ^= 1;
      CHECK(check_signature(bad, (i == 0 ? log : witness).key()).verdict == SignatureVerdict::kBad);
    }
    auto cut = good;
    cut.note.signatures[i].bytes.pop_back();
    CHECK(check_signature(cut, (i == 0 ? log : witness).key()).verdict == SignatureVerdict::kBad);
  }
  Checkpoint larger = head;
  ++larger.size;
  auto moved = parse_signed_checkpoint(note_text({checkpoint_text(larger), good.note.signatures})).value();
  CHECK(check_signature(moved, log.key()).verdict == SignatureVerdict::kBad);
  CHECK(check_signature(moved, witness.key()).verdict == SignatureVerdict::kBad);
  // A bad one spoils what a good one beside it says; of two good ones the later time counts.
  auto twice = good;
  twice.note.signatures.push_back(good.note.signatures[1]);
  twice.note.signatures.back().bytes[20] ^= 1;
  CHECK(check_signature(twice, witness.key()).verdict == SignatureVerdict::kBad);
  twice.note.signatures.back() = witness.sign(head, kTime + 5).value();
  CHECK(check_signature(twice, witness.key()).unix_s == kTime + 5);
}

TEST_CASE("checkpoint: what each type signs, word for word", "[evidence]") {
  const auto cosigned = signed_bytes(NoteSignatureType::kCosignature, "w", kTime, sofa());
  REQUIRE(cosigned);
  CHECK(string_of(*cosigned) == "cosignature/v1\ntime 1679315147\n" + kBody);
  CHECK(string_of(*signed_bytes(NoteSignatureType::kEd25519, "w", 0, sofa())) == kBody);
  Checkpoint extended = sofa();
  extended.extensions = {"more"};
  CHECK(string_of(*signed_bytes(NoteSignatureType::kCosignature, "w", 1, extended)).ends_with("more\n"));
  const auto subtree =
      signed_bytes(NoteSignatureType::kMlDsa44, "w1", kTime, extended);  // extensions are not in it
  REQUIRE(subtree);
  CHECK(to_hex(*subtree) == to_hex(bytes_of(std::string_view{"subtree/v1\n\0", 12})) + "02" +
                                to_hex(bytes_of("w1")) + "00000000641850cb" + "1b" +
                                to_hex(bytes_of("example.com/behind-the-sofa")) + "0000000000000000" +
                                "00000000013e2dc3" + sofa().root.hex());
  CHECK_FALSE(signed_bytes(NoteSignatureType::kMlDsa44, "", kTime, sofa()));
  CHECK_FALSE(signed_bytes(NoteSignatureType::kCosignature, "w", -1, sofa()));
  CHECK_FALSE(signed_bytes(static_cast<NoteSignatureType>(2), "w", 1, sofa()));
}

TEST_CASE("checkpoint: only Ed25519 signs here, and a signer says which it is", "[evidence]") {
  const auto p256 = generate_key(SignatureAlgorithm::kEs256),
             ed25519 = generate_key(SignatureAlgorithm::kEd25519);
  CHECK_FALSE(NoteSigner::with_ed25519("a", NoteSignatureType::kEd25519, *p256));
  CHECK_FALSE(NoteSigner::with_ed25519("a", NoteSignatureType::kMlDsa44, *ed25519));
  CHECK_FALSE(NoteSigner::with_ed25519("a", NoteSignatureType::kCosignature, *ed25519)->sign(sofa(), -1));
}

TEST_CASE("checkpoint: ML-DSA-44 where this OpenSSL has it, and a word where not", "[evidence]") {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> made{EVP_PKEY_Q_keygen(nullptr, nullptr, "ML-DSA-44"),
                                                            EVP_PKEY_free};
  ByteVector material(1'312, 1);
  NoteSignature signature{"w.example", 0, ByteVector(2'428, 0)};
  SignatureVerdict expected = SignatureVerdict::kUnsupported;
  if (made) {
    std::size_t size = material.size();
    REQUIRE(EVP_PKEY_get_raw_public_key(made.get(), material.data(), &size) == 1);
    const auto message = *signed_bytes(NoteSignatureType::kMlDsa44, "w.example", kTime, sofa());
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    std::size_t length = 2'420;
    REQUIRE(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, made.get(), nullptr) ==
            1);
    ByteWriter{MutableBytes{signature.bytes}}.u64(static_cast<std::uint64_t>(kTime));
    REQUIRE(EVP_DigestSign(context.get(), signature.bytes.data() + 8, &length, message.data(),
                           message.size()) == 1);
    expected = SignatureVerdict::kGood;
  } else {
    WARN("skipped: this OpenSSL has no ML-DSA-44; that it is told is tested");
  }
  const NoteKey key = make_note_key("w.example", NoteSignatureType::kMlDsa44, material);
  signature.id = key.id;
  SignedCheckpoint head{sofa(), {kBody, {signature}}};
  CHECK(check_signature(head, key).verdict == expected);
  CHECK(check_signature(head, key).unix_s.has_value() == (expected == SignatureVerdict::kGood));
  head.note.signatures[0].bytes[100] ^= 1;
  CHECK(check_signature(head, key).verdict ==
        (made ? SignatureVerdict::kBad : SignatureVerdict::kUnsupported));
  head.note.signatures[0].bytes.pop_back();
  CHECK(check_signature(head, key).verdict == SignatureVerdict::kBad);
}

}  // namespace checkpoint_test
}  // namespace chiploc::test
