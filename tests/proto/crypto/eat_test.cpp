#include "proto/crypto/eat.hpp"

#include <algorithm>
#include <functional>

#include "proto/crypto/cbor_items.hpp"
#include "proto/wire/datagram.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/proto/crypto/statement_sample.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::eat_test {
using Fault = StatementFault;

namespace {

Fault fault_of(Bytes claims) {
  const auto statement = parse_claims(claims);
  REQUIRE_FALSE(statement);
  return statement.error();
}
Fault fault_of_encoding(const Statement& statement) {
  const auto claims = encode_claims(statement);
  REQUIRE_FALSE(claims);
  return claims.error();
}

/// The sample's claims, each as encoded key and value, to be put together wrongly.
struct Pieces {
  std::vector<ByteVector> claims;
  [[nodiscard]] ByteVector joined(std::optional<std::size_t> count = std::nullopt) const {
    CborWriter head;
    head.map(count.value_or(claims.size()));
    ByteVector out = head.written();
    for (const auto& claim : claims) out.insert(out.end(), claim.begin(), claim.end());
    return out;
  }
};
ByteVector piece(const std::function<void(CborWriter&)>& write) {
  CborWriter out;
  write(out);
  return out.written();
}
enum {
  kIat,
  kNonce,
  kUeid,
  kModel,
  kDebug,
  kProfile,
  kBoot,
  kVersion,
  kMeasurement,
  kRound,
  kCounter,
  kTranscripts,
  kCoordinator
};
Pieces pieces() {
  const Statement s = sample_statement();
  ByteVector ueid(1 + s.chip.bytes.size(), 1);  // g++ 12 -O2 takes inserting behind the first for an overrun
  std::copy(s.chip.bytes.begin(), s.chip.bytes.end(), ueid.begin() + 1);
  Pieces p;
  const auto add = [&p](const std::function<void(CborWriter&)>& write) { p.claims.push_back(piece(write)); };
  add([&](CborWriter& w) { w.number(6), w.unsigned_number(s.issued_at); });
  add([&](CborWriter& w) { w.number(10), w.bytes(s.nonce.bytes); });
  add([&](CborWriter& w) { w.number(256), w.bytes(ueid); });
  add([&](CborWriter& w) { w.number(259), w.bytes(bytes_of("LAB-100")); });
  add([&](CborWriter& w) { w.number(263), w.number(3); });
  add([&](CborWriter& w) { w.number(265), w.text("tag:chiploc,2026:statement-1"); });
  add([&](CborWriter& w) { w.number(267), w.number(7); });
  add([&](CborWriter& w) { w.number(271), w.array(1), w.text("1.2.3"); });
  add([&](CborWriter& w) {
    w.number(273), w.array(1), w.array(2), w.number(42), w.bytes(s.firmware_measurement.bytes);
  });
  add([&](CborWriter& w) { w.number(-70001), w.bytes(s.round.bytes); });
  add([&](CborWriter& w) { w.number(-70002), w.number(70'000); });
  add([&](CborWriter& w) {
    w.number(-70003), w.map(3);
    for (const auto& t : s.transcripts) w.number(t.anchor_index), w.bytes(t.transcript.bytes);
  });
  add([&](CborWriter& w) { w.number(-70004), w.bytes(s.coordinator.bytes); });
  return p;
}
/// The fault when one claim is written as given.
Fault fault_with(std::size_t index, const std::function<void(CborWriter&)>& write) {
  Pieces p = pieces();
  p.claims[index] = piece(write);
  return fault_of(p.joined());
}

}  // namespace

TEST_CASE("claims: the documented encoding, byte for byte", "[crypto]") {
  const auto claims = encode_claims(sample_statement());
  REQUIRE(claims);
  CHECK(to_hex(*claims) == to_hex(pieces().joined()));
  CHECK(to_hex(Bytes{*claims}.first(7)) == "ad061a6afd86c0");  // a map of 13; 6: 1795000000
  const auto again = parse_claims(*claims);
  REQUIRE(again);
  CHECK(*again == sample_statement());
}

TEST_CASE("claims: the largest and the smallest statement survive", "[crypto]") {
  Statement s = sample_statement();
  s.hardware_model.assign(64, 'h');
  s.firmware_version = "\xe6\xb5\xb7";  // UTF-8 beyond ASCII
  s.boot_count = s.round_counter = UINT64_MAX;
  s.issued_at = 9'000'000'000;
  s.transcripts.clear();
  for (std::uint8_t i = 0; i < kAnchorsMax; ++i) s.transcripts.push_back({i, {}});
  const auto large = encode_claims(s);
  REQUIRE(large);
  CHECK(*parse_claims(*large) == s);
  s.issued_at = s.boot_count = s.round_counter = 0;
  s.hardware_model = "h";
  s.transcripts.resize(1);
  CHECK(*parse_claims(*encode_claims(s)) == s);
}

TEST_CASE("claims: what is out of range is not encoded", "[crypto]") {
  const auto changed = [](const std::function<void(Statement&)>& change) {
    Statement s = sample_statement();
    change(s);
    return fault_of_encoding(s);
  };
  CHECK(changed([](Statement& s) { s.issued_at = 9'000'000'001; }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.hardware_model.clear(); }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.hardware_model.assign(65, 'h'); }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.firmware_version = "1\n2"; }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.firmware_version = "\xff"; }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.debug_state = static_cast<DebugState>(5); }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.transcripts.clear(); }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.transcripts[1].anchor_index = 0; }) == Fault::kClaimOutOfRange);
  CHECK(changed([](Statement& s) { s.transcripts[2].anchor_index = 64; }) == Fault::kClaimOutOfRange);
}

TEST_CASE("claims: a missing, repeated, unsorted or unknown claim has its own name", "[crypto]") {
  for (std::size_t i = 0; i < pieces().claims.size(); ++i) {
    Pieces missing = pieces();
    missing.claims.erase(missing.claims.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(fault_of(missing.joined()) == Fault::kMissingClaim);
    Pieces repeated = pieces();
    repeated.claims.insert(repeated.claims.begin() + static_cast<std::ptrdiff_t>(i), repeated.claims[i]);
    CHECK(fault_of(repeated.joined()) == Fault::kNotDeterministic);
  }
  Pieces unsorted = pieces();
  std::swap(unsorted.claims[kCounter], unsorted.claims[kTranscripts]);
  CHECK(fault_of(unsorted.joined()) == Fault::kMissingClaim);  // noticed at the gap before the disorder
  Pieces late = pieces();
  late.claims.push_back(late.claims[kIat]);
  CHECK(fault_of(late.joined()) == Fault::kNotDeterministic);
  for (const std::int64_t key : {7, 1000, -1, -70005}) {
    Pieces unknown = pieces();
    unknown.claims.push_back(piece([key](CborWriter& w) { w.number(key), w.number(0); }));
    CHECK(fault_of(unknown.joined()) == Fault::kUnknownClaim);
  }
  Pieces text_key = pieces();
  text_key.claims.push_back(piece([](CborWriter& w) { w.text("iat"), w.number(0); }));
  CHECK(fault_of(text_key.joined()) == Fault::kUnknownClaim);
}

TEST_CASE("claims: a foreign profile is told apart", "[crypto]") {
  CHECK(fault_with(kProfile, [](CborWriter& w) { w.number(265), w.text("tag:chiploc,2026:statement-2"); }) ==
        Fault::kWrongProfile);
  CHECK(fault_with(kProfile, [](CborWriter& w) { w.number(265), w.number(1); }) == Fault::kWrongProfile);
}

TEST_CASE("claims: values of a wrong type, size or range are refused", "[crypto]") {
  const ByteVector short_id(15, 1);
  const ByteVector long_id(33, 1);
  CHECK(fault_with(kIat, [](CborWriter& w) { w.number(6), w.number(-1); }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kIat, [](CborWriter& w) { w.number(6), w.unsigned_number(9'000'000'001); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kNonce, [&](CborWriter& w) { w.number(10), w.bytes(short_id); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kUeid, [](CborWriter& w) { w.number(256), w.bytes(ByteVector(17, 2)); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kUeid, [](CborWriter& w) { w.number(256), w.bytes(ByteVector(16, 1)); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kModel, [](CborWriter& w) { w.number(259), w.bytes({}); }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kModel, [](CborWriter& w) { w.number(259), w.bytes(ByteVector(65, 'h')); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kModel, [](CborWriter& w) { w.number(259), w.text("LAB-100"); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kModel, [](CborWriter& w) { w.number(259), w.bytes(bytes_of("\x1b[31m")); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kDebug, [](CborWriter& w) { w.number(263), w.number(5); }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kBoot, [](CborWriter& w) { w.number(267), w.number(-1); }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kVersion, [](CborWriter& w) { w.number(271), w.text("1.2.3"); }) ==
        Fault::kClaimOutOfRange);
  CHECK(fault_with(kVersion, [](CborWriter& w) {
          w.number(271), w.array(2), w.text("1.2.3"), w.number(1);
        }) == Fault::kClaimOutOfRange);
  for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\xb5", "\x80", "\xc2\x85"}) {
    CHECK(fault_with(kVersion, [bad](CborWriter& w) { w.number(271), w.array(1), w.text(bad); }) ==
          Fault::kClaimOutOfRange);
  }
  CHECK(fault_with(kMeasurement, [&](CborWriter& w) {
          w.number(273), w.array(1), w.array(2), w.number(43), w.bytes(ByteVector(32, 1));
        }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kMeasurement, [&](CborWriter& w) {
          w.number(273), w.array(1), w.array(2), w.number(42), w.bytes(long_id);
        }) == Fault::kClaimOutOfRange);
  CHECK(fault_with(kCounter, [](CborWriter& w) { w.number(-70002), w.bytes({}); }) ==
        Fault::kClaimOutOfRange);
  const auto transcripts = [](std::vector<std::int64_t> indices) {
    return fault_with(kTranscripts, [&indices](CborWriter& w) {
      w.number(-70003), w.map(indices.size());
      for (const auto i : indices) w.number(i), w.bytes(ByteVector(32, 1));
    });
  };
  CHECK(transcripts({}) == Fault::kClaimOutOfRange);
  CHECK(transcripts({64}) == Fault::kClaimOutOfRange);
  CHECK(transcripts({-1}) == Fault::kClaimOutOfRange);
  CHECK(transcripts(std::vector<std::int64_t>(65, 1)) == Fault::kClaimOutOfRange);
  CHECK(transcripts({2, 2}) == Fault::kNotDeterministic);
  CHECK(transcripts({2, 1}) == Fault::kNotDeterministic);
}

TEST_CASE("claims: long integers and indefinite lengths are not deterministic", "[crypto]") {
  const auto replaced = [](std::size_t index, std::string_view encoded) {
    Pieces p = pieces();
    p.claims[index] = hex(encoded);
    return fault_of(p.joined());
  };
  CHECK(replaced(kBoot, "19010b1807") == Fault::kNotDeterministic);     // 7 in two bytes
  CHECK(replaced(kIat, "18061a6afd86c0") == Fault::kNotDeterministic);  // key 6 in two bytes
  // Indefinite byte string.
  CHECK(replaced(kModel, "1901035f474c41422d313030ff") == Fault::kNotDeterministic);
  CHECK(replaced(kVersion, "19010f9f65312e322e33ff") == Fault::kNotDeterministic);  // indefinite array
  ByteVector indefinite{0xbf};
  for (const auto& claim : pieces().claims) indefinite.insert(indefinite.end(), claim.begin(), claim.end());
  indefinite.push_back(0xff);
  CHECK(fault_of(indefinite) == Fault::kNotDeterministic);
}

TEST_CASE("claims: cut, prolonged, empty, oversized and other bytes are malformed or too large", "[crypto]") {
  const auto claims = *encode_claims(sample_statement());
  for (std::size_t size = 0; size < claims.size(); ++size)
    CHECK(fault_of(Bytes{claims}.first(size)) == Fault::kMalformed);
  ByteVector longer = claims;
  longer.push_back(0);
  CHECK(fault_of(longer) == Fault::kMalformed);
  CHECK(fault_of(hex("80")) == Fault::kMalformed);                  // an array
  CHECK(fault_of(hex("bbffffffffffffffff")) == Fault::kMalformed);  // a map of 2^64 - 1
  CHECK(fault_of(ByteVector(kStatementMax + 1, 0xa0)) == Fault::kTooLarge);
  CHECK(fault_of(pieces().joined(12)) == Fault::kMissingClaim);
  CHECK(fault_of(pieces().joined(14)) == Fault::kMalformed);
}

TEST_CASE("DebugState: names go both ways", "[crypto]") {
  for (int i = 0; i <= 4; ++i) {
    const auto state = static_cast<DebugState>(i);
    CHECK(debug_state_from_name(name_of(state)) == state);
  }
  CHECK_FALSE(debug_state_from_name("on"));
}

TEST_CASE("StatementFault: every fault has a name of its own", "[crypto]") {
  std::vector<std::string_view> names;
  for (std::uint8_t i = 1; i <= kStatementFaultLast; ++i) names.push_back(name_of(static_cast<Fault>(i)));
  std::sort(names.begin(), names.end());
  CHECK(std::unique(names.begin(), names.end()) == names.end());
  CHECK(std::find(names.begin(), names.end(), "unknown") == names.end());
}

}  // namespace chiploc::eat_test
