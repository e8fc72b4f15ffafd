#pragma once
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/lab_file.hpp"
#include "server/sim/paths/matrix_paths.hpp"

namespace chiploc {

/// A folder of measurements as a network, for LabWorld::measured: by the reader and the checks of `chiploc eval`. Fails
/// with "FILE:LINE: field: problem; what to do"; what to do is said in keys of the lab file.
[[nodiscard]] Result<RttMatrix, std::vector<std::string>> read_lab_matrix(const LabMeasured& what);

}  // namespace chiploc
