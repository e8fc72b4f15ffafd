#pragma once
// Files of others named on a command line -> their texts.

#include <string>
#include <vector>

#include "server/eval/others_set.hpp"

namespace CLI {
class App;
}

namespace chiploc {

struct OthersArguments {
  std::vector<std::string> inputs;  ///< FILE, or NAME=FILE: who measured
  std::string format, nodes, provider;
  std::vector<std::string> columns, probes;
  bool least = false;

  /// Whether some option is given that is for files alone.
  [[nodiscard]] bool any() const {
    return !format.empty() || !nodes.empty() || !provider.empty() || !columns.empty() || !probes.empty() ||
           least;
  }
};

void add_others_options(CLI::App& app, OthersArguments& to);

/// Who measured, where nobody says so: the file's name without folders and .txt, .log, .out, .ping, .fping, .csv,
/// .tsv or .json behind it.
[[nodiscard]] std::string source_of_file(const std::string& path);

/// Reads all of them.
[[nodiscard]] Result<OthersInput, FolderFault> load_others(const OthersArguments& arguments,
                                                           const RttLimits& limits = {});

}  // namespace chiploc
