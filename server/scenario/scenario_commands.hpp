#pragma once
// What `chiploc sim` does with scenarios, once its command line is read. Private to this folder.

#include <string>
#include <vector>

namespace chiploc {

struct ScenarioArguments {
  std::string file;  ///< or a name of the library
  std::string library;
  std::string seeds;  ///< "N", "A..B"; empty: the file's
  bool brief = false;
  unsigned threads = 0;  ///< 0: as many as the machine has cores
  std::string output = "table";
  std::string chip_days;  ///< files to write; empty: none
  std::string csv;
  std::string curve;
  std::string html;
  std::string roc;                   ///< FILE.svg or FILE.csv
  std::string detector;              ///< whose scores
  bool all = false;                  ///< every scenario of the library instead of a file
  std::vector<std::string> without;  ///< detectors that are switched off
  std::string key;                   ///< along which the curve goes; empty: the first that is swept
};

enum ScenarioExit : int {
  kScenarioHolds = 0,
  kScenarioFails = 1,
  kScenarioUsage = 64,
  kScenarioCannot = 69,
  kScenarioBadFile = 78,
  kScenarioInterrupted = 130,
};

/// Each returns an exit code, and has said what is wrong.
[[nodiscard]] int run_scenario_command(const ScenarioArguments& arguments);
[[nodiscard]] int sweep_scenario_command(const ScenarioArguments& arguments);
[[nodiscard]] int list_scenarios(const ScenarioArguments& arguments);
[[nodiscard]] int explain_scenario(const ScenarioArguments& arguments);

}  // namespace chiploc
