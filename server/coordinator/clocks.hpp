#pragma once
#include <chrono>

#include "proto/base/time.hpp"

namespace chiploc {

// The coordinator's shell reads its clocks here and nowhere else; what it calls takes instants.
[[nodiscard]] inline SteadyTime steady_now() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}
[[nodiscard]] inline WallTime wall_now() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
}

}  // namespace chiploc
