// No product and sum are rounded at once, where the processor could: else the same draws would not be the same bits on
// another machine. This file is compiled for such a processor and optimised (CMakeLists.txt), as a build for one would be.
#include "tests/support/catch.hpp"

namespace chiploc::test::contraction_test {
namespace {

/// Unknown to whoever compiles what calls it.
[[gnu::noinline]] double sum_of(double a, double b, double c) { return a * b + c; }

bool can_fuse() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("fma") != 0;
#else
  return true;
#endif
}

TEST_CASE("build: a product is rounded before something is added to it", "[sim][paths]") {
  if (!can_fuse()) {
    WARN("this processor knows no fused operation");
    return;
  }
  volatile double a = 1.0 + 0x1.0p-30, b = 1.0 - 0x1.0p-30;
  CHECK(sum_of(a, b, -1.0) == 0.0);  // rounded at once it is -2^-60
}

}  // namespace
}  // namespace chiploc::test::contraction_test
