#include "server/service/notice_requests.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("notice requests: a token goes both ways, and anything else is refused", "[service]") {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{INT64_MAX}})
    CHECK(read_number_token(number_token(number)).value() == number);
  CHECK_FALSE(read_number_token("").value());
  CHECK(read_number_token("ffffffffffffffff").value() == std::uint64_t{INT64_MAX});  // rows have 63 bits
  for (const char* wrong : {"x", "00", "00000000000000000000"})
    CHECK(read_number_token(wrong).error().code == ApiFaultCode::kBadField);
}

TEST_CASE("notice requests: fields of the log are held to their limits", "[service]") {
  v1::ListNoticesRequest request;
  const auto query = check_notice_query(request, {}, 100, 500).value();
  CHECK(query.size == 100);
  CHECK_FALSE(query.after);
  CHECK_FALSE(query.notice);
  CHECK_FALSE(query.since);
  const auto refused = [](auto change) {
    v1::ListNoticesRequest wrong;
    change(wrong);
    const auto answer = check_notice_query(wrong, {}, 100, 500);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ApiFaultCode::kBadField);
    return answer.error().text;
  };
  CHECK_FALSE(refused([](auto& r) { r.set_page_size(501); }).empty());
  CHECK(refused([](auto& r) { r.set_page_token("x"); }).starts_with("page_token: "));
  CHECK(refused([](auto& r) { r.set_notice("12"); }) ==
        "notice: is no id of a notice: 32 hexadecimal digits");
  CHECK(refused([](auto& r) { r.set_since_unix_ns(-1); }).starts_with("since_unix_ns: "));
  CHECK(refused([](auto& r) { r.set_sink(std::string(129, 'a')); }).starts_with("sink"));
  CHECK(refused([](auto& r) {
          r.set_dead(true);
          r.set_muted(true);
        }).starts_with("muted: "));
}

}  // namespace
}  // namespace chiploc::test
