// [[notices]] of a configuration: any text gives faults that name the file, or sinks within their limits.
#include <set>

#include "server/notices/receiver_url.hpp"
#include "server/notices/sink_config.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  TomlReader reader = TomlReader::parse(fuzz::text_of(data, size), "/fuzz/chiplocd.toml");
  const auto sinks = read_notice_sinks(reader);
  const auto faults = reader.finish();
  if (!faults.empty()) {
    fuzz::demand_faults_of(faults, "/fuzz/chiplocd.toml");
    return 0;
  }
  fuzz::demand(sinks.size() <= kNoticeSinksMax);
  std::set<std::string> names;
  for (const NoticeSinkConfig& config : sinks) {
    const NoticeSink& sink = config.sink;
    fuzz::demand(names.insert(sink.name).second && !sink.name.empty() && sink.name.size() <= 64);
    fuzz::demand(refusal_of_url(sink.to.url, sink.to.allow_http).empty());
    fuzz::demand(!sink.kinds.empty());
    for (const NoticeKind kind : sink.kinds) fuzz::demand(can_tell(sink.format, kind));
    fuzz::demand(config.secret.empty() == (sink.format == NoticeFormat::kAlertmanager));
    fuzz::demand(sink.alerts.again >= std::chrono::seconds{5} && sink.alerts.again <= std::chrono::hours{1});
  }
  return 0;
}
