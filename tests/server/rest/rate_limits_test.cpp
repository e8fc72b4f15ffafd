#include "server/rest/rate_limits.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace rate_limits_test {

SteadyTime at_ms(int milliseconds) { return {std::chrono::milliseconds{milliseconds}}; }

TEST_CASE("rate limits: a burst, then so many a second, each key by itself", "[rest]") {
  RateLimits limits{{.per_second = 2, .burst = 3}};
  for (std::uint64_t left : {2U, 1U, 0U}) {
    const auto taken = limits.take("a", at_ms(0));
    CHECK(taken.allowed);
    CHECK(taken.left == left);
  }
  const auto refused = limits.take("a", at_ms(0));
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after_seconds == 1);
  CHECK(limits.take("b", at_ms(0)).allowed);
  CHECK_FALSE(limits.take("a", at_ms(499)).allowed);
  CHECK(limits.take("a", at_ms(500)).allowed);
  CHECK_FALSE(limits.take("a", at_ms(500)).allowed);
  CHECK(limits.take("a", at_ms(60'000)).left == 2);  // never more than the burst
  CHECK_FALSE([&] {
    for (int i = 0; i < 2; ++i) limits.take("a", at_ms(60'000));
    return limits.take("a", at_ms(30'000)).allowed;  // time does not run backwards for it
  }());
}

TEST_CASE("rate limits: waiting as long as told is enough", "[rest]") {
  RateLimits limits{{.per_second = 0.1, .burst = 1}};
  CHECK(limits.take("a", at_ms(0)).allowed);
  const auto refused = limits.take("a", at_ms(3'000));
  REQUIRE_FALSE(refused.allowed);
  CHECK(refused.retry_after_seconds == 7);
  CHECK(limits.take("a", at_ms(3'000 + 7'000)).allowed);
}

TEST_CASE("rate limits: the table has an end, where the one not heard of for the longest goes", "[rest]") {
  RateLimits limits{{.per_second = 0.001, .burst = 1}, 2};
  limits.take("a", at_ms(0));
  limits.take("b", at_ms(0));
  limits.take("a", at_ms(1));
  limits.take("c", at_ms(2));  // b goes
  CHECK(limits.size() == 2);
  CHECK_FALSE(limits.take("a", at_ms(3)).allowed);
  CHECK(limits.take("b", at_ms(3)).allowed);
  CHECK(limits.size() == 2);
}

TEST_CASE("rate limits: fields say quota, window, what is left and when more comes", "[rest]") {
  RateLimits limits{{.per_second = 2, .burst = 5}};
  HttpFields fields;
  limits.describe(limits.take("a", at_ms(0)), "caller", fields);
  CHECK(fields ==
        HttpFields{{"ratelimit-policy", "\"caller\";q=5;w=3"}, {"ratelimit", "\"caller\";r=4;t=0"}});
}

TEST_CASE("rate limits: an address is a line: of IPv6 the first half", "[rest]") {
  CHECK(address_key("192.0.2.7") == "192.0.2.7");
  CHECK(address_key("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(address_key("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2:");
  CHECK(address_key("2001:db8:1:2::6") == "2001:db8:1:2:");
  CHECK(address_key("2001:db8::6") == "2001:db8:0:0:");
  CHECK(address_key("::1") == "0:0:0:0:");
  CHECK(address_key("2001:db8:1:3::6") != address_key("2001:db8:1:2::6"));
  CHECK(address_key("").empty());
}

}  // namespace rate_limits_test
}  // namespace chiploc
