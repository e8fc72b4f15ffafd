// Arbitrary text as a stored event: refused with a sentence, or exactly what this version would have written, and then
// every form of it is one line of ASCII.
#include <nlohmann/json.hpp>

#include "server/notices/alert.hpp"
#include "server/notices/cloud_event.hpp"
#include "server/notices/ocsf.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::string text{fuzz::text_of(data, size)};
  const auto read = read_cloud_event(text);
  if (!read) {
    fuzz::demand(!read.error().empty());
    return 0;
  }
  fuzz::demand(refusal_of(read->notice).empty());
  fuzz::demand(cloud_event_text(read->notice, read->source) == text);
  const std::string line = ocsf_line(read->notice, read->source);
  const std::string alerts = alerts_text({read->notice}, read->source, read->notice.at, {});
  fuzz::demand(alerts.empty() != makes_alert(read->notice.kind()));
  for (const std::string& form : {line, alerts}) {
    for (const char c : form) fuzz::demand(c >= 0x20 && c < 0x7f);
    if (!form.empty()) fuzz::demand(!nlohmann::json::parse(form, nullptr, false).is_discarded());
  }
  return 0;
}
