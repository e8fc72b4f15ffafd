// Who uses a chip: no round can tell, so a person states it.
#include "tests/server/service/case_service.hpp"

namespace chiploc::test {

TEST_CASE("cases: another user is stated by a person, of a chip or of an order's at a site",
          "[service][cases]") {
  CaseService world;
  world.drifts(1, 1);
  world.drifts(2, 2);
  world.now = hour(5);
  v1::StateUserRequest request;
  request.set_chip("SN-1");
  request.set_user("Other Ltd");
  request.set_reason("an invoice");
  request.set_evidence_sha256(std::string(32, 'y'));
  const auto opened = world.said(&OperatorUseCases::state_user, request, kAuditor);
  REQUIRE(opened);
  CHECK(opened->changed().name() == "C-2");
  CHECK(opened->changed().kind() == v1::CASE_ANOTHER_USER);
  CHECK(opened->changed().order() == "O-1");
  CHECK(opened->changed().site() == "campus");
  CHECK(opened->changed().chips() == 1);
  // The same case, as long as it is open; and the chip is held for what it was.
  request.clear_chip();
  request.set_order("o-1");
  request.set_user("Third Ltd");
  const auto joined = world.said(&OperatorUseCases::state_user, request, kAuditor);
  REQUIRE(joined);
  CHECK(joined->changed().name() == "C-2");
  CHECK(joined->changed().entries() > opened->changed().entries());
  CHECK(world.reader->statuses().status(case_chip(1)).value()->state ==
        static_cast<std::uint32_t>(ChipState::kDrifted));
  v1::GetCaseRequest getting;
  getting.set_name("C-2");
  const auto shown = world.cases->get_case(getting, kAuditor);
  REQUIRE(shown);
  const v1::CaseEntry& last = shown->timeline(0);
  CHECK(last.kind() == "user_stated");
  CHECK(last.who() == "ann");
  CHECK(last.file_sha256() == std::string(32, 'y'));
  CHECK((last.text() + last.said()).find("Third Ltd") != std::string::npos);

  const auto refused = [&](ApiFaultCode code, const std::function<void(v1::StateUserRequest&)>& change) {
    v1::StateUserRequest wrong = request;
    change(wrong);
    const auto answer = world.said(&OperatorUseCases::state_user, wrong, kAuditor);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == code);
    return answer.error().text;
  };
  refused(ApiFaultCode::kBadField, [](auto& r) { r.set_chip("SN-1"); });  // and an order
  refused(ApiFaultCode::kBadField, [](auto& r) { r.clear_order(); });
  refused(ApiFaultCode::kBadField, [](auto& r) { r.clear_user(); });
  refused(ApiFaultCode::kBadField, [](auto& r) { r.clear_reason(); });
  refused(ApiFaultCode::kBadField, [](auto& r) { r.set_evidence_sha256("short"); });
  refused(ApiFaultCode::kNotFound, [](auto& r) { r.set_order("O-7"); });
  refused(ApiFaultCode::kNotFound, [](auto& r) { r.set_site("nowhere"); });
  CHECK(refused(ApiFaultCode::kBadField, [](auto& r) { r.set_user("User GmbH"); }) ==
        "user: User GmbH is the licensed end user");
  CHECK(refused(ApiFaultCode::kConflict, [](auto& r) { r.set_site("hall"); }) ==
        "order O-1 has no chips at site hall");
  refused(ApiFaultCode::kBadField, [](auto& r) {
    r.clear_order();
    r.set_chip("SN-1");
    r.set_site("campus");
  });
  // One that was never measured has no status, and stands in no case.
  refused(ApiFaultCode::kNotFound, [](auto& r) {
    r.clear_order();
    r.set_chip("SN-3");
  });
  auto more = std::make_shared<Registry>(*world.registry.get());
  FollowWorld::put_chip(*more, 9, "O-1", "hall", "L-1");
  world.registry.replace(more);
  CHECK(refused(ApiFaultCode::kBadField, [](auto&) {}).find("2 sites") != std::string::npos);
  request.set_site("CAMPUS");
  CHECK(world.said(&OperatorUseCases::state_user, request, kAuditor));
}

}  // namespace chiploc::test
