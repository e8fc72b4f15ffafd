// Keys that are none: at enrolment, where they would be stored, and in use, where they come in datagrams.
#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/x25519.hpp"
#include "tests/agent/agent_world.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/server/anchor/prober_bench.hpp"
#include "tests/server/registry/world.hpp"

namespace chiploc::attacks {
namespace {

/// What an import says to an anchor with this public key: "" if it would be enrolled.
std::string enrolment_fault(const std::string& key_hex) {
  const test::World world;
  const auto plan = world.plan(
      {test::World::anchors("fra1," + key_hex + ",50.1,8.7,0.5,Net,AS64496,192.0.2.1:7411,yes\n")});
  return test::shown_faults(plan);
}
/// Both ends refuse an ephemeral key: the agent in a signed ticket, the anchor in an OPEN.
void check_refused_in_use(const X25519Public& key) {
  AgentWorld agent;
  FakeAnchor anchor{AgentWorld::endpoint_of(1)};
  Ticket ticket = agent.ticket_for(anchor, random_id<RoundId>());
  ticket.anchor_public = key;
  agent.give(anchor, ticket);
  CHECK(agent.tell(anchor.ticket_datagram(), anchor.endpoint()).empty());
  CHECK(agent.rejected(RejectReason::kBadKey) == 1);
  CHECK(agent.responder.stats().sessions_used == 0);

  ProberBench bench;
  bench.receive(bench.unsigned_open(bench.assign_round(), key));
  CHECK(bench.rejected(RejectReason::kBadKey) == 1);
  CHECK(bench.prober.counters().sessions_opened == 0);
  CHECK(bench.sent.empty());
}
X25519Public x25519(std::string_view text) { return {.bytes = hex_array<32>(text)}; }

TEST_CASE("attack: keys of small order at enrolment", "[attacks]") {
  REQUIRE(enrolment_fault(test::anchor_key_hex(1)).empty());
  // y = 1, -1, 0 and the two of order 8, with either sign.
  for (const char* y : {"0100000000000000000000000000000000000000000000000000000000000000",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "0000000000000000000000000000000000000000000000000000000000000000",
                        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    auto raw = hex(y);
    CHECK(enrolment_fault(to_hex(raw)).find("small order") != std::string::npos);
    raw[31] |= 0x80U;
    CHECK(enrolment_fault(to_hex(raw)).find("small order") != std::string::npos);
  }
}

TEST_CASE("attack: keys of small order in use", "[attacks]") {
  for (const char* u : {"0000000000000000000000000000000000000000000000000000000000000000",
                        "0100000000000000000000000000000000000000000000000000000000000000",
                        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    INFO(u);
    check_refused_in_use(x25519(u));
  }
}

TEST_CASE("attack: non-canonical keys at enrolment", "[attacks]") {
  for (unsigned low = 0xed; low <= 0xff; ++low) {  // every y from p to 2^255 - 1
    ByteVector raw(32, 0xff);
    raw[0] = static_cast<std::uint8_t>(low);
    CHECK_FALSE(enrolment_fault(to_hex(raw)).empty());
    raw[31] = 0x7f;
    CHECK_FALSE(enrolment_fault(to_hex(raw)).empty());
  }
}

TEST_CASE("attack: non-canonical keys in use", "[attacks]") {
  // The base point as p + 9, and as 9 with the top bit that RFC 7748 would mask.
  check_refused_in_use(x25519("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));
  check_refused_in_use(x25519("0900000000000000000000000000000000000000000000000000000000000080"));
}

TEST_CASE("attack: malformed keys at enrolment", "[attacks]") {
  const std::string good = test::anchor_key_hex(1);
  CHECK_FALSE(enrolment_fault(good.substr(2)).empty());
  CHECK_FALSE(enrolment_fault(good + "00").empty());
  CHECK_FALSE(enrolment_fault("zz" + good.substr(2)).empty());
  int off_curve = 0;
  for (unsigned y = 2; y < 42; ++y) {
    ByteVector raw(32, 0);
    raw[0] = static_cast<std::uint8_t>(y);
    off_curve += enrolment_fault(to_hex(raw)).find("not a point of its curve") != std::string::npos ? 1 : 0;
  }
  CHECK(off_curve > 10);  // half of all numbers
  CHECK(off_curve < 30);
}

TEST_CASE("attack: malformed keys in use", "[attacks]") {
  // An OPEN that is cut inside its key, and one with something after it.
  ProberBench bench;
  ByteVector open = test::open_by(bench.assign_round(), bench.fresh_pair(), *bench.chip_key);
  bench.receive(Bytes{open}.first(60));
  open[160] = 1;  // behind the signature of 64 bytes
  bench.receive(open);
  CHECK(bench.rejected(RejectReason::kMalformed) == 2);
  CHECK(bench.prober.counters().sessions_opened == 0);
}

TEST_CASE("attack: ECDSA with r or s zero, or not below n", "[attacks]") {
  const auto algorithm = GENERATE(SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto signer = generate_key(algorithm);
  const auto good = *signer->sign(bytes_of("statement"));
  const std::size_t half = good.size() / 2;
  const ByteVector order = algorithm == SignatureAlgorithm::kEs256
                               ? hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
                               : hex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db"
                                     "248b0a77aecec196accc52973");
  REQUIRE(signer->public_key().verify(bytes_of("statement"), good));
  for (const std::size_t at : {std::size_t{0}, half}) {
    for (const ByteVector& number : {ByteVector(half, 0), order, ByteVector(half, 0xff)}) {
      ByteVector forged = good;
      std::copy(number.begin(), number.end(), forged.begin() + static_cast<std::ptrdiff_t>(at));
      CHECK_FALSE(signer->public_key().verify(bytes_of("statement"), forged));
      // It does not even reach OpenSSL: the form that it takes is never made.
      CHECK(ecdsa_der_from_raw(algorithm, forged).empty());
    }
  }
  CHECK_FALSE(signer->public_key().verify(bytes_of("statement"), ByteVector(good.size(), 0)));
}

TEST_CASE("attack: keys of a wrong curve, or of no curve", "[attacks]") {
  const auto refused = [](Bytes der) { return !PublicKey::from_spki_der(der); };
  // secp256k1; X25519; the base point of secp256k1 under the name of P-256.
  CHECK(refused(
      hex("3056301006072a8648ce3d020106052b8104000a0342000479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28"
          "d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")));
  CHECK(refused(
      hex("302a300506032b656e0321008520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")));
  const auto p256 = generate_key(SignatureAlgorithm::kEs256);
  ByteVector spki(p256->spki_der().begin(), p256->spki_der().end());
  const auto foreign =
      hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd"
          "17b448a68554199c47d08ffb10d4b8");
  std::copy(foreign.begin(), foreign.end(), spki.end() - 64);
  CHECK(refused(spki));
}

}  // namespace
}  // namespace chiploc::attacks
