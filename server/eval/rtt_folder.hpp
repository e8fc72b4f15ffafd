#pragma once
// A folder of measurements as files -> RttSet, all of it or a list of faults.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"
#include "server/eval/exit_codes.hpp"
#include "server/eval/rtt_reading.hpp"
#include "server/eval/rtt_set.hpp"

namespace chiploc {

/// The texts of a folder's files, before anybody has looked into them.
struct RttFiles {
  std::string nodes;  ///< nodes.csv: id, name, lat, lon, country_iso2; also role, uncertainty_km
  std::string rtt;    ///< rtt.csv: src, dst, min_ms (or another statistic)
  std::optional<std::string> subsets;       ///< subsets.csv: label, draw, anchor_id
  std::optional<std::string> faulty_nodes;  ///< faulty_nodes.csv, as nodes.csv
  std::optional<std::string> faulty_rtt;    ///< faulty_rtt.csv, as rtt.csv
};

struct RttLimits {
  std::size_t nodes = 2'000;     ///< the table of round trips has this squared: 32 MB
  std::size_t rows = 5'000'000;  ///< over all files
  std::size_t file_bytes = std::size_t{256} << 20;
  std::size_t field_bytes = 4'096;
  std::size_t faults = 20;  ///< shown; the others are counted
};

/// Longest round trip that is believed to be one: a minute.
inline constexpr double kRttMaxMs = 60'000.0;
/// The shortest, unless it was rounded: a microsecond. Light gets 150 m far and back.
inline constexpr double kRttMinMs = 0.001;

/// Checks the texts and puts them together. Pure.
///
/// Columns     Those named above, in any order, all required; others are ignored, since data sets carry
///             statistics of their own. Of rtt.csv `statistic` chooses: minimum min_ms; mean avg_ms or
///             mean_ms, median median_ms, if the file has it, otherwise min_ms under that name.
/// Roles       `role` of nodes.csv: anchor, target, both or empty. With a file of targets these are the only
///             targets, and no anchors; all others are anchors only.
/// Uncertain   `uncertainty_km` of nodes.csv, 0 to 1,000, empty is 0: the node stands within so far of its place.
/// Checks      ids 1 to 64 characters, unique over both node files; places on the Earth; countries that the
///             borders draw; round trips from kRttMinMs to kRttMaxMs (0 too, if a resolution is stated), one
///             a pair and direction, both ends known; what rtt_check.hpp says of them together; labels other
///             than "all" and "all-100km"; an anchor once a draw; at least two nodes.
/// Ignores     Round trips of a node to itself; they are counted.
/// Fails       Sentences "FILE:LINE: field: what is wrong; what to do", by file and line.
[[nodiscard]] Result<RttSet, std::vector<std::string>> parse_rtt_files(const RttFiles& files,
                                                                       std::string name,
                                                                       const Borders& borders,
                                                                       const RttReading& reading = {},
                                                                       const RttLimits& limits = {});

struct FolderFault {
  EvalExit code;
  std::vector<std::string> lines;
};

/// Reads the folder's files and checks them. subsets.csv may be absent; with `with_faulty` the two faulty
/// files may not.
[[nodiscard]] Result<RttSet, FolderFault> load_rtt_folder(const std::filesystem::path& folder,
                                                          bool with_faulty, const Borders& borders,
                                                          const RttReading& reading = {},
                                                          const RttLimits& limits = {});

/// The text of one file. `remedy` ends the sentence for one that cannot be read.
[[nodiscard]] Result<std::string, FolderFault> read_measurements(const std::filesystem::path& file,
                                                                 const RttLimits& limits,
                                                                 std::string_view remedy);

/// The text of a file of targets: at `path`, or else under that name in `folder`.
[[nodiscard]] Result<std::string, FolderFault> load_targets(const std::filesystem::path& folder,
                                                            const std::filesystem::path& path,
                                                            const RttLimits& limits = {});

}  // namespace chiploc
