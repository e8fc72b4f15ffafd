#include "server/lab/lab_daemon.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "server/coordinator/config.hpp"

namespace chiploc {

LabDaemonRead read_daemon_sections(std::string_view text, const std::filesystem::path& name) {
  // What must be there, and the lab makes itself: behind the file's lines, so that those keep their numbers.
  constexpr std::string_view kLabsOwn = R"(
[coordinator]
grpc = "127.0.0.1:7443"
key = "coordinator.key"
database = "chiploc.db"
[tls]
ca = "ca.pem"
certificate = "tls.pem"
key = "tls.key"
)";
  auto read = parse_daemon_config(std::string{text}.append(kLabsOwn), name);
  const auto& cadence = read.config.coordinator.schedule.cadence;
  return {.faults = std::move(read.faults),
          .measures = std::any_of(cadence.begin(), cadence.end(),
                                  [](Nanoseconds each) { return each > Nanoseconds{0}; })};
}

}  // namespace chiploc
