#include "tests/support/paths.hpp"

namespace chiploc {

const std::filesystem::path& source_dir() {
  static const std::filesystem::path root{CHIPLOC_SOURCE_DIR};
  return root;
}

std::string program_path(const std::string& name) {
  static const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return folder / name;
}

}  // namespace chiploc
