#include "server/net/unresolved.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::unresolved_test {
namespace {

TEST_CASE("unresolved: which host of which line, why, and what to do", "[tls]") {
  CHECK(
      unresolved_text("DNS resolution failed for loc.example:7443: C-ares status is not ARES_SUCCESS qtype=A "
                      "name=loc.example is_balancer=0: Domain name not found",
                      "loc.example:7443", "coordinator.address in anchor.toml:5") ==
      "coordinator.address in anchor.toml:5: the host 'loc.example' does not resolve (Domain name not found); "
      "correct the name, write an IP address in its place, or mend this machine's DNS (getent hosts loc.example "
      "asks it)");
  CHECK(unresolved_text("failed to connect to all addresses", "loc.example:7443", "--server").empty());
}

}  // namespace
}  // namespace chiploc::unresolved_test
