// What keeps notices back, said and ended by persons.
#include "server/cases/mute_record.hpp"
#include "tests/server/service/order_service.hpp"

namespace chiploc::test {
namespace {

const Caller kRita{"rita", Role::kRegistrar, std::nullopt, sha256(bytes_of("her certificate"))};
constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kNowNs = 1'790'000'000'000'000'000;

struct MuteService : OrderService {
  static v1::AddMuteRequest request(const std::function<void(v1::MuteScope&)>& scope, std::int64_t days = 7) {
    v1::AddMuteRequest out;
    scope(*out.mutable_scope());
    out.set_reason("they know");
    out.set_until_unix_ns(kNowNs + days * kDayNs);
    return out;
  }
  Answer<v1::AddMuteResponse> add(const v1::AddMuteRequest& request) {
    std::promise<Answer<v1::AddMuteResponse>> promise;
    world.cases.add_mute(request, kRita,
                         [&](Answer<v1::AddMuteResponse> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  Answer<v1::EndMuteResponse> end(std::uint64_t number) {
    v1::EndMuteRequest request;
    request.set_number(number);
    std::promise<Answer<v1::EndMuteResponse>> promise;
    world.cases.end_mute(request, kRita,
                         [&](Answer<v1::EndMuteResponse> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  std::string refused(const v1::AddMuteRequest& request, ApiFaultCode code = ApiFaultCode::kBadField) {
    const auto answer = add(request);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == code);
    return answer.error().text;
  }
  v1::ListMutesResponse list(bool all = false) {
    v1::ListMutesRequest request;
    request.set_all(all);
    const auto answer = world.cases.list_mutes(request, kRita);
    REQUIRE(answer);
    return *answer;
  }
};

TEST_CASE("mutes: one with everything comes back as it was said, with names as the registry has them",
          "[service][notices]") {
  MuteService service;
  const auto made = service.add(MuteService::request([](v1::MuteScope& scope) {
    scope.set_kind("case.updated");
    scope.set_case_kind("elsewhere");
    scope.set_order("o-1");
    scope.set_licence("l-1");
    scope.set_site("FRA-1");
    scope.set_chip("S-1");
  }));
  INFO((made ? "" : made.error().text));
  REQUIRE(made);
  const v1::Mute& mute = made->mute();
  CHECK(mute.number() == 1);
  CHECK(mute.scope().kind() == "case.updated");
  CHECK(mute.scope().case_kind() == "elsewhere");
  CHECK(mute.scope().order() == "O-1");
  CHECK(mute.scope().licence() == "L-1");
  CHECK(mute.scope().site() == "fra-1");
  CHECK(mute.scope().chip() == chip_id(1).hex());
  CHECK(mute.reason() == "they know");
  CHECK(mute.author() == "rita");
  CHECK(mute.certificate_sha256() == string_of(kRita.certificate->bytes));
  CHECK(mute.from_unix_ns() == kNowNs);
  CHECK(mute.until_unix_ns() == kNowNs + 7 * kDayNs);
  CHECK(mute.in_force());
  CHECK(mute.hidden() == 0);
  CHECK(mute.ended_unix_ns() == 0);
  CHECK(service.list().mutes(0).SerializeAsString() == mute.SerializeAsString());
}

TEST_CASE("mutes: ended before its time, it is out of force and stays on record", "[service][notices]") {
  MuteService service;
  const auto of_order = MuteService::request([](v1::MuteScope& scope) { scope.set_order("O-1"); });
  REQUIRE(service.add(of_order));
  REQUIRE(service.add(of_order));
  const auto ended = service.end(1);
  REQUIRE(ended);
  CHECK(ended->mute().ended_by() == "rita");
  CHECK(ended->mute().ended_unix_ns() == kNowNs);
  CHECK(ended->mute().until_unix_ns() == kNowNs + 7 * kDayNs);  // as it was said
  CHECK_FALSE(ended->mute().in_force());
  CHECK(service.end(1).error().code == ApiFaultCode::kNotFound);
  CHECK(service.end(9).error().text == "no mute 9 is in force; these are: chiploc mute list");
  CHECK(service.list().mutes_size() == 1);
  CHECK(service.list(true).mutes_size() == 2);
  v1::ListMutesRequest page;
  page.set_all(true);
  page.set_page_size(1);
  const auto first = service.world.cases.list_mutes(page, kRita);
  CHECK(first->mutes(0).number() == 2);
  page.set_page_token(first->next_page_token());
  const auto second = service.world.cases.list_mutes(page, kRita);
  CHECK(second->mutes(0).number() == 1);
  CHECK(second->next_page_token().empty());
}

TEST_CASE("mutes: what cannot be one is refused with what to do", "[service][notices]") {
  MuteService service;
  const auto with = [](auto change, std::int64_t days = 7) { return MuteService::request(change, days); };
  CHECK(service.refused(with([](v1::MuteScope&) {})).find("the scope is missing") != std::string::npos);
  CHECK(service.refused(with([](auto& s) { s.set_order("O-2"); }), ApiFaultCode::kNotFound).find("O-1") !=
        std::string::npos);
  CHECK_FALSE(service.refused(with([](auto& s) { s.set_licence("L-9"); }), ApiFaultCode::kNotFound).empty());
  CHECK_FALSE(service.refused(with([](auto& s) { s.set_site("x"); }), ApiFaultCode::kNotFound).empty());
  CHECK_FALSE(service.refused(with([](auto& s) { s.set_chip("S-9"); }), ApiFaultCode::kNotFound).empty());
  CHECK(service.refused(with([](auto& s) { s.set_kind("case.closed"); })).starts_with("scope.kind: "));
  CHECK(service.refused(with([](auto& s) { s.set_kind("notice.test"); })).starts_with("scope.kind: "));
  CHECK(service.refused(with([](auto& s) { s.set_kind("order.released"); }))
            .starts_with("scope.kind: order.released is never muted"));
  CHECK(service.refused(with([](auto& s) { s.set_case_kind("theft"); }))
            .find("elsewhere, another_user, tampering") != std::string::npos);
  const auto order = [](auto& s) { s.set_order("O-1"); };
  CHECK(service.refused(with(order, -1)).find("it ends before it begins") != std::string::npos);
  CHECK(service.refused(with(order, 31)).find("it is longer than 30 days: mute_days of chiplocd.toml") !=
        std::string::npos);
  v1::AddMuteRequest endless = with(order);
  endless.set_until_unix_ns(0);
  CHECK(service.refused(endless) == "until: is missing; a mute has an end");
  v1::AddMuteRequest silent = with(order);
  silent.clear_reason();
  CHECK(service.refused(silent).starts_with("reason: "));
  CHECK(service.list(true).mutes().empty());
}

TEST_CASE("mutes: there is a limit, and one that is damaged is said to be", "[service][notices]") {
  MuteService service;
  const auto order = MuteService::request([](v1::MuteScope& scope) { scope.set_order("O-1"); });
  REQUIRE(service.add(order));
  std::promise<void> done;
  REQUIRE(service.world.store.post(
      [](Store& store) {
        const WallTime now{Nanoseconds{kNowNs}};
        for (int i = 0; i < 999; ++i)
          REQUIRE(store.outbox().add_mute({.rule = {1}, .from = now, .ends = now + std::chrono::hours{1}}));
      },
      [&](const Stored<Done>&) { done.set_value(); }));
  done.get_future().wait();
  CHECK(service.refused(order, ApiFaultCode::kExhausted).find("1000 mutes in force") != std::string::npos);
  const v1::Mute damaged = service.list().mutes(0);
  CHECK(damaged.unreadable());
  CHECK(damaged.number() == 1'000);
  REQUIRE(service.end(1'000));
  CHECK(service.add(order));
}

}  // namespace
}  // namespace chiploc::test
