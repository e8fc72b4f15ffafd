#pragma once
#include <filesystem>
#include <string>

namespace chiploc {

/// The root of the source tree that the tests were built from.
const std::filesystem::path& source_dir();

/// Full path of one of chiploc's programs: it lies beside the running test. May not exist.
std::string program_path(const std::string& name);

}  // namespace chiploc
