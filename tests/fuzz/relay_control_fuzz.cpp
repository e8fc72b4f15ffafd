// Arbitrary lines to a relay's control socket: each is answered by one line of JSON that says how it went.
#include <nlohmann/json.hpp>

#include "server/lab/relay_control.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

std::unique_ptr<chiploc::Relay> make_relay() {
  using namespace chiploc;
  const auto site = [](const char* name, double lat) {
    return NetworkSite{.name = name,
                       .place = *LatLon::from_degrees({.lat = lat, .lon = 8.0}),
                       .last_mile = {},
                       .via = {},
                       .via_last_mile = {}};
  };
  constexpr std::uint32_t kLoopback = 0x7F000001;
  auto relay = Relay::open({}, {{site("fra1", 50.0), {kLoopback, 0}, {kLoopback, 1}},
                                {site("ams1", 52.0), {kLoopback, 0}, {kLoopback, 2}}});
  fuzz::demand(relay.has_value());
  return std::move(*relay);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const auto kRelay = make_relay();
  const std::string answer = answer_control_line(*kRelay, fuzz::text_of(data, size));
  fuzz::demand(answer.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  fuzz::demand(json.is_object() && json.contains("ok") && json["ok"].is_boolean());
  fuzz::demand(json["ok"].get<bool>() || !json["problem"].get<std::string>().empty());
  const auto round_trip = kRelay->paths().round_trip(0, 1);
  // An hour stated, three added (both ends, the pair), ten seconds a datagram in each proxy.
  fuzz::demand(round_trip.count() >= 0 && round_trip <= std::chrono::hours{5});
  return 0;
}
