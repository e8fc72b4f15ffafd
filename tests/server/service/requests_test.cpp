#include "server/service/requests.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

const ApiLimits kLimits;

template <class T>
std::string fault_of(const Checked<T>& checked) {
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ApiFaultCode::kBadField);
  return checked.error().text;
}

TEST_CASE("requests: text has a length and no control characters", "[api]") {
  CHECK(check_text("chip", "SN-1", kLimits).value() == "SN-1");
  CHECK(check_text("chip", std::string(128, 'x'), kLimits));
  CHECK(fault_of(check_text("chip", std::string(129, 'x'), kLimits)) ==
        "chip: has 129 bytes; at most 128 make sense");
  CHECK(fault_of(check_text("chip", "a\nb", kLimits)) == "chip: has control characters; leave them out");
}

TEST_CASE("requests: a page has a size, 0 stands for the usual one", "[api]") {
  CHECK(check_page_size(0, 100, 500).value() == 100);
  CHECK(check_page_size(500, 100, 500).value() == 500);
  CHECK(fault_of(check_page_size(501, 100, 500)) == "page_size: 501 is more than 500; ask for more pages");
}

TEST_CASE("requests: states are known ones and count once", "[api]") {
  google::protobuf::RepeatedField<int> states;
  states.Add(v1::OUTSIDE);
  states.Add(v1::OUTSIDE);
  CHECK(check_states(states).value() == std::vector<std::uint32_t>{4});
  states.Add(8);
  CHECK(fault_of(check_states(states)) == "states: 8 is no state; use VERIFIED to INVALID");
  states.Set(2, 0);
  CHECK(fault_of(check_states(states)).find("0 is no state") != std::string::npos);
}

TEST_CASE("requests: a deadline is the policy's or within its range", "[api]") {
  CHECK(check_deadline(0, kLimits).value().count() == 0);
  CHECK(check_deadline(1'000, kLimits).value().count() == 1'000);
  CHECK(check_deadline(600'000, kLimits).value().count() == 600'000);
  CHECK(fault_of(check_deadline(999, kLimits)).find("out of range; use 1000 to 600000") != std::string::npos);
  CHECK_FALSE(check_deadline(600'001, kLimits));
}

TEST_CASE("requests: an import names kinds, formats and no more than the limits", "[api]") {
  v1::ImportRequest request;
  CHECK(fault_of(check_import(request, kLimits)) == "files: none; name at least one");
  auto* file = request.add_files();
  file->set_kind(v1::CHIPS);
  file->set_name("chips.csv");
  file->set_format("csv");
  file->set_content("123456");
  REQUIRE(check_import(request, kLimits));
  CHECK(check_import(request, kLimits)->front().kind == ImportKind::kChips);
  file->set_kind(v1::REVOCATIONS);
  CHECK(check_import(request, kLimits)->front().kind == ImportKind::kRevocations);

  SECTION("kind") {
    file->set_kind(v1::IMPORT_KIND_UNSPECIFIED);
    CHECK(fault_of(check_import(request, kLimits)).find("files.kind: is none of") == 0);
  }
  SECTION("format") {
    file->set_format("xml");
    CHECK(fault_of(check_import(request, kLimits)) == "files.format: \"xml\" is neither csv nor json");
  }
  SECTION("name") {
    file->set_name("a\x07");
    CHECK(fault_of(check_import(request, kLimits)).find("files.name: has control characters") == 0);
  }
  SECTION("number") {
    ApiLimits limits;
    limits.import_files = 1;
    *request.add_files() = request.files(0);
    CHECK(fault_of(check_import(request, limits)).find("files: more than 1;") == 0);
  }
  SECTION("bytes, of all files together") {
    ApiLimits limits;
    limits.import_bytes = 11;
    CHECK(check_import(request, limits));
    *request.add_files() = request.files(0);
    CHECK(fault_of(check_import(request, limits)).find("files: 12 bytes together, more than 11;") == 0);
  }
}

TEST_CASE("requests: page tokens round trip, and others are refused", "[api]") {
  const auto chip = ChipId::from_hex_text("00112233445566778899aabbccddeeff").value();
  for (const ChipCursor& at :
       {ChipCursor{chip}, ChipCursor{chip, "SN-7"}, ChipCursor{chip, std::string(9, '\xFF')}})
    CHECK(read_chip_token(chip_token(at)).value() == at);
  CHECK(fault_of(read_chip_token(chip_token({chip, std::string(401, 'x')}))).find("page_token") == 0);
  CHECK(fault_of(read_chip_token(chip.hex() + "0")).find("page_token") == 0);
  CHECK_FALSE(read_chip_token("").value().has_value());
  CHECK(fault_of(read_chip_token("zz")).find("page_token: is none that this service gave") == 0);

  const VerdictCursor cursor{WallTime{Nanoseconds{-5}}, VerdictId::from_hex_text(chip.hex()).value(),
                             1'234'567};
  CHECK(read_verdict_token(verdict_token(cursor)).value() == cursor);
  CHECK_FALSE(read_verdict_token("").value().has_value());
  CHECK(fault_of(read_verdict_token(chip.hex())).find("page_token") == 0);

  CHECK(read_key_token(key_token("L-7")).value() == "L-7");
  CHECK(read_key_token("").value().empty());
  CHECK(fault_of(read_key_token("L-7")).find("page_token") == 0);
}

TEST_CASE("requests: times and kinds are what they may be", "[api]") {
  CHECK_FALSE(check_time("since_unix_ns", 0).value());
  CHECK(check_time("since_unix_ns", 5).value()->since_epoch == Nanoseconds{5});
  CHECK(fault_of(check_time("since_unix_ns", -1)) ==
        "since_unix_ns: lies before 1970; give nanoseconds since then, or 0 for none");
  CHECK(check_kind("kind", v1::ANCHORS).value() == ImportKind::kAnchors);
  for (int kind = 1; kind <= 13; ++kind)
    CHECK(static_cast<int>(check_kind("kind", static_cast<v1::ImportKind>(kind)).value()) == kind);
  CHECK_FALSE(check_kind("kind", v1::IMPORT_KIND_UNSPECIFIED));
  CHECK(check_reason("").value().empty());
  CHECK(check_reason("invoice 77").value() == "invoice 77");
  CHECK(fault_of(check_reason(std::string(201, 'x'))).find("reason: ") == 0);
  CHECK(fault_of(check_reason("a\nb")).find("control character") != std::string::npos);
  const ChangeCursor change{7, 300};
  CHECK(read_change_token(change_token(change)).value() == change);
  CHECK_FALSE(read_change_token("").value());
  CHECK(fault_of(read_change_token("0011")).find("page_token") == 0);
  CHECK(fault_of(check_kind("kind", static_cast<v1::ImportKind>(99))).find("kind: is none of makers") == 0);
}

}  // namespace
}  // namespace chiploc
