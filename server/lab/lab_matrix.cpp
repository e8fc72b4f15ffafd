#include "server/lab/lab_matrix.hpp"

#include "server/sim/fit/measured_paths.hpp"

namespace chiploc {

Result<RttMatrix, std::vector<std::string>> read_lab_matrix(const std::filesystem::path& folder,
                                                            std::optional<double> resolution_ms) {
  RttReading reading;
  reading.resolution_ms = resolution_ms;
  auto measured = load_measured(folder, reading);
  if (!measured) return Fail{measured.error().lines};
  return std::move(measured->matrix);
}

}  // namespace chiploc
