#include "server/oidc/key_cache.hpp"

#include "tests/server/notices/properties.hpp"

namespace key_cache_test {
using namespace chiploc;
using namespace std::chrono_literals;

SteadyTime at(Nanoseconds time) { return {1'000h + time}; }

TEST_CASE("key cache: asked for at once, then by what the issuer says within bounds", "[oidc]") {
  KeyCache cache{{}};
  CHECK(cache.due(at(0s)));
  CHECK(!cache.usable(at(0s)));
  cache.fetched(at(0s), std::nullopt);
  CHECK(cache.usable(at(0s)));
  CHECK(!cache.due(at(15min - 1ns)));
  CHECK(cache.due(at(15min)));
  cache.fetched(at(0s), 1s);  // too little
  CHECK(!cache.due(at(59s)));
  CHECK(cache.due(at(60s)));
  cache.fetched(at(0s), 24h);  // too much: a withdrawn key would go on working
  CHECK(!cache.due(at(1h - 1ns)));
  CHECK(cache.due(at(1h)));
  cache.fetched(at(0s), 5min);
  CHECK(cache.due(at(5min)));
}

TEST_CASE("key cache: with the issuer down the old keys work for a day and no longer", "[oidc]") {
  KeyCache cache{{}};
  cache.fetched(at(0s), std::nullopt);
  for (Nanoseconds time = 15min; time < 23h; time += 10min)
    if (cache.due(at(time))) cache.failed(at(time));
  CHECK(cache.usable(at(24h - 1ns)));
  CHECK(!cache.usable(at(24h)));
  cache.fetched(at(25h), std::nullopt);
  CHECK(cache.usable(at(25h)));
}

TEST_CASE("key cache: failures are further and further apart, to a bound, and end with an answer", "[oidc]") {
  KeyCache cache{{}};
  Nanoseconds time = 0s;
  for (const Nanoseconds gap : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    CHECK(cache.due(at(time)));
    cache.failed(at(time));
    CHECK(!cache.due(at(time + gap - 1ns)));
    CHECK(!cache.take_unknown(at(time + gap - 1ns)));
    time += gap;
  }
  cache.fetched(at(time), std::nullopt);
  CHECK(!cache.due(at(time)));
  cache.failed(at(time + 15min));
  CHECK(cache.due(at(time + 15min + 5s)));
}

TEST_CASE("key cache: strangers who name keys have it fetched once in half a minute", "[oidc]") {
  KeyCache cache{{}};
  cache.fetched(at(0s), std::nullopt);
  CHECK(cache.take_unknown(at(1s)));
  CHECK(!cache.take_unknown(at(1s)));
  CHECK(!cache.take_unknown(at(31s - 1ns)));
  CHECK(cache.take_unknown(at(31s)));
  CHECK(!cache.take_unknown(at(32s)));
}

TEST_CASE("key cache: in any hour there are no more fetches than its rules allow", "[oidc][property]") {
  test::holds("fetches are bounded", [](std::uint16_t seed) {
    KeyCache cache{{}};
    std::uint32_t state = seed + 1U;
    int fetches = 0;
    for (Nanoseconds time = 0s; time < 1h; time += 250ms) {
      state = state * 1'664'525U + 1'013'904'223U;
      const bool unknown = (state >> 24U) % 3 == 0;
      if (!cache.due(at(time)) && !(unknown && cache.take_unknown(at(time)))) continue;
      ++fetches;
      if ((state >> 16U) % 2 == 0)
        cache.fetched(at(time), std::chrono::seconds{(state >> 8U) % 100});
      else
        cache.failed(at(time));
    }
    RC_ASSERT(fetches <= 60 + 120 + 720);  // each minute; each half minute; each five seconds after a failure
    RC_ASSERT(fetches >= 1);
  });
}

TEST_CASE("Cache-Control: max-age, as far as it is one", "[oidc]") {
  CHECK(max_age_of(" public, max-age=300") == Nanoseconds{300s});
  CHECK(max_age_of("Max-Age=0") == Nanoseconds{0});
  CHECK(max_age_of("max-age=60, no-store") == Nanoseconds{0});
  CHECK(max_age_of("NO-CACHE") == Nanoseconds{0});
  CHECK(max_age_of("max-age=60, max-age=90") == Nanoseconds{60s});
  for (const char* none : {"", "public", "max-age=", "max-age=-1", "max-age=1e3", "max-age=\"60\"",
                           "s-maxage=60", "max-age=9999999999", ",,,"})
    CHECK(!max_age_of(none));
}

}  // namespace key_cache_test
