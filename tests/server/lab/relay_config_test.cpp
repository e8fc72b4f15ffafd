#include "server/lab/relay_config.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

struct TemporaryFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("relay_config_test." + std::to_string(::getpid()) + ".toml");
  explicit TemporaryFile(const std::string& text) { std::ofstream{path} << text; }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

TEST_CASE("relay.toml: what the lab writes is what the relay reads", "[sim][relay]") {
  RelayConfig config;
  config.control = "/tmp/somewhere/relay.sock";
  config.network.seed = 77;
  config.network.loss = 0.25;
  config.network.burst_mean = Nanoseconds{1'234'500};
  const LatLon here = *LatLon::from_degrees({.lat = 50.123456789, .lon = -8.7});
  const LatLon there = *LatLon::from_degrees({.lat = 1.5, .lon = 103.25});
  config.endpoints.push_back(
      {.site = {.name = "fra1", .place = here, .last_mile = {}, .via = {}, .via_last_mile = {}},
       .front = *UdpAddress::from_text("127.2.0.1:7411"),
       .real = *UdpAddress::from_text("127.4.0.1:7411")});
  config.endpoints.push_back({.site = {.name = "chip",
                                       .place = there,
                                       .last_mile = Nanoseconds{150'000},
                                       .via = here,
                                       .via_last_mile = Nanoseconds{110'000},
                                       .via_delay = Nanoseconds{250'000},
                                       .extra = {.loss = 0.125, .added_round_trip = Nanoseconds{5'000}},
                                       .route = "hall-1"},
                              .front = *UdpAddress::from_text("127.3.0.1:7400"),
                              .real = *UdpAddress::from_text("127.1.0.1:7400")});
  config.pairs.push_back({.a = "fra1", .b = "chip", .round_trip = Nanoseconds{12'345'678}});
  config.pairs.push_back({.a = "chip",
                          .b = "fra1",
                          .round_trip = {},
                          .extra = {.loss = 0.25, .added_round_trip = Nanoseconds{77'000}}});
  const TemporaryFile file{relay_config_text(config)};
  const auto read = load_relay_config(file.path);
  if (!read) FAIL(read.error().front());
  const RelayConfig& back = read.value();
  CHECK(back.control == config.control);
  CHECK(back.network.seed == 77);
  CHECK(back.network.loss == 0.25);
  CHECK(back.network.burst_mean == config.network.burst_mean);
  REQUIRE(back.endpoints.size() == 2);
  CHECK(back.endpoints[0].site.place == here);
  CHECK_FALSE(back.endpoints[0].site.last_mile.has_value());
  CHECK(back.endpoints[1].front == config.endpoints[1].front);
  CHECK(back.endpoints[1].real.text() == "127.1.0.1:7400");
  CHECK(back.endpoints[1].site.via == here);
  CHECK(back.endpoints[0].site.route.empty());
  CHECK(back.endpoints[1].site.route == "hall-1");
  CHECK(back.endpoints[1].site.via_last_mile == Nanoseconds{110'000});
  CHECK(back.endpoints[1].site.last_mile == Nanoseconds{150'000});
  CHECK(back.endpoints[1].site == config.endpoints[1].site);
  CHECK(back.endpoints[0].site.extra == PathExtra{});
  REQUIRE(back.pairs.size() == 2);
  CHECK_FALSE(back.pairs[1].round_trip.has_value());
  CHECK(back.pairs[1].extra == config.pairs[1].extra);
  CHECK(relay_paths_of(back).round_trip(0, 1) == relay_paths_of(config).round_trip(0, 1));
  CHECK(back.pairs[0].round_trip == Nanoseconds{12'345'678});
}

TEST_CASE("relay.toml: a fault names file, line and key", "[sim][relay]") {
  const TemporaryFile file{
      "[relay]\ncontrol = \"r.sock\"\n[[endpoint]]\nname = \"a\"\nfront = \"nowhere\"\nreal = "
      "\"127.1.0.1:7400\"\nlat = 91\nlon = 0\n"
      "[[pair]]\na = \"a\"\nb = \"z\"\nrtt_ms = 3\n"};
  const auto read = load_relay_config(file.path);
  REQUIRE_FALSE(read.has_value());
  const std::vector<std::string>& faults = read.error();
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].find(":5: endpoint.front: ") != std::string::npos);
  CHECK(faults[1].find(":7: endpoint.lat: ") != std::string::npos);
  CHECK(faults[2].find(":11: pair.b: ") != std::string::npos);
}

TEST_CASE("UdpAddress: takes IPv4 and a port, nothing else", "[sim][relay]") {
  CHECK(UdpAddress::from_text("127.2.0.1:7411")->text() == "127.2.0.1:7411");
  for (const char* wrong : {"", "127.2.0.1", "127.2.0.1:", "127.2.0.1:0", "127.2.0.1:65536", "127.2.0:80",
                            "127.2.0.1:80x", ":80"}) {
    CHECK_FALSE(UdpAddress::from_text(wrong).has_value());
  }
}

}  // namespace
}  // namespace chiploc
