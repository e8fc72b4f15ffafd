#pragma once
// Inputs that lie beside the tree (../shared/data/cases), read where they are.

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "tests/server/registry/world.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {

/// 2026-11-30: within the days of every certificate and list of the cases.
inline constexpr WallTime kCaseTime = wall_from_unix_seconds(1'796'000'000);

inline std::optional<std::filesystem::path> cases(const std::string& folder) {
  const std::filesystem::path path = source_dir().parent_path() / "shared" / "data" / "cases" / folder;
  const std::filesystem::path inside = source_dir() / "shared" / "data" / "cases" / folder;
  for (const auto& one : {path, inside})
    if (std::filesystem::exists(one)) return one;
  WARN("skipped: no " << path.string() << " here");
  return std::nullopt;
}

inline ImportFile file_at(ImportKind kind, const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  INFO(path.string());
  REQUIRE_FALSE(text.str().empty());
  return {kind, path.filename().string(),
          path.extension() == ".csv" ? ImportFormat::kCsv : ImportFormat::kJson, text.str()};
}

inline ImportPlan planned(const std::vector<ImportFile>& files, const Registry::Snapshot& base = nullptr) {
  return plan_import(base, files, {kCaseTime, {}, {}});
}

}  // namespace chiploc::test
