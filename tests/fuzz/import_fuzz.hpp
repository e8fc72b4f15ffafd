#pragma once
// What must hold for every import file, whatever is in it. The first byte chooses the kind; the rest is the
// file.

#include <algorithm>
#include <cstdlib>

#include "server/registry/import.hpp"

namespace chiploc {

inline void require(bool holds) {
  if (!holds) std::abort();
}

inline int fuzz_import(const std::uint8_t* data, std::size_t size, ImportFormat format) {
  if (size == 0) return 0;
  ImportOptions options;
  options.now = WallTime{std::chrono::seconds{1'790'000'000}};
  options.limits.rows = 200;
  options.limits.field_bytes = 2'000;
  options.limits.faults = 10;
  const auto kind = static_cast<ImportKind>(1 + data[0] % 5);
  const ImportFile file{kind, "fuzz", format, {reinterpret_cast<const char*>(data) + 1, size - 1}};
  const ImportPlan plan = plan_import(nullptr, {file}, options);
  require(plan.ok() == (plan.registry != nullptr));
  require(plan.faults.size() == std::min<std::size_t>(plan.faults_total, options.limits.faults));
  // A lone CR ends a line of CSV too; JSON knows LF only, so this bounds both.
  const auto lines = 1 + std::count_if(file.content.begin(), file.content.end(),
                                       [](char c) { return c == '\n' || c == '\r'; });
  for (const ImportFault& fault : plan.faults) {
    require(static_cast<std::ptrdiff_t>(fault.line) <= lines);
    require(!fault.problem.empty() && fault.problem.size() < 1'000);
  }
  if (!plan.ok()) return 0;
  const ImportPlan again = plan_import(plan.registry, {file}, options);
  require(again.ok() && again.added == 0 && again.changed == 0);
  return 0;
}

}  // namespace chiploc
