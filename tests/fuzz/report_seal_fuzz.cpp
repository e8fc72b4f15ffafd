// A report's signature and a list of keys as somebody sent them: read strictly, or refused with a sentence. What is read
// is written again to the byte, and proves nothing by itself: only the key that is on the list may have signed it.
#include "proto/crypto/digest.hpp"
#include "server/reports/report_seal.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = key_from_ed25519_seed(ByteArray<32>{1}).value();
  static const ReportKeys keys{{{key->public_key(), {}, {}}}};
  const std::string_view text = fuzz::text_of(data, size);
  const auto seal = parse_seal(text);
  if (seal) {
    fuzz::demand(text_of(seal->seal) == seal->text);
    fuzz::demand(text.starts_with(seal->text));
    const auto proved = check_seal(*seal, seal->seal.sha256, seal->seal.bytes, keys);
    // Nobody forges one here; the corpus has some that are good, and those are as they were signed.
    if (proved) fuzz::demand(sign_seal(proved->seal, *key).value() == text);
  } else {
    fuzz::demand(!seal.error().empty());
  }
  const auto list = parse_report_keys(text, "keys.toml");
  if (!list) {
    fuzz::demand(!list.error().empty());
    return 0;
  }
  const auto again = parse_report_keys(report_keys_text(*list), "keys.toml");
  fuzz::demand(again && report_keys_text(*again) == report_keys_text(*list));
  return 0;
}
