#pragma once
// The scenarios that come with the program.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chiploc {

/// The folder of the library: `wanted` if it is not empty; otherwise the first of deploy/scenarios in the current folder,
/// share/chiploc/scenarios beside the program's folder, and deploy/scenarios of the tree in which the program was built.
/// nullopt: there is none.
[[nodiscard]] std::optional<std::filesystem::path> scenario_folder(const std::string& wanted);
/// Its files, by name.
[[nodiscard]] std::vector<std::filesystem::path> scenarios_in(const std::filesystem::path& folder);
/// A path to a file that is there, or the name of a scenario of the library. nullopt: neither.
[[nodiscard]] std::optional<std::filesystem::path> find_scenario(const std::string& name,
                                                                 const std::string& library);

}  // namespace chiploc
