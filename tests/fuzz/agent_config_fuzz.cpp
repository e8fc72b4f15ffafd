// Arbitrary text as agent.toml: a configuration or faults, each with a problem and a remedy.
#include <cstdlib>

#include "agent/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto config = chiploc::parse_agent_config(text, "agent.toml", "/nonexistent");
  if (config) return 0;
  if (config.error().empty()) std::abort();
  for (const auto& fault : config.error()) {
    if (fault.problem.empty() || fault.remedy.empty()) std::abort();
  }
  return 0;
}
