// The bytes of one connection, as strangers send them: the same requests come out however the bytes were cut, none is
// beyond its bounds, and no assertion of a library's parser is reached.
#include <algorithm>
#include <vector>

#include "server/http/request_reader.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

constexpr std::size_t kBodyBytes = 64;
const HttpHeadLimits kLimits{.bytes = 512, .fields = 8, .target = {.bytes = 128}};

/// Each request on a line, then the refusal. `cuts` says how many bytes come at once, one after the other.
std::string seen(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  const BodyBound bound = [](const HttpRequest&) { return kBodyBytes; };
  RequestReader reader{kLimits, bound};
  std::string waiting;
  std::string out;
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t size = std::min(std::max<std::size_t>(cuts[i % cuts.size()], 1), bytes.size());
    waiting += bytes.substr(0, size);
    bytes.remove_prefix(size);
    while (reader.read(waiting) == RequestReader::State::kWhole) {
      const HttpRequest& request = reader.request();
      fuzz::demand(http_methods().find(request.method) != std::string_view::npos && request.method != "HEAD");
      fuzz::demand(request.body.size() <= kBodyBytes && request.fields.size() <= kLimits.fields);
      fuzz::demand(reader.whole_server() || request.path.front() == '/');
      out += request.method + " " + request.path + " " + std::to_string(request.query.size()) + " ";
      for (const auto& [name, value] : request.fields) out += name + ":" + value + ";";
      out +=
          request.body + (reader.head_only() ? " head" : "") + (reader.keep_alive() ? "" : " close") + "\n";
      reader.next();
    }
    if (reader.state() == RequestReader::State::kRefused) {
      fuzz::demand(reader.fault().status >= 400 && reader.fault().status < 600);
      return out + std::to_string(reader.fault().status) + " " + reader.fault().code;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = fuzz::text_of(data + 2, size - 2);
  const std::string whole = seen(bytes, {bytes.size()});
  fuzz::demand(seen(bytes, {1}) == whole);
  fuzz::demand(seen(bytes, {data[0] % 17U, data[1] % 61U}) == whole);
  return 0;
}
