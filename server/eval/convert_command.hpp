#pragma once
// `chiploc eval convert IN.. --to DIR`: measurements of others -> a folder that chiploc eval reads.

#include "server/eval/others_files.hpp"

namespace chiploc {

struct ConvertArguments {
  OthersArguments others;
  std::string folder;
};

/// Writes nodes.csv and rtt.csv, both or nothing; the folder must not be there. The same input makes the same
/// bytes. What chiploc eval would ask about the rows (light, rounding, placeholders ..) is told on standard error
/// and hinders nothing: its options are given when the folder is read.
/// Returns   An exit code (exit_codes.hpp).
int run_convert_command(const ConvertArguments& arguments);

}  // namespace chiploc
