// Arbitrary text as cli.toml: settings that are complete, or sentences that say what is wrong.
#include "server/cli/settings.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const fuzz::ScratchFolder kFolder;
  ConnectionFlags flags;
  flags.config = kFolder.write("cli.toml", fuzz::text_of(data, size)).string();
  const auto settings = load_settings(flags);
  if (!settings) {
    fuzz::demand(settings.error().code == ExitCode::kBadConfig && !settings.error().text.empty());
    return 0;
  }
  fuzz::demand(!settings->server.empty() && !settings->server_name.empty());
  fuzz::demand(!settings->tls.ca.empty() && !settings->tls.certificate.empty() && !settings->tls.key.empty());
  return 0;
}
