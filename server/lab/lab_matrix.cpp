#include "server/lab/lab_matrix.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "server/sim/fit/measured_paths.hpp"

namespace chiploc {
namespace {

/// What the reader says of its command line's options, as keys of a lab file.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kInKeys{{
    {"--resolution-ms ", "network.resolution_ms = "},
    {"--truncated", "network.truncated = true"},
    {"give --believe-ms ", "name in network.believe_ms "},
    {"--believe-order", "network.believe_order = true"},
    {"--believe-fast", "network.believe_fast = true"},
    {"to read avg_ms give --statistic mean, to read median_ms --statistic median",
     "a network is made of the least round trips"},
    {" and run with --with-faulty", ""},
}};

std::string in_keys(std::string fault) {
  for (const auto& [option, key] : kInKeys) {
    std::size_t at = 0;
    while ((at = fault.find(option, at)) != std::string::npos) {
      fault.replace(at, option.size(), key);
      at += key.size();
    }
  }
  return fault;
}

}  // namespace

Result<RttMatrix, std::vector<std::string>> read_lab_matrix(const LabMeasured& what) {
  RttReading reading;
  reading.resolution_ms = what.resolution_ms;
  reading.truncated = what.truncated;
  reading.believed_ms = what.believe_ms;
  reading.believed_order = what.believe_order;
  reading.believed_fast = what.believe_fast;
  auto measured = load_measured(what.folder, reading);
  if (measured) return std::move(measured->matrix);
  std::vector<std::string> faults;
  for (const std::string& fault : measured.error().lines) faults.push_back(in_keys(fault));
  return Fail{std::move(faults)};
}

}  // namespace chiploc
