#include "server/cases/mute_record.hpp"

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

MuteRule whole() {
  return {{FactKind::kCaseUpdated, CaseKind::kElsewhere, "O-1", "L-1", "campus", case_chip(7)},
          "they know\nsince Monday",
          "Ann",
          hour(0),
          hour(100)};
}
v1::MuteRecord record_of(const MuteRule& rule) {
  const ByteVector bytes = mute_bytes(rule);
  v1::MuteRecord out;
  REQUIRE(out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return out;
}

TEST_CASE("mute record: what is written is read, to the byte", "[cases]") {
  MuteRule least{{.order = "O-1"}, "x", "Ann", hour(0), hour(1)};
  MuteRule longest = whole();
  longest.until =
      longest.from + std::chrono::hours{24 * 4'000};  // how long one may be is no matter of reading
  for (const MuteRule& rule : {least, whole(), longest}) {
    const ByteVector bytes = mute_bytes(rule);
    const auto read = mute_from(bytes);
    INFO((read ? "" : read.error()));
    REQUIRE(read);
    CHECK(*read == rule);
    CHECK(mute_bytes(*read) == bytes);
  }
  for (std::size_t kind = 0; kind < kFactKinds; ++kind) {
    least.scope.fact = static_cast<FactKind>(kind);
    CHECK(mute_from(mute_bytes(least)).value() == least);
  }
}

TEST_CASE("mute record: each field is held to what a mute can be", "[cases]") {
  const auto refused = [](auto change) {
    v1::MuteRecord record = record_of(whole());
    change(record);
    const auto read = mute_from(canonical_bytes(record));
    REQUIRE_FALSE(read);
    return read.error();
  };
  CHECK(refused([](auto& r) { r.set_format(2); }) == "mute.format: is not known");
  CHECK(refused([](auto& r) { r.set_fact("case.closed"); }) == "mute.fact: is not known");
  CHECK(refused([](auto& r) { r.set_case_kind("theft"); }) == "mute.case_kind: is not known");
  CHECK(refused([](auto& r) { r.set_chip_id("short"); }) == "mute.chip_id: is no chip's id");
  CHECK(refused([](auto& r) { r.set_from_unix_ns(-1); }) == "mute.from_unix_ns: is no time of ours");
  CHECK(refused([](auto& r) { r.set_until_unix_ns(INT64_MAX); }) == "mute.until_unix_ns: is no time of ours");
  CHECK(refused([](auto& r) { r.set_until_unix_ns(r.from_unix_ns()); }) ==
        "mute.rule: it ends before it begins");
  CHECK(refused([](auto& r) { r.clear_reason(); }) == "mute.rule: the reason is missing");
  CHECK(refused([](auto& r) { r.clear_author(); }) == "mute.rule: the author is missing");
  CHECK(refused([](auto& r) { r.set_site("\x1b"); }) ==
        "mute.rule: the site has a character that cannot be shown");
  CHECK(refused([](auto& r) {
          r.clear_fact();
          r.clear_case_kind();
          r.clear_order();
          r.clear_licence();
          r.clear_site();
          r.clear_chip_id();
        }).starts_with("mute.rule: the scope is missing"));
  ByteVector bytes = mute_bytes(whole());
  bytes.push_back(0);
  CHECK(mute_from(bytes).error() == "mute.bytes: not a mute as this version writes it");
  CHECK_FALSE(mute_from({}));
  CHECK_FALSE(mute_from(ByteVector(5'000, 0x0a)));
}

}  // namespace
}  // namespace chiploc
