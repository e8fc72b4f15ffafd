// Lies of the chip or its host in the signed statement, and in what carries it.
#include "proto/crypto/cbor_items.hpp"
#include "proto/crypto/openssl_handles.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::attacks {
namespace {

std::string first_code(const CheckedEvidence& checked) {
  return checked.reasons.empty() ? "" : checked.reasons.front().code;
}
void check_refused(const RoundEvidenceBytes& evidence, const std::string& code) {
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kInvalid);
  CHECK(first_code(checked) == code);
}

TEST_CASE("attack: a statement over other transcripts than the anchors saw", "[attacks]") {
  auto maker = test::four_anchors();
  maker.spoil_statement = [](Statement& s) {
    for (auto& entry : s.transcripts) entry.transcript = random_id<Digest>();
  };
  check_refused(maker.make(test::kFrankfurt), "transcript_mismatch");
}

TEST_CASE("attack: a statement with a missing anchor: what it leaves out counts for nothing", "[attacks]") {
  auto maker = test::four_anchors();
  maker.spoil_statement = [](Statement& s) { s.transcripts.erase(s.transcripts.begin() + 1); };
  const CheckedEvidence checked = check_evidence(maker.make(test::kFrankfurt));
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.anchors[0].used);
  CHECK_FALSE(checked.anchors[1].used);
  CHECK(checked.anchors[1].note == "the chip's statement does not cover it");
}

TEST_CASE("attack: a statement with an extra anchor that the order does not name", "[attacks]") {
  auto maker = test::four_anchors();
  maker.spoil_statement = [](Statement& s) { s.transcripts.push_back({9, random_id<Digest>()}); };
  check_refused(maker.make(test::kFrankfurt), "transcript_set");
}

TEST_CASE("attack: counter rollback, by round counter and by boot count", "[attacks]") {
  auto maker = test::four_anchors();
  maker.round_counter = 7;
  maker.boot_count = 3;
  RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
  evidence.last_accepted = CounterMark{.boot_count = 3, .round_counter = 6};
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
  evidence.last_accepted = CounterMark{.boot_count = 3, .round_counter = 7};
  check_refused(evidence, "counter_rollback");
  evidence.last_accepted = CounterMark{.boot_count = 4, .round_counter = 6};
  check_refused(evidence, "counter_rollback");
}

/// The statement with another signature in the place of its own, which is the last thing in it.
ByteVector with_signature(ByteVector cose, Bytes signature) {
  std::copy(signature.begin(), signature.end(), cose.end() - static_cast<std::ptrdiff_t>(signature.size()));
  return cose;
}

TEST_CASE("attack: signature malleability of Ed25519, S + L in the place of S", "[attacks]") {
  auto maker = test::four_anchors();
  RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
  const ByteVector good = evidence.statements[0];
  ByteVector signature(good.end() - 64, good.end());
  constexpr ByteArray<32> kOrder{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                 0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                 0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature[32 + i]) + kOrder[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  evidence.statements[0] = with_signature(good, signature);
  check_refused(evidence, "statement_signature");
}

TEST_CASE("attack: signature malleability of ECDSA, n - s in the place of s, makes no second holder",
          "[attacks]") {
  // Both forms verify, as everywhere with ECDSA; TPMs and tokens give either. Nothing takes a signature for
  // an identity, so the second form is the same statement again.
  auto maker = test::four_anchors(SignatureAlgorithm::kEs256);
  RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
  const ByteVector good = evidence.statements[0];
  const Bytes signature = Bytes{good}.last(64);
  BIGNUM* order = nullptr;
  REQUIRE(BN_hex2bn(&order, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") > 0);
  const BigNumberPtr n{order};
  const BigNumberPtr s{BN_bin2bn(signature.data() + 32, 32, nullptr)};
  REQUIRE(BN_sub(s.get(), n.get(), s.get()) == 1);
  ByteVector other(signature.begin(), signature.end());
  REQUIRE(BN_bn2binpad(s.get(), other.data() + 32, 32) == 32);
  evidence.statements.push_back(with_signature(good, other));
  REQUIRE(evidence.statements[0] != evidence.statements[1]);
  REQUIRE(check_statement(evidence.statements[1], evidence.device_key, evidence.device_certificate));
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.reasons.empty());
}

TEST_CASE("attack: downgrade of the statement's algorithm", "[attacks]") {
  // A header that names another algorithm, under a signature of the registered key that is right over it.
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  const Digest certificate = random_id<Digest>();
  Statement claims;
  claims.hardware_model = "LAB-100";
  claims.firmware_version = "1";
  claims.boot_count = 1;
  claims.round_counter = 1;
  claims.transcripts.push_back({0, random_id<Digest>()});
  const ByteVector cose = sign_statement(claims, certificate, *key).value();  // honest borrows from it
  const auto honest = parse_unchecked_statement(cose);
  REQUIRE(honest);
  const auto with_algorithm = [&](std::int64_t algorithm) {
    CborWriter header;
    header.map(2), header.number(1), header.number(algorithm), header.number(34), header.array(2),
        header.number(-16), header.bytes(certificate.bytes);
    const ByteVector header_bytes = header.written();
    CborWriter to_sign;
    to_sign.array(4), to_sign.text("Signature1"), to_sign.bytes(header_bytes), to_sign.bytes({}),
        to_sign.bytes(honest->claims);
    CborWriter out;
    out.tag(18), out.array(4), out.bytes(header_bytes), out.map(0), out.bytes(honest->claims),
        out.bytes(*key->sign(to_sign.written()));
    return out.written();
  };
  REQUIRE(check_statement(with_algorithm(-8), key->public_key(), certificate));
  for (const std::int64_t other : {-7, -35, -36, -257, 5, 0}) {
    const auto refused = check_statement(with_algorithm(other), key->public_key(), certificate);
    REQUIRE_FALSE(refused);
    CHECK((refused.error() == StatementFault::kWrongAlgorithm ||
           refused.error() == StatementFault::kMalformed));
  }
}

}  // namespace
}  // namespace chiploc::attacks
