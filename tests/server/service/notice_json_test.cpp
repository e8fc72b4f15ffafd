#include "server/service/notice_json.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("notice json: every key is there, null where nothing is known", "[service]") {
  v1::NoticeAttempt attempt;
  attempt.set_delivery(7);
  attempt.set_notice_id(std::string(16, '\x0a'));
  attempt.set_sink("siem");
  attempt.set_at_unix_ns(1'790'000'000'123'000'000);
  attempt.set_took_ns(1'500'000);
  attempt.set_state(v1::NOTICE_MUTED);
  attempt.set_text("muted by 1");
  CHECK(
      json_of(attempt).dump() ==
      R"({"at":"2026-09-21T14:13:20.123Z","delivery":7,"notice_id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","kind":null,)"
      R"("subject":null,"sink":"siem","attempt":0,"http_status":null,"took_ms":1.5,"state":"muted","now":null,)"
      R"("text":"muted by 1"})");
  attempt.set_kind("case.opened");
  attempt.set_http_status(503);
  attempt.set_now(v1::NOTICE_WAITING);
  CHECK(json_of(attempt)["kind"] == "case.opened");
  CHECK(json_of(attempt)["http_status"] == 503);
  CHECK(json_of(attempt)["now"] == "waiting");
  v1::NoticeSinkStanding sink;
  sink.set_sink("former");
  CHECK(
      json_of(sink).dump() ==
      R"({"sink":"former","configured":false,"receiver":null,"format":null,"kinds":[],"waiting":0,"dead":0,)"
      R"("oldest_waits_since":null,"off_since":null,"why_off":null})");
  v1::Mute mute;
  mute.set_number(3);
  mute.mutable_scope()->set_order("O-1");
  mute.set_from_unix_ns(1'790'000'000'000'000'000);
  mute.set_until_unix_ns(1'790'000'001'000'000'000);
  CHECK(
      json_of(mute).dump() ==
      R"({"number":3,"scope":{"kind":null,"case_kind":null,"order":"O-1","licence":null,"site":null,"chip_id":null},)"
      R"("reason":"","author":"","certificate_sha256":null,"from":"2026-09-21T14:13:20.000Z",)"
      R"("until":"2026-09-21T14:13:21.000Z","ended_at":null,"ended_by":null,"hidden":0,"in_force":false,)"
      R"("unreadable":false})");
}

TEST_CASE("notice json: states by name, and what is newer has none", "[service]") {
  CHECK(notice_state_name(v1::NOTICE_WAITING) == "waiting");
  CHECK(notice_state_name(v1::NOTICE_SENT) == "sent");
  CHECK(notice_state_name(v1::NOTICE_DEAD) == "dead");
  CHECK(notice_state_name(v1::NOTICE_MUTED) == "muted");
  CHECK(notice_state_name(static_cast<v1::NoticeState>(9)).empty());
}

}  // namespace
}  // namespace chiploc::test
