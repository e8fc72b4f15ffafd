// What receivers and the files of secrets say: a Retry-After within its bounds, an address whose host and port are what
// they seem, base64 with one spelling, and a key or a refusal without a character of it.
#include "proto/base/base64.hpp"
#include "server/notices/receiver_address.hpp"
#include "server/notices/receiver_url.hpp"
#include "server/notices/retry_after.hpp"
#include "server/notices/webhook_signature.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::string_view text = fuzz::text_of(data, size);
  const auto wait = retry_after_of(text, wall_from_unix_seconds(1'796'126'400));
  if (wait) fuzz::demand(wait->count() >= 0 && *wait <= std::chrono::seconds{1'000'000'000});

  const bool secure = refusal_of_url(text, false).empty();
  const bool plain = refusal_of_url(text, true).empty();
  fuzz::demand(!secure || (plain && text.substr(0, 8) == "https://"));
  if (plain)
    fuzz::demand(text.size() <= kReceiverUrlMax && text.find_first_of(" \r\n\t#") == std::string_view::npos);

  ByteVector out(size);
  if (const auto decoded = base64_decode(text, out))
    fuzz::demand(base64_text(Bytes{out}.first(*decoded)) == text);

  const auto key = WebhookKey::from_text(text);
  if (key) fuzz::demand(key->sign(bytes_of("a.b.c")).has_value());

  if (size == 4 || size == 16) {
    const AddressKind kind = address_kind_of({data, size});
    fuzz::demand(!may_send_to(kind, false) || may_send_to(kind, true));
    fuzz::demand(!name_of(kind).empty());
  }
  return 0;
}
