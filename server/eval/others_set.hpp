#pragma once
// Files of others -> the files of a folder of measurements, in memory. What those say is then read and checked as
// any folder is (rtt_folder.hpp), and complaints are turned back into the words of the files they come from.

#include "server/eval/others.hpp"
#include "server/eval/rtt_folder.hpp"

namespace chiploc {

struct OthersInput {
  std::vector<OthersFile> files;         ///< at least one
  std::optional<OthersFormat> format{};  ///< nullopt: found out
  std::optional<OthersColumns> columns{};
  std::optional<OthersFile> nodes{};
  std::vector<OthersFile> probes{};
  std::string provider{};  ///< of clouds; empty: found out
  bool least = false;      ///< several rows of a pair in a table are round trips of one: the least counts
};

struct OthersSet {
  OthersFormat format = OthersFormat::kMatrix;
  RttFiles files;                                                 ///< nodes and rtt
  std::vector<std::string> names;                                 ///< of the files that lines come from
  std::vector<std::pair<std::size_t, std::uint32_t>> node_lines;  ///< of line i + 2: number in names, line
  std::vector<std::pair<std::size_t, std::uint32_t>> rtt_lines;   ///< the same of rtt.csv
  std::vector<std::string> notes;  ///< what a person should know, a sentence each
  /// What fping has rounded, as a fault with the way out; empty: nothing.
  std::string cut_by_fping;
};

/// Reads and resolves all of it.
///
/// Repeated  Several rows of a pair: the least of ping's, fping's and RIPE Atlas's, since each is the least of
///           several already; of a table only with `least`; never of a matrix.
/// Roles     As --nodes says. Otherwise, if some node only measures or is only measured, every node gets the
///           role that the rows show.
/// Order     Nodes as they first appear, a row's source before its target; rows as they first appear.
/// Fails     Sentences "FILE:LINE: field: what; what to do".
[[nodiscard]] Result<OthersSet, std::vector<std::string>> read_others(const OthersInput& input,
                                                                      const RttLimits& limits = {});

/// Faults of parse_rtt_files() with "rtt.csv:7: .." and "nodes.csv:3: .." turned into the lines behind them.
[[nodiscard]] std::vector<std::string> in_their_lines(const OthersSet& set, std::vector<std::string> faults);

}  // namespace chiploc
