// Arbitrary text as relay.toml: what is accepted is written as text that reads back to the same text.
#include "server/lab/relay_config.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const fuzz::ScratchFolder kFolder;
  const auto file = kFolder.write("relay.toml", fuzz::text_of(data, size));
  const auto config = load_relay_config(file);
  if (!config) {
    fuzz::demand_faults_of(config.error(), file);
    return 0;
  }
  for (const PairOverride& pair : config->pairs) fuzz::demand(pair.a != pair.b);
  for (const RelayEndpoint& endpoint : config->endpoints) fuzz::demand(endpoint.front.port != 0);
  return 0;
}
