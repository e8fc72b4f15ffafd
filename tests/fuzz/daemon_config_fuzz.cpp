// Configuration files of the server programs: any text gives faults or a configuration, never a crash, and
// every fault names the file.
#include <cstdlib>

#include "server/coordinator/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto result = chiploc::parse_daemon_config(text, "/fuzz/chiplocd.toml");
  for (const std::string& fault : result.faults) {
    if (fault.rfind("/fuzz/chiplocd.toml:", 0) != 0) std::abort();
  }
  return 0;
}
