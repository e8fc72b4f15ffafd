#include "server/scenario/detector.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kDetectors> kNames{"region",   "invalid", "silence", "posterior",
                                                          "baseline", "cohort",  "fleet",   "status"};

}  // namespace

std::string_view name_of(Detector detector) { return kNames[static_cast<std::size_t>(detector)]; }

std::optional<Detector> detector_of(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return kEveryDetector[static_cast<std::size_t>(found - kNames.begin())];
}

std::string names_of_detectors() {
  std::string out;
  for (const std::string_view name : kNames) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

const std::vector<std::string>& kinds_of(Detector detector) {
  static const std::array<std::vector<std::string>, kDetectors> kKinds{{
      {"OUTSIDE", "PROHIBITED"},
      {},
      {"SILENT"},
      {"elsewhere", "relay"},
      {"none", "reroute", "relay", "uniform_stall", "selective_stall", "move", "nearer"},
      {"later", "elsewhere"},
      {"share"},
      {"unproven", "overdue", "silent", "drifted", "prohibited", "tampered", "disputed"},
  }};
  return kKinds[static_cast<std::size_t>(detector)];
}

}  // namespace chiploc
