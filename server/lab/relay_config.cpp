#include "server/lab/relay_config.hpp"

#include <sys/resource.h>

#include <asio/signal_set.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <utility>

#include "server/config/toml_reader.hpp"
#include "server/lab/milliseconds.hpp"
#include "server/lab/relay_control.hpp"

namespace chiploc {
namespace {

constexpr int kExitCannotStart = 69;
constexpr int kExitBadFile = 78;
constexpr int kPriority = -10;

Nanoseconds from_us(double us) { return from_ms(us / 1000.0); }
double to_us(Nanoseconds t) { return static_cast<double>(t.count()) / 1e3; }

std::optional<LatLon> read_place(TomlSection& section, const std::string& prefix) {
  const double lat = section.number(prefix + "lat", -90.0, 90.0, std::nullopt);
  const double lon = section.number(prefix + "lon", -180.0, 180.0, std::nullopt);
  return LatLon::from_degrees({.lat = lat, .lon = lon});
}

UdpAddress read_address(TomlSection& section, std::string_view key) {
  const std::string text = section.text(key);
  const auto address = UdpAddress::from_text(text);
  if (!address && !text.empty())
    section.fault(key, "\"" + text + "\" is no IPv4 address and port; write 127.2.0.1:7411");
  return address.value_or(UdpAddress{});
}

PathExtra read_extra(TomlSection& section) {
  return {.loss = section.number("loss", 0.0, 1.0, 0.0),
          .added_round_trip = from_ms(section.number("added_rtt_ms", 0.0, 3.6e6, 0.0))};
}

std::string extra_text(const PathExtra& extra) {
  std::ostringstream out;
  out.precision(17);
  if (extra.loss > 0.0) out << "loss = " << extra.loss << "\n";
  if (extra.added_round_trip > Nanoseconds{0})
    out << "added_rtt_ms = " << to_ms(extra.added_round_trip) << "\n";
  return out.str();
}

RelayEndpoint read_endpoint(TomlSection& section) {
  // The place is replaced when the file has one; a fault was noted otherwise.
  RelayEndpoint endpoint{.site = {.name = section.text("name"),
                                  .place = *LatLon::from_degrees({}),
                                  .last_mile = {},
                                  .via = {},
                                  .via_last_mile = {}},
                         .front = read_address(section, "front"),
                         .real = read_address(section, "real")};
  if (const auto place = read_place(section, "")) endpoint.site.place = *place;
  if (const double ms = section.number("last_mile_ms", 0.0, 1000.0, -1.0); ms >= 0.0)
    endpoint.site.last_mile = from_ms(ms);
  if (section.boolean("relayed", false)) {
    endpoint.site.via = read_place(section, "via_");
    const double ms = section.number("via_last_mile_ms", 0.0, 1000.0, -1.0);
    if (ms >= 0.0) endpoint.site.via_last_mile = from_ms(ms);
    endpoint.site.via_delay = from_ms(section.number("via_delay_ms", 0.0, 1e4, 0.0));
  }
  endpoint.site.extra = read_extra(section);
  endpoint.site.route = section.text("route", "");
  return endpoint;
}

}  // namespace

Result<RelayConfig, std::vector<std::string>> load_relay_config(const std::filesystem::path& file) {
  TomlReader reader = TomlReader::load(file);
  RelayConfig config;
  TomlSection relay = reader.section("relay");
  config.control = relay.path("control");
  TomlSection network = reader.section("network");
  NetworkOptions& o = config.network;
  o.seed = static_cast<std::uint64_t>(network.integer("seed", {.min = 0, .otherwise = 1}));
  o.loss = network.number("loss", 0.0, 1.0, o.loss);
  o.reorder = network.number("reorder", 0.0, 1.0, o.reorder);
  o.queue_mean = from_us(network.number("queue_mean_us", 0.0, 1e6, to_us(o.queue_mean)));
  o.burst = network.number("burst", 0.0, 1.0, o.burst);
  o.burst_mean = from_us(network.number("burst_mean_us", 0.0, 1e6, to_us(o.burst_mean)));
  o.asymmetry = network.number("asymmetry", 0.0, 0.5, o.asymmetry);
  for (TomlSection& section : reader.sections("endpoint")) config.endpoints.push_back(read_endpoint(section));
  for (TomlSection& section : reader.sections("pair")) {
    PairOverride pair{.a = section.text("a"), .b = section.text("b")};
    if (const double ms = section.number("rtt_ms", 0.0, 3.6e6, -1.0); ms >= 0.0)
      pair.round_trip = from_ms(ms);
    pair.extra = read_extra(section);
    const auto known = [&](const std::string& name) {
      for (const RelayEndpoint& endpoint : config.endpoints) {
        if (endpoint.site.name == name) return true;
      }
      return false;
    };
    if (!known(pair.a)) section.fault("a", "no endpoint is named \"" + pair.a + "\"");
    if (!known(pair.b) || pair.a == pair.b)
      section.fault("b", "no other endpoint is named \"" + pair.b + "\"");
    config.pairs.push_back(std::move(pair));
  }
  if (auto faults = reader.finish(); !faults.empty()) return Fail{std::move(faults)};
  return config;
}

std::string relay_config_text(const RelayConfig& config) {
  std::ostringstream out;
  out.precision(17);
  const NetworkOptions& o = config.network;
  out << "[relay]\ncontrol = \"" << config.control.string() << "\"\n\n[network]\nseed = " << o.seed
      << "\nloss = " << o.loss << "\nreorder = " << o.reorder << "\nqueue_mean_us = " << to_us(o.queue_mean)
      << "\nburst = " << o.burst << "\nburst_mean_us = " << to_us(o.burst_mean)
      << "\nasymmetry = " << o.asymmetry << "\n";
  for (const RelayEndpoint& e : config.endpoints) {
    out << "\n[[endpoint]]\nname = \"" << e.site.name << "\"\nfront = \"" << e.front.text() << "\"\nreal = \""
        << e.real.text() << "\"\nlat = " << e.site.place.lat_deg() << "\nlon = " << e.site.place.lon_deg()
        << "\n";
    if (e.site.last_mile) out << "last_mile_ms = " << to_ms(*e.site.last_mile) << "\n";
    if (e.site.via) {
      out << "relayed = true\nvia_lat = " << e.site.via->lat_deg() << "\nvia_lon = " << e.site.via->lon_deg()
          << "\n";
      if (e.site.via_last_mile) out << "via_last_mile_ms = " << to_ms(*e.site.via_last_mile) << "\n";
      out << "via_delay_ms = " << to_ms(e.site.via_delay) << "\n";
    }
    if (!e.site.route.empty()) out << "route = \"" << e.site.route << "\"\n";
    out << extra_text(e.site.extra);
  }
  for (const PairOverride& pair : config.pairs) {
    out << "\n[[pair]]\na = \"" << pair.a << "\"\nb = \"" << pair.b << "\"\n";
    if (pair.round_trip) out << "rtt_ms = " << to_ms(*pair.round_trip) << "\n";
    out << extra_text(pair.extra);
  }
  return out.str();
}

namespace {
void apply_pairs(const std::vector<PairOverride>& pairs, RelayPaths& paths) {
  for (const PairOverride& pair : pairs) {
    paths.set_pair(*paths.find(pair.a), *paths.find(pair.b),
                   {.round_trip = pair.round_trip, .extra = pair.extra});
  }
}
}  // namespace

RelayPaths relay_paths_of(const RelayConfig& config) {
  std::vector<NetworkSite> sites;
  for (const RelayEndpoint& endpoint : config.endpoints) sites.push_back(endpoint.site);
  RelayPaths paths{config.network, std::move(sites)};
  apply_pairs(config.pairs, paths);
  return paths;
}

int run_relay(const std::filesystem::path& config_file) {
  const auto config = load_relay_config(config_file);
  if (!config) {
    for (const std::string& fault : config.error()) std::fprintf(stderr, "%s\n", fault.c_str());
    return kExitBadFile;
  }
  auto relay = Relay::open(config.value().network, config.value().endpoints);
  if (!relay) {
    std::fprintf(stderr, "chiploc lab relay: %s\n", relay.error().c_str());
    return kExitCannotStart;
  }
  Relay& running = *relay.value();
  apply_pairs(config->pairs, running.paths());
  const auto control = RelayControl::open(running, config.value().control);
  if (!control) {
    std::fprintf(stderr, "chiploc lab relay: %s\n", control.error().c_str());
    return kExitCannotStart;
  }
  asio::signal_set signals{running.io(), SIGINT, SIGTERM};
  signals.async_wait([&running](const asio::error_code& error, int) {
    if (!error) running.stop();
  });
  // Where it is allowed, ahead of the forty programs that share the machine: what delays the relay lengthens
  // every path. Refused without privileges, and then the error that is printed in the end says what that
  // cost.
  ::setpriority(PRIO_PROCESS, 0, kPriority);
  running.run();
  std::fprintf(stderr, "relay.stopped %s\n", answer_control_line(running, "status").c_str());
  return 0;
}

}  // namespace chiploc
