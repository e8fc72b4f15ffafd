#include "agent/system.hpp"

#include <chrono>
#include <limits>

namespace chiploc {

SteadyTime agent_steady_now() { return {std::chrono::steady_clock::now().time_since_epoch()}; }
WallTime agent_wall_now() { return {std::chrono::system_clock::now().time_since_epoch()}; }

std::uint32_t SystemResidence::residence_ns(SteadyTime received) {
  const auto spent = (agent_steady_now() - received).count();
  if (spent < 0) return 0;
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  return spent > kMax ? kMax : static_cast<std::uint32_t>(spent);
}

}  // namespace chiploc
