#pragma once
// What `chiploc lab` does, command by command, once its command line is read. Private to this folder.

#include <cstdint>
#include <optional>
#include <string>

#include "server/lab/lab_seeds.hpp"

namespace chiploc {

struct LabArguments {
  std::string file;
  bool once = false;
  bool json = false;
  bool keep = false;
  std::string state;
  std::string bin;
  std::optional<std::uint64_t> seed;
  std::optional<int> rounds;
  std::optional<int> number;
  std::string seeds;  ///< "N": 1 to N; "A..B"
  std::string output = "table";
  bool simulated = false;
  bool forecast = false;
  bool dry_run = false;
  std::string a, b;
  std::optional<double> rtt_ms, add_rtt_ms;
};

enum LabExit : int {
  kLabFine = 0,
  kLabUnexpected = 1,
  kLabUsage = 64,
  kLabCannotStart = 69,
  kLabBadFile = 78,
  kLabInterrupted = 130,
};

/// Each returns an exit code, and has said what is wrong.
[[nodiscard]] int run_up(const LabArguments& arguments);
[[nodiscard]] int run_check(const LabArguments& arguments);
[[nodiscard]] int run_set(const LabArguments& arguments);
[[nodiscard]] int run_clean(const LabArguments& arguments);

}  // namespace chiploc
