// Tokens of enrolment: made for whom, within which limits, shown once, listed and revoked.
#include <future>

#include "proto/crypto/digest.hpp"
#include "server/service/audit.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace operator_enrolments_test {

const Caller kAlice{"alice", Role::kAdmin, std::nullopt, sha256(bytes_of("her certificate")), true};
constexpr std::int64_t kNowNs = 1'790'000'000'000'000'000, kSecond = 1'000'000'000;

struct EnrolService {
  ServiceWorld world{};

  static v1::CreateEnrolmentTokenRequest request(const std::string& kind = "anchor",
                                                 const std::string& holder = "") {
    v1::CreateEnrolmentTokenRequest out;
    out.set_kind(kind);
    out.set_name("fra1");
    out.set_holder(holder);
    out.set_reason("a new one");
    return out;
  }
  Answer<v1::CreateEnrolmentTokenResponse> create(const v1::CreateEnrolmentTokenRequest& request) {
    std::promise<Answer<v1::CreateEnrolmentTokenResponse>> promise;
    world.cases.create_enrolment_token(request, kAlice,
                                       [&](auto answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  Answer<v1::RevokeEnrolmentResponse> revoke(std::uint64_t number) {
    v1::RevokeEnrolmentRequest request;
    request.set_number(number);
    std::promise<Answer<v1::RevokeEnrolmentResponse>> promise;
    world.cases.revoke_enrolment(request, kAlice, [&](auto answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  std::string refused(const v1::CreateEnrolmentTokenRequest& request,
                      ApiFaultCode code = ApiFaultCode::kBadField) {
    const auto answer = create(request);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == code);
    return answer.error().text;
  }
  v1::ListEnrolmentsResponse list(bool open = false, std::uint32_t size = 0, const std::string& token = "") {
    v1::ListEnrolmentsRequest request;
    request.set_open(open);
    request.set_page_size(size);
    request.set_page_token(token);
    const auto answer = world.cases.list_enrolments(request, kAlice);
    REQUIRE(answer);
    return *answer;
  }
};

TEST_CASE("enrolment: a token is told once, and kept as its digest", "[service][enrol]") {
  EnrolService service;
  const auto made = service.create(EnrolService::request());
  REQUIRE(made);
  CHECK(made->token().size() == 52 + 12);
  const v1::Enrolment& one = made->enrolment();
  CHECK(one.number() == 1);
  CHECK(one.kind() == "anchor");
  CHECK(one.name() == "fra1");
  CHECK(one.reason() == "a new one");
  CHECK(one.author() == "alice");
  CHECK(one.certificate_sha256() == string_of(kAlice.certificate->bytes));
  CHECK(one.made_unix_ns() == kNowNs);
  CHECK(one.until_unix_ns() == kNowNs + 24 * 3'600 * kSecond);
  CHECK(one.state() == "open");
  REQUIRE(one.steps_size() == 1);
  CHECK(one.steps(0).step() == "made");
  CHECK(one.steps(0).who() == "alice");
  const auto listed = service.list();
  REQUIRE(listed.enrolments_size() == 1);
  CHECK(listed.enrolments(0).SerializeAsString() == one.SerializeAsString());
  CHECK(listed.SerializeAsString().find(made->token()) == std::string::npos);
  const auto kept = service.world.reader->enrolments().enrolments({}).value().at(0);
  CHECK(kept.token_sha256 == token_digest(made->token()));
  const auto next = service.create(EnrolService::request());
  REQUIRE(next);
  CHECK(next->token() != made->token());
}

TEST_CASE("enrolment: no entry of the audit log has a token", "[service][enrol]") {
  EnrolService service;
  const auto made = service.create(EnrolService::request());
  REQUIRE(made);
  CHECK(subject_of(EnrolService::request()) == "kind=anchor name=fra1 reason=a new one");
  Caller caller = kAlice;
  caller.method = "chiploc.v1.OperatorService.CreateEnrolmentToken";
  CHECK_FALSE(service.world.cases.look_at(caller, "", *made));
}

TEST_CASE("enrolment: whom a token is for is checked when it is made", "[service][enrol]") {
  EnrolService service;
  CHECK(service.create(EnrolService::request("site", "Example SA")));
  CHECK(service.refused(EnrolService::request("coordinator")).starts_with("kind: "));
  CHECK(service.refused(EnrolService::request("admin")).starts_with("kind: "));
  CHECK(service.refused(EnrolService::request("site")).starts_with("holder: "));
  CHECK(service.refused(EnrolService::request("anchor", "Example SA")).starts_with("holder: "));
  auto request = EnrolService::request();
  for (const char* name : {"", "a/b", "a\nb"}) {
    request.set_name(name);
    CHECK(service.refused(request).starts_with("name: "));
  }
  request = EnrolService::request();
  request.set_reason("");
  CHECK(service.refused(request).starts_with("reason: "));
  request = EnrolService::request();
  for (const std::uint32_t valid : {59U, 2'592'001U}) {
    request.set_valid_s(valid);
    CHECK(service.refused(request).starts_with("valid_s: "));
  }
  request.set_valid_s(2'592'000);
  const auto month = service.create(request);
  REQUIRE(month);
  CHECK(month->enrolment().until_unix_ns() == kNowNs + 2'592'000 * kSecond);
}

TEST_CASE("enrolment: so many wait at most; a revoked one gives way, once", "[service][enrol]") {
  EnrolService service;
  for (int i = 0; i < 3; ++i) REQUIRE(service.create(EnrolService::request()));
  CHECK(service.refused(EnrolService::request(), ApiFaultCode::kExhausted).find("enrol list") !=
        std::string::npos);
  const auto revoked = service.revoke(2);
  REQUIRE(revoked);
  CHECK(revoked->enrolment().state() == "revoked");
  CHECK(revoked->enrolment().revoked_by() == "alice");
  CHECK(revoked->enrolment().revoked_unix_ns() == kNowNs);
  CHECK(service.create(EnrolService::request()));
  CHECK(service.revoke(2).error().code == ApiFaultCode::kConflict);
  CHECK(service.revoke(9).error().code == ApiFaultCode::kNotFound);
  CHECK(service.list(true).enrolments_size() == 3);
  const auto first = service.list(false, 3);
  REQUIRE(first.enrolments_size() == 3);
  CHECK(first.enrolments(0).number() == 4);
  const auto second = service.list(false, 3, first.next_page_token());
  REQUIRE(second.enrolments_size() == 1);
  CHECK(second.enrolments(0).number() == 1);
  CHECK(second.next_page_token().empty());
}

TEST_CASE("enrolment: a coordinator without an authority says what to set", "[service][enrol]") {
  ServiceWorld world;
  OperatorUseCases cases{OperatorParts{.registry = world.registry,
                                       .store = world.store,
                                       .reader = *world.reader,
                                       .rounds = world.rounds,
                                       .status = world.rounds,
                                       .policy = world.in_force,
                                       .known_country = {},
                                       .now = [] { return wall_from_unix_seconds(1'790'000'000); },
                                       .software_version = "0.1.0",
                                       .limits = {}}};
  std::optional<ApiFault> fault;
  cases.create_enrolment_token(EnrolService::request(), kAlice,
                               [&](const auto& answer) { fault = answer.error(); });
  REQUIRE(fault);
  CHECK(fault->code == ApiFaultCode::kNotReady);
  CHECK(fault->text.find("[enrol] authority") != std::string::npos);
}

}  // namespace operator_enrolments_test
}  // namespace chiploc::test
