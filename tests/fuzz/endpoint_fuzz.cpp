// Addresses as text: what is accepted has one other spelling, and that one reads back to itself.
#include "server/net/endpoint.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const auto endpoint = endpoint_from_text(fuzz::text_of(data, size));
  if (!endpoint) return 0;
  const std::string text = endpoint_text(*endpoint);
  fuzz::demand(endpoint_from_text(text) == *endpoint);
  fuzz::demand(from_asio(to_asio(*endpoint)) == *endpoint);
  return 0;
}
