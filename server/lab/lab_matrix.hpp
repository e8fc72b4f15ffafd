#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/sim/paths/matrix_paths.hpp"

namespace chiploc {

/// A folder of measurements as a network, for LabWorld::measured: by the reader and the checks of `chiploc eval`. Fails
/// with "FILE:LINE: field: problem; what to do".
[[nodiscard]] Result<RttMatrix, std::vector<std::string>> read_lab_matrix(
    const std::filesystem::path& folder, std::optional<double> resolution_ms);

}  // namespace chiploc
