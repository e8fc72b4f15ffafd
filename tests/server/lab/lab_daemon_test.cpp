#include "server/lab/lab_daemon.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("lab: chiplocd's reader finds faults at the lines of the lab file", "[sim][lab]") {
  const LabDaemonRead good = read_daemon_sections("\n\n[scheduler]\ncadence_s = 30\n", "t.toml");
  CHECK(good.faults.empty());
  CHECK(good.measures);
  CHECK_FALSE(read_daemon_sections("[cases]\nattempt_confirmations = 3\n", "t.toml").measures);
  const LabDaemonRead bad =
      read_daemon_sections("\n[scheduler]\ncadence = 30\n[status]\nsilent_after_hours = 0\n", "t.toml");
  REQUIRE(bad.faults.size() == 2);
  CHECK(bad.faults[0].find("t.toml:3: scheduler.cadence: unknown key") == 0);
  CHECK(bad.faults[1].find("t.toml:5: status.silent_after_hours: 0 is out of range") == 0);
}

}  // namespace
}  // namespace chiploc
