#pragma once
// The emulated network of a simulated lab, whichever model it has.

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "server/lab/lab_plan.hpp"
#include "server/lab/model_paths.hpp"
#include "server/lab/relay_paths.hpp"

namespace chiploc {

/// Each call does for both what their headers say. One thread at a time.
class LabPaths {
 public:
  explicit LabPaths(RelayPaths paths) : paths_{std::move(paths)} {}
  explicit LabPaths(ModelPaths paths) : paths_{std::move(paths)} {}

  [[nodiscard]] RelayPaths::Decision forward(std::size_t from, std::size_t to, SteadyTime arrived) {
    return std::visit([&](auto& paths) { return paths.forward(from, to, arrived); }, paths_);
  }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    return std::visit([&](const auto& paths) { return paths.find(name); }, paths_);
  }
  void set_pair(std::size_t a, std::size_t b, const RelayPaths::Pair& pair) {
    std::visit([&](auto& paths) { paths.set_pair(a, b, pair); }, paths_);
  }
  void set_site(std::size_t index, const NetworkSite& site) {
    std::visit([&](auto& paths) { paths.set_site(index, site); }, paths_);
  }

 private:
  std::variant<RelayPaths, ModelPaths> paths_;
};

/// Of the lab's file, with its pairs. `epoch` is when lab time begins.
[[nodiscard]] LabPaths lab_paths_of(const LabPlan& plan, SteadyTime epoch);

}  // namespace chiploc
