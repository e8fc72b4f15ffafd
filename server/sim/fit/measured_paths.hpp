#pragma once
// Measurements, as `chiploc eval` reads them, with what a network needs of them besides the minima: means, maxima and
// deviations, and the hours.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "server/eval/rtt_input.hpp"
#include "server/sim/paths/matrix_paths.hpp"
#include "server/sim/paths/path_fit.hpp"

namespace chiploc {

struct MeasuredPaths {
  std::string name;
  RttMatrix matrix;    ///< for MatrixPaths
  PathFitInput input;  ///< for fit_paths(): each pair once, the lesser minimum of its directions
  std::vector<std::string> notes{};  ///< what a person should know
};

/// A folder, or files of others, with all checks of server/eval/rtt_input.hpp. Of a folder also what rtt.csv has of
/// avg_ms, max_ms and mdev_ms, and hourly.csv or hourly.csv.gz (hour, src, dst, min_ms), if there is one. Ends have the
/// nodes' names, or their ids where two nodes have one name. What a resolution adds, it adds to every column.
[[nodiscard]] Result<MeasuredPaths, FolderFault> load_measured(const OthersArguments& arguments,
                                                               const RttReading& reading);
/// One folder.
[[nodiscard]] Result<MeasuredPaths, FolderFault> load_measured(const std::filesystem::path& folder,
                                                               const RttReading& reading = {});

/// What was measured hour by hour.
struct HoursText {
  std::string file;  ///< for faults
  std::string text;
};
/// The work on texts; the minima are the set's. Pairs of nodes whose place is in doubt (EvalNode::doubt) are left out.
/// Fails with "FILE:LINE: field: problem; what to do".
[[nodiscard]] Result<MeasuredPaths, std::vector<std::string>> measured_of(
    const RttSet& set, std::string_view rtt, const std::optional<HoursText>& hourly = {});

}  // namespace chiploc
