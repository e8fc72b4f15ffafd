#include "server/service/requests.hpp"

#include "server/service/caller.hpp"
#include "server/service/redaction.hpp"
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
  CHECK(read_chip_token(chip_token(chip)).value() == chip);
  CHECK_FALSE(read_chip_token("").value().has_value());
  CHECK(fault_of(read_chip_token("zz")).find("page_token: is none that this service gave") == 0);

  const VerdictCursor cursor{WallTime{Nanoseconds{-5}}, VerdictId::from_hex_text(chip.hex()).value()};
  CHECK(read_verdict_token(verdict_token(cursor)).value() == cursor);
  CHECK_FALSE(read_verdict_token("").value().has_value());
  CHECK(fault_of(read_verdict_token(chip.hex())).find("page_token") == 0);
}

TEST_CASE("caller: reader and admin get in, any other role is named", "[api][roles]") {
  CHECK(caller_from("alice", "admin")->role == Role::kAdmin);
  CHECK(caller_from("bob", "reader")->role == Role::kReader);
  CHECK(caller_from("bob", "reader")->name == "bob");
  const auto anchor = caller_from("fra1", "anchor");
  REQUIRE_FALSE(anchor);
  CHECK(anchor.error().code == ApiFaultCode::kWrongRole);
  CHECK(anchor.error().text.find("the role \"anchor\" may not use this service") == 0);
  CHECK_FALSE(caller_from("x", "Admin"));  // roles are exact
  CHECK(require_admin({"alice", Role::kAdmin}, "import"));
  CHECK(require_admin({"bob", Role::kReader}, "import").error().text ==
        "the role reader may not import; use an admin's certificate");
}

TEST_CASE("redaction: a reader's verdict has no place and no anchor's part, an admin's has all",
          "[api][roles]") {
  v1::Verdict verdict;
  verdict.set_state(v1::OUTSIDE);
  verdict.add_reasons()->set_code("outside_licensed");
  verdict.add_countries("FR");
  verdict.add_licensed("DE");
  verdict.set_margin_km(3);
  verdict.add_hinges("fra1");
  verdict.add_would_resolve("an anchor near 48 N 2 E");
  verdict.add_anchors()->set_anchor("fra1");
  verdict.mutable_region_centre()->set_lat_deg(48);
  verdict.set_region_radius_km(1);
  verdict.set_region_geojson("{}");
  verdict.mutable_estimate()->mutable_place()->set_lat_deg(48);
  verdict.add_prohibited_margins()->set_territory("BY");  // three distances are a place
  verdict.mutable_resolution()->mutable_near()->set_lat_deg(48);
  verdict.mutable_posterior()->mutable_place()->set_lat_deg(48);
  CHECK(visible_to(Role::kAdmin, verdict).SerializeAsString() == verdict.SerializeAsString());

  v1::Verdict expected;
  expected.set_state(v1::OUTSIDE);
  expected.add_reasons()->set_code("outside_licensed");
  expected.add_countries("FR");
  expected.add_licensed("DE");
  expected.set_margin_km(3);
  CHECK(visible_to(Role::kReader, verdict).SerializeAsString() == expected.SerializeAsString());

  v1::Chip chip;
  chip.set_reach("inbound 192.0.2.9:7400");
  *chip.mutable_last_verdict() = verdict;
  const v1::Chip seen = visible_to(Role::kReader, chip);
  CHECK(seen.reach() == "inbound");
  CHECK(seen.last_verdict().SerializeAsString() == expected.SerializeAsString());
  CHECK(visible_to(Role::kAdmin, chip).reach() == "inbound 192.0.2.9:7400");
}

}  // namespace
}  // namespace chiploc
