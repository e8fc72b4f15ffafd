#include "proto/crypto/cose.hpp"

#include <functional>

#include "proto/crypto/cbor_items.hpp"
#include "proto/crypto/digest.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/proto/crypto/statement_sample.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::cose_test {
using Fault = StatementFault;

namespace {

constexpr SignatureAlgorithm kAll[] = {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256,
                                       SignatureAlgorithm::kEs384};
const Digest kCertificate = sha256(bytes_of("certificate"));

Fault fault_of(Bytes cose, const PublicKey& key) {
  const auto statement = check_statement(cose, key, kCertificate);
  REQUIRE_FALSE(statement);
  return statement.error();
}

ByteVector header(std::int64_t algorithm) {
  CborWriter w;
  w.map(2), w.number(1), w.number(algorithm), w.number(34), w.array(2), w.number(-16),
      w.bytes(kCertificate.bytes);
  return w.written();
}
/// A message with this header, properly signed over whatever it is.
ByteVector signed_with_header(
    const ByteVector& protected_header, const ByteVector& claims, const Signer& signer,
    const std::function<void(CborWriter&)>& unprotected = [](CborWriter& w) { w.map(0); }) {
  CborWriter tbs;
  tbs.array(4), tbs.text("Signature1"), tbs.bytes(protected_header), tbs.bytes({}), tbs.bytes(claims);
  CborWriter w;
  w.tag(18), w.array(4), w.bytes(protected_header);
  unprotected(w);
  w.bytes(claims), w.bytes(*signer.sign(tbs.written()));
  return w.written();
}

}  // namespace

TEST_CASE("statement: each algorithm signs it and its public key checks it", "[crypto]") {
  const auto signer = generate_key(GENERATE(from_range(std::begin(kAll), std::end(kAll))));
  const auto cose = sign_statement(sample_statement(), kCertificate, *signer);
  REQUIRE(cose);
  const auto statement = check_statement(*cose, signer->public_key(), kCertificate);
  REQUIRE(statement);
  CHECK(*statement == sample_statement());
  const auto unchecked = parse_unchecked_statement(*cose);
  REQUIRE(unchecked);
  CHECK(unchecked->algorithm == signer->algorithm());
  CHECK(unchecked->certificate == kCertificate);
  CHECK(unchecked->statement == sample_statement());
}

TEST_CASE("statement: every flipped bit is noticed", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEd25519);
  const auto cose = *sign_statement(sample_statement(), kCertificate, *signer);
  for (std::size_t bit = 0; bit < cose.size() * 8; ++bit) {
    INFO("bit " << bit);
    REQUIRE_FALSE(check_statement(with_flipped_bit(cose, bit), signer->public_key(), kCertificate));
  }
}

TEST_CASE("statement: every cut and every prolongation is noticed", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEs256);
  auto cose = *sign_statement(sample_statement(), kCertificate, *signer);
  for (std::size_t size = 0; size < cose.size(); ++size) {
    REQUIRE(fault_of(Bytes{cose}.first(size), signer->public_key()) == Fault::kMalformed);
  }
  cose.push_back(0);
  CHECK(fault_of(cose, signer->public_key()) == Fault::kMalformed);
}

TEST_CASE("statement: another key, certificate or algorithm has its own fault", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEs256);
  const auto cose = *sign_statement(sample_statement(), kCertificate, *signer);
  CHECK(fault_of(cose, generate_key(SignatureAlgorithm::kEs256)->public_key()) == Fault::kBadSignature);
  CHECK(fault_of(cose, generate_key(SignatureAlgorithm::kEd25519)->public_key()) == Fault::kWrongAlgorithm);
  const auto other = check_statement(cose, signer->public_key(), sha256(bytes_of("another certificate")));
  REQUIRE_FALSE(other);
  CHECK(other.error() == Fault::kWrongCertificate);
  // Of both the key is the graver.
  const auto both = check_statement(cose, generate_key(SignatureAlgorithm::kEs256)->public_key(),
                                    sha256(bytes_of("another certificate")));
  REQUIRE_FALSE(both);
  CHECK(both.error() == Fault::kBadSignature);
}

TEST_CASE("statement: a header that names another algorithm than the key's is refused, even when signed",
          "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEs256);
  const auto claims = *encode_claims(sample_statement());
  CHECK(check_statement(signed_with_header(header(-7), claims, *signer), signer->public_key(), kCertificate));
  CHECK(fault_of(signed_with_header(header(-8), claims, *signer), signer->public_key()) ==
        Fault::kWrongAlgorithm);
  CHECK(fault_of(signed_with_header(header(-37), claims, *signer), signer->public_key()) ==
        Fault::kWrongAlgorithm);
  CHECK(fault_of(signed_with_header(header(5), claims, *signer), signer->public_key()) ==
        Fault::kWrongAlgorithm);
}

TEST_CASE(
    "statement: header parameters more, fewer or other than the profile's are refused, even when signed",
    "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEd25519);
  const auto claims = *encode_claims(sample_statement());
  const auto fault = [&](const std::function<void(CborWriter&)>& write) {
    CborWriter w;
    write(w);
    return fault_of(signed_with_header(w.written(), claims, *signer), signer->public_key());
  };
  CHECK(fault([](CborWriter& w) { w.map(1), w.number(1), w.number(-8); }) == Fault::kUnexpectedHeader);
  CHECK(fault([](CborWriter& w) { w.map(2), w.number(1), w.number(-8), w.number(4), w.bytes({}); }) ==
        Fault::kUnexpectedHeader);
  CHECK(fault([](CborWriter& w) { w.map(2), w.number(2), w.number(-8), w.number(34), w.array(2); }) ==
        Fault::kUnexpectedHeader);
  CHECK(fault([](CborWriter& w) {
          w.map(2), w.number(1), w.number(-8), w.number(34), w.array(2), w.number(-43),
              w.bytes(ByteVector(32, 1));
        }) == Fault::kUnexpectedHeader);
  CHECK(fault([](CborWriter& w) {
          w.map(2), w.number(1), w.number(-8), w.number(34), w.array(2), w.number(-16),
              w.bytes(ByteVector(31, 1));
        }) == Fault::kUnexpectedHeader);
  CHECK(fault([](CborWriter& w) { w.array(0); }) == Fault::kMalformed);
  auto longer = header(-8);
  longer.push_back(0);
  CHECK(fault_of(signed_with_header(longer, claims, *signer), signer->public_key()) == Fault::kMalformed);
  const auto unprotected = signed_with_header(header(-8), claims, *signer,
                                              [](CborWriter& w) { w.map(1), w.number(4), w.bytes({}); });
  CHECK(fault_of(unprotected, signer->public_key()) == Fault::kUnexpectedHeader);
}

TEST_CASE("statement: envelopes that say the same in other bytes are refused", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEd25519);
  const auto cose = *sign_statement(sample_statement(), kCertificate, *signer);
  const Bytes rest = Bytes{cose}.subspan(2);
  const auto with_head = [&rest](std::string_view head) {
    ByteVector out = hex(head);
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
  };
  CHECK(check_statement(with_head("d284"), signer->public_key(), kCertificate));
  CHECK(fault_of(with_head("84"), signer->public_key()) == Fault::kMalformed);             // untagged
  CHECK(fault_of(with_head("d384"), signer->public_key()) == Fault::kMalformed);           // another tag
  CHECK(fault_of(with_head("d2d284"), signer->public_key()) == Fault::kMalformed);         // tagged twice
  CHECK(fault_of(with_head("d81284"), signer->public_key()) == Fault::kNotDeterministic);  // tag in two bytes
  // Array in two bytes.
  CHECK(fault_of(with_head("d29804"), signer->public_key()) == Fault::kNotDeterministic);
  CHECK(fault_of(with_head("d29f"), signer->public_key()) == Fault::kNotDeterministic);  // indefinite array
  CHECK(fault_of(with_head("d285"), signer->public_key()) == Fault::kMalformed);         // five items
  CHECK(fault_of(ByteVector(kStatementMax + 1), signer->public_key()) == Fault::kTooLarge);
}

TEST_CASE("statement: signed nonsense is refused for its claims", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEd25519);
  CborWriter empty;
  empty.map(0);
  CHECK(fault_of(signed_with_header(header(-8), empty.written(), *signer), signer->public_key()) ==
        Fault::kMissingClaim);
}

TEST_CASE("statement: the signed bytes are made of the message's own by head and tail", "[crypto]") {
  const auto signer = generate_key(GENERATE(from_range(std::begin(kAll), std::end(kAll))));
  const auto cose = *sign_statement(sample_statement(), kCertificate, *signer);
  const auto tbs = statement_to_be_signed(cose);
  REQUIRE(tbs);
  const std::size_t header_size = 2 + cose[3];                                    // 58 nn ...
  const std::size_t signature_size = 2 + signature_size_of(signer->algorithm());  // 58 nn ...
  ByteVector expected = hex("846a");
  const auto append = [&expected](Bytes bytes) {
    expected.insert(expected.end(), bytes.begin(), bytes.end());
  };
  append(bytes_of("Signature1"));
  append(Bytes{cose}.subspan(2, header_size));
  expected.push_back(0x40);
  append(Bytes{cose}.subspan(2 + header_size + 1, cose.size() - signature_size - 2 - header_size - 1));
  CHECK(to_hex(*tbs) == to_hex(expected));
  CHECK(signer->public_key().verify(*tbs, Bytes{cose}.last(signature_size_of(signer->algorithm()))));
}

TEST_CASE("statement: the largest one fits its four datagrams", "[crypto]") {
  Statement s = sample_statement();
  s.hardware_model.assign(64, 'h');
  s.firmware_version.assign(64, 'v');
  s.boot_count = s.round_counter = UINT64_MAX;
  s.transcripts.clear();
  for (std::uint8_t i = 0; i < kAnchorsMax; ++i) s.transcripts.push_back({i, {}});
  const auto cose = sign_statement(s, kCertificate, *generate_key(SignatureAlgorithm::kEs384));
  REQUIRE(cose);
  CHECK(cose->size() <= kStatementMax);
}

TEST_CASE("sign_statement: a statement out of range is not signed", "[crypto]") {
  Statement s = sample_statement();
  s.transcripts.clear();
  const auto cose = sign_statement(s, kCertificate, *generate_key(SignatureAlgorithm::kEd25519));
  REQUIRE_FALSE(cose);
  CHECK(cose.error().code == KeyFault::Code::kMalformed);
}

}  // namespace chiploc::cose_test
