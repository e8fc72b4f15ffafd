#include "server/scenario/scenario_library.hpp"

#include <algorithm>

namespace chiploc {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

}  // namespace

std::optional<fs::path> scenario_folder(const std::string& wanted) {
  if (!wanted.empty()) return is_folder(wanted) ? std::optional<fs::path>{wanted} : std::nullopt;
  std::error_code error;
  const fs::path bin = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& folder : {fs::path{"deploy/scenarios"}, bin / "../share/chiploc/scenarios",
                                 bin / "../../../deploy/scenarios"}) {
    if (is_folder(folder)) return folder.lexically_normal();
  }
  return std::nullopt;
}

std::vector<fs::path> scenarios_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, error}) {
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<fs::path> find_scenario(const std::string& name, const std::string& library) {
  std::error_code error;
  if (fs::is_regular_file(name, error)) return fs::path{name};
  const auto folder = scenario_folder(library);
  if (!folder || name.find('/') != std::string::npos) return std::nullopt;
  const fs::path file = *folder / (name + ".toml");
  return fs::is_regular_file(file, error) ? std::optional{file} : std::nullopt;
}

}  // namespace chiploc
