// Arbitrary text as anchor.toml: a configuration whose numbers are within their stated ranges, or faults.
#include "server/anchor/config.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const fuzz::ScratchFolder kFolder;
  const auto file = kFolder.write("anchor.toml", fuzz::text_of(data, size));
  const auto config = load_anchor_config(file);
  if (!config) {
    fuzz::demand_faults_of(config.error(), file);
    return 0;
  }
  fuzz::demand(!config->name.empty() && config->name.size() <= 64 && !config->listen.empty());
  fuzz::demand(config->rounds >= 1 && config->spool_messages >= 2);
  fuzz::demand(config->mesh_interval >= std::chrono::milliseconds{40});
  return 0;
}
