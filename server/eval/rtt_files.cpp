// From a folder to the texts of its files; what they say is rtt_folder.cpp's.
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "server/eval/rtt_folder.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kOfFolder = "the folder has to hold it (server/eval/README.md)";

Result<std::string, FolderFault> read_whole(const std::filesystem::path& file, const RttLimits& limits) {
  return read_measurements(file, limits, kOfFolder);
}

}  // namespace

Result<std::string, FolderFault> read_measurements(const std::filesystem::path& file, const RttLimits& limits,
                                                   std::string_view remedy) {
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  const auto size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0 || !std::filesystem::is_regular_file(file)) {
    return Fail{
        FolderFault{EvalExit::kNotFound, {file.string() + ": cannot be read; " + std::string{remedy}}}};
  }
  if (static_cast<std::size_t>(size) > limits.file_bytes) {
    return Fail{FolderFault{EvalExit::kBadData,
                            {file.string() + ":1: has more than " + std::to_string(limits.file_bytes >> 20U) +
                             " MB; split the set"}}};
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  in.read(text.data(), size);
  if (!in) return Fail{FolderFault{EvalExit::kNotFound, {file.string() + ": cannot be read to its end"}}};
  return text;
}

Result<RttSet, FolderFault> load_rtt_folder(const std::filesystem::path& folder, bool with_faulty,
                                            const Borders& borders, const RttReading& reading,
                                            const RttLimits& limits) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Fail{FolderFault{EvalExit::kNotFound, {folder.string() + ": no such folder"}}};
  }
  RttFiles files;
  auto nodes = read_whole(folder / "nodes.csv", limits);
  if (!nodes) return Fail{nodes.error()};
  files.nodes = std::move(nodes).value();
  auto rtt = read_whole(folder / "rtt.csv", limits);
  if (!rtt) return Fail{rtt.error()};
  files.rtt = std::move(rtt).value();
  const auto read_more = [&](const char* file,
                             std::optional<std::string>& into) -> std::optional<FolderFault> {
    auto text = read_whole(folder / file, limits);
    if (!text) return text.error();
    into = std::move(text).value();
    return std::nullopt;
  };
  if (std::filesystem::exists(folder / "subsets.csv", ignored)) {
    if (const auto fault = read_more("subsets.csv", files.subsets)) return Fail{*fault};
  }
  if (with_faulty) {
    if (const auto fault = read_more("faulty_nodes.csv", files.faulty_nodes)) return Fail{*fault};
    if (const auto fault = read_more("faulty_rtt.csv", files.faulty_rtt)) return Fail{*fault};
  }
  std::filesystem::path named = std::filesystem::absolute(folder, ignored).lexically_normal();
  if (!named.has_filename()) named = named.parent_path();  // "folder/"
  auto set = parse_rtt_files(files, named.filename().string(), borders, reading, limits);
  if (set) return std::move(set).value();
  FolderFault fault{EvalExit::kBadData, {}};
  for (const std::string& line : set.error()) {
    const bool elsewhere = reading.targets && line.starts_with(reading.targets_file + ":");
    fault.lines.push_back(elsewhere ? line : (folder / line).string());
  }
  return Fail{std::move(fault)};
}

Result<std::string, FolderFault> load_targets(const std::filesystem::path& folder,
                                              const std::filesystem::path& path, const RttLimits& limits) {
  std::error_code ignored;
  const bool inside =
      !std::filesystem::exists(path, ignored) && std::filesystem::exists(folder / path, ignored);
  return read_whole(inside ? folder / path : path, limits);
}

}  // namespace chiploc
