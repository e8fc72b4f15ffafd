// Targets of HTTP requests: what is accepted climbs nowhere, is text, and has one meaning, which a target written from it
// has as well.
#include "server/http/http_target.hpp"

#include "proto/base/safe_text.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || *point < 0x20 || *point == 0x7f) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto target = parse_http_target(text);
  if (!target) {
    fuzz::demand(target.error().status == 400 || target.error().status == 414);
    return 0;
  }
  std::string again = target->segments.empty() ? "/" : "";
  for (const std::string& segment : target->segments) {
    fuzz::demand(is_text(segment) && segment != "." && segment != ".." &&
                 segment.find('\\') == std::string::npos);
    fuzz::demand(("/" + segment + "/").find("/../") == std::string::npos);
    again += "/" + encoded(segment);
  }
  fuzz::demand(target->path.front() == '/' && is_text(target->path));
  for (std::size_t i = 0; i < target->query.size(); ++i) {
    const auto& [name, value] = target->query[i];
    fuzz::demand(!name.empty() && is_text(name) && is_text(value));
    again += (i == 0 ? "?" : "&") + encoded(name) + "=" + encoded(value);
  }
  HttpTargetLimits wide;
  wide.bytes = again.size();
  const auto same = parse_http_target(again, wide);
  fuzz::demand(same && same->path == target->path && same->segments == target->segments &&
               same->query == target->query);
  return 0;
}
