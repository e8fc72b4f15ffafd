#pragma once
// chiplocd's own sections of a lab file, read by chiplocd's own reader.

#include <filesystem>
#include <string_view>

#include "server/lab/lab_file.hpp"

namespace chiploc {

/// LabWorld::chiplocd of the program. Whether files of secrets are there is for chiplocd to ask when it starts.
[[nodiscard]] LabDaemonRead read_daemon_sections(std::string_view text, const std::filesystem::path& name);

}  // namespace chiploc
