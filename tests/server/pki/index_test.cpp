#include "server/pki/index.hpp"

#include "tests/server/pki/pki_world.hpp"

namespace chiploc::index_test {
namespace {

using namespace pki_test;

IssuedRecord record(const std::string& serial, const std::string& name) {
  return {.serial = serial,
          .role = "anchor",
          .name = name,
          .sha256 = std::string(64, 'a'),
          .not_before = kNow,
          .not_after = kNow + 365 * kDay};
}

PkiIndex sample() {
  PkiIndex index;
  index.key = "ca.key";
  index.list_number = 7;
  index.certificates = {record("0a01", "fra1"), record("0a02", "Z\xC3\xBCrich"), record("0a03", "fra1")};
  index.certificates[2].holder = "M\xC3\xBCller, Sons";
  index.certificates[1].revoked = RevokedCertificate{"0a02", kNow + kDay, RevocationReason::kSuperseded};
  return index;
}

TEST_CASE("PkiIndex: what was written is read back", "[pki]") {
  const auto read = PkiIndex::from_text(sample().text());
  REQUIRE(read);
  CHECK(read->key == "ca.key");
  CHECK(read->list_number == 7);
  CHECK(read->certificates == sample().certificates);
  CHECK(read->text() == sample().text());
}

TEST_CASE("PkiIndex: a certificate is found by name and by serial number", "[pki]") {
  PkiIndex index = sample();
  CHECK(index.find("fra1").size() == 2);
  CHECK(index.find("fra1").back()->serial == "0a03");
  CHECK(index.find("0a02").size() == 1);
  CHECK(index.find("fra").empty());
  CHECK(index.by_serial("0a03")->name == "fra1");
  CHECK(index.by_serial("0a04") == nullptr);
}

TEST_CASE("PkiIndex: damage names its field", "[pki]") {
  const auto fault = [](std::string from, const std::string& to) {
    std::string text = sample().text();
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto read = PkiIndex::from_text(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == PkiFaultCode::kBadData);
    return read.error().text;
  };
  CHECK(fault("{", "") == "not JSON");
  CHECK(fault("\"format\": 1", "\"format\": 0").find("format: ") == 0);
  CHECK(fault("\"ca.key\"", "3") == "key: not a text");
  CHECK(fault("\"list_number\": 7", "\"list_number\": -7").find("list_number: not a number") == 0);
  CHECK(fault("\"0a01\"", "\"0a0\"") == "certificates[0].serial: not 2 to 40 hex digits");
  CHECK(fault("\"0a03\"", "\"0a02\"") == "certificates[2].serial: there twice");
  CHECK(fault("\"anchor\"", "\"boss\"") == "certificates[0].role: no role");
  CHECK(fault("\"fra1\"", "\"fra\\u001b1\"").find("certificates[0].name: ") == 0);
  CHECK(fault("M\xC3\xBCller", "M\\u0007ller").find("certificates[2].holder: ") == 0);
  CHECK(fault("\"aaaa", "\"gaaa").find("certificates[0].sha256: ") == 0);
  CHECK(fault("\"superseded\"", "\"boredom\"") == "certificates[1].reason: no reason");
  CHECK(fault("\"revoked_unix\": 1795086400", "\"revoked_unix\": \"x\"")
            .find("certificates[1].revoked_unix: ") == 0);
  CHECK(fault("\"not_after_unix\": 1826536000", "\"not_after_unix\": 1")
            .find("certificates[0].not_after_unix: ") == 0);
  CHECK_FALSE(PkiIndex::from_text("[]"));
  CHECK_FALSE(PkiIndex::from_text(""));
}

TEST_CASE("state_of: revoked before expired before near its end", "[pki]") {
  IssuedRecord one = record("0a01", "fra1");
  CHECK(state_of(one, kNow) == IssuedState::kValid);
  CHECK(state_of(one, kNow + 334 * kDay) == IssuedState::kValid);
  CHECK(state_of(one, kNow + 336 * kDay) == IssuedState::kEnding);
  CHECK(state_of(one, one.not_after) == IssuedState::kExpired);
  one.not_after = kNow + 9 * kDay;  // of a short life the last third
  CHECK(state_of(one, kNow + 5 * kDay) == IssuedState::kValid);
  CHECK(state_of(one, kNow + 7 * kDay) == IssuedState::kEnding);
  one.revoked = RevokedCertificate{"0a01", kNow, RevocationReason::kUnspecified};
  CHECK(state_of(one, one.not_after) == IssuedState::kRevoked);
}

}  // namespace
}  // namespace chiploc::index_test
