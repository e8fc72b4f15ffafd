#pragma once
// How likely a cheat is to be detected, over what is varied. Pure.

#include <string>
#include <vector>

#include "server/picture/drawing.hpp"
#include "server/scenario/scenario_tally.hpp"

namespace chiploc {

/// One curve: the points that agree in all settings but the one along which it goes.
struct PowerLine {
  std::string label;  ///< those settings; empty: there are no others
  struct At {
    double x = 0.0;     ///< the value; of texts its number in the list, from 1
    std::string value;  ///< as TOML writes it
    LabShare detected;  ///< or, without any cheat: share of honest chips that were proved
  };
  std::vector<At> points;  ///< in the order of the sweep
};
/// `key` is one that is swept. In the order in which they first come.
[[nodiscard]] std::vector<PowerLine> power_lines(const ScenarioFile& file, const ScenarioReport& report,
                                                 const std::string& key);
/// Detected (or, where nobody cheats, proved) in percent over the key, each point with its 95 % interval.
[[nodiscard]] Drawing draw_power(const ScenarioFile& file, const ScenarioReport& report,
                                 const std::string& key);
/// As SVG. The same figures give the same bytes.
[[nodiscard]] std::string power_svg(const ScenarioFile& file, const ScenarioReport& report,
                                    const std::string& key);

}  // namespace chiploc
