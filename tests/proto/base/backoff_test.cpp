#include "proto/base/backoff.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Backoff: the limit doubles with each failure up to the cap, and the wait is drawn below it",
          "[base]") {
  Backoff most{500ms, 30s};
  Nanoseconds expected = 500ms;
  for (int i = 0; i < 100; ++i) {
    const Nanoseconds wait = most.next(0.999999999);
    CHECK(wait <= expected);
    CHECK(wait > expected * 99 / 100);
    expected = std::min<Nanoseconds>(expected * 2, 30s);
    if (expected > 16s && expected < 30s) expected = 30s;
  }
  Backoff least{500ms, 30s};
  for (int i = 0; i < 100; ++i) CHECK(least.next(0) == 50ms);
}

TEST_CASE("Backoff: after a success the waits are short again", "[base]") {
  Backoff backoff{500ms, 30s};
  for (int i = 0; i < 10; ++i) (void)backoff.next(0.5);
  CHECK(backoff.next(0.5) == 15s);
  backoff.reset();
  CHECK(backoff.next(0.5) == 250ms);
}

TEST_CASE("Backoff: a refusal that a person must end is retried between half the cap and the cap", "[base]") {
  const Backoff backoff{500ms, 30s};
  CHECK(backoff.slow(0) == 15s);
  CHECK(backoff.slow(0.999999999) <= 30s);
  CHECK(backoff.slow(0.5) == 22500ms);
}

}  // namespace
}  // namespace chiploc
