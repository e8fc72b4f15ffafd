#include "server/lab/lab_plan.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "geo/geodesic.hpp"
#include "proto/crypto/digest.hpp"
#include "server/lab/lab_timeline.hpp"

namespace chiploc {
namespace {

constexpr std::uint16_t kAnchorPort = 7411;
constexpr std::uint16_t kAgentPort = 7400;
constexpr std::size_t kRendezvousPerAgent = 3;

enum class Block : int { kAgentReal = 1, kAnchorFront = 2, kAgentFront = 3, kAnchorReal = 4 };

UdpAddress address_in(int number, Block block, std::size_t index, std::uint16_t port) {
  const auto second = static_cast<std::uint32_t>(4 * number + static_cast<int>(block));
  const auto high = static_cast<std::uint32_t>(index / 250);
  const auto low = static_cast<std::uint32_t>(1 + index % 250);
  return {.address = (127U << 24U) | (second << 16U) | (high << 8U) | low, .port = port};
}

/// Where the traffic of a chip comes out; the place that rendezvous anchors are near to.
LatLon seen_at(const NetworkSite& site) { return site.via.value_or(site.place); }

std::vector<std::size_t> nearest_rendezvous(const LabFile& file, LatLon place) {
  std::vector<std::size_t> order;
  std::vector<Kilometers> away(file.anchors.size(), Kilometers{0.0});
  for (std::size_t i = 0; i < file.anchors.size(); ++i) {
    if (!file.anchors[i].rendezvous) continue;
    order.push_back(i);
    away[i] = geodesic_distance(place, file.anchors[i].place);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return away[a] < away[b]; });
  if (order.size() > kRendezvousPerAgent) order.resize(kRendezvousPerAgent);
  return order;
}

ChipId chip_id_of(const LabFile& file, const std::string& serial) {
  const std::string text =
      "chiploc lab chip\n" + file.name + "\n" + std::to_string(file.network.seed) + "\n" + serial;
  const Digest digest = sha256(bytes_of(text));
  return *ChipId::from_bytes(Bytes{digest.bytes}.first(ChipId::kSize));
}

}  // namespace

const LabAgent* LabPlan::agent_of(std::size_t chip) const {
  const auto at = std::find_if(agents.begin(), agents.end(),
                               [&](const LabAgent& a) { return a.chip == chip && !a.clone; });
  return at == agents.end() ? nullptr : &*at;
}

NetworkSite site_of(const LabAnchor& anchor) {
  return {.name = anchor.name,
          .place = anchor.true_place.value_or(anchor.place),
          .last_mile = anchor.last_mile,
          .via = {},
          .via_last_mile = {},
          .extra = anchor.extra};
}

NetworkSite site_of(const LabChip& chip, bool clone) {
  NetworkSite site{.name = clone ? chip.serial + "-clone" : chip.serial,
                   .place = clone                                     ? chip.clone_at.value_or(chip.at)
                            : chip.behaviour == Behaviour::kExtracted ? chip.site
                                                                      : chip.at,
                   .last_mile = chip.last_mile,
                   .via = {},
                   .via_last_mile = {},
                   .extra = chip.extra,
                   .kind = EndKind::kChip};
  if (clone) return site;
  site.route = chip.route;
  site.via = chip.via;
  site.via_last_mile = chip.via_last_mile;
  site.via_delay = chip.via_delay;
  site.exits = chip.exits;
  return site;
}

std::vector<std::size_t> rendezvous_of(const LabFile& file, const LabChip& chip, bool clone) {
  if (chip.inbound) return {};
  return nearest_rendezvous(file, seen_at(site_of(chip, clone)));
}

bool runs(const LabChip& chip, bool clone) {
  return clone ? chip.behaviour == Behaviour::kCloned : chip.behaviour != Behaviour::kSilent;
}

LabPlan plan_lab(LabFile file, int number, std::filesystem::path state) {
  LabPlan plan;
  plan.number = number;
  plan.state = std::move(state);
  plan.coordinator_address = "127." + std::to_string(4 * number + 1) + ".255.1:7443";
  plan.page_address = "127." + std::to_string(4 * number + 1) + ".255.1:7480";
  for (std::size_t i = 0; i < file.anchors.size(); ++i) {
    const LabAnchor& anchor = file.anchors[i];
    plan.anchors.push_back({.name = anchor.name,
                            .real = address_in(number, Block::kAnchorReal, i, kAnchorPort),
                            .front = address_in(number, Block::kAnchorFront, i, kAnchorPort),
                            .folder = plan.state / "anchors" / anchor.name,
                            .site = site_of(anchor)});
  }
  const auto add_agent = [&](std::size_t index, bool clone) {
    const LabChip& chip = file.chips[index];
    const std::size_t i = plan.agents.size();
    const NetworkSite site = site_of(chip, clone);
    LabAgent agent{.endpoint = {.name = site.name,
                                .real = address_in(number, Block::kAgentReal, i, kAgentPort),
                                .front = address_in(number, Block::kAgentFront, i, kAgentPort),
                                .folder = plan.state / "agents" / site.name,
                                .site = site},
                   .chip = index,
                   .clone = clone,
                   .rendezvous = {}};
    agent.rendezvous = rendezvous_of(file, chip, clone);
    plan.agents.push_back(std::move(agent));
  };
  for (std::size_t i = 0; i < file.chips.size(); ++i) {
    plan.chip_ids.push_back(chip_id_of(file, file.chips[i].serial));
    bool has_program = false;
    for (std::size_t b = 0; b < kBehaviours; ++b) {
      const auto behaviour = static_cast<Behaviour>(b);
      has_program = has_program || (behaviour != Behaviour::kSilent && ever(file, i, behaviour));
    }
    if (!has_program) continue;
    add_agent(i, false);
    if (ever(file, i, Behaviour::kCloned)) add_agent(i, true);
  }
  plan.file = std::move(file);
  return plan;
}

RelayConfig relay_config_of(const LabPlan& plan) {
  RelayConfig config;
  config.control = plan.relay_socket();
  config.network = plan.file.network;
  const auto add = [&](const LabEndpoint& e) {
    config.endpoints.push_back({.site = e.site, .front = e.front, .real = e.real});
  };
  for (const LabEndpoint& anchor : plan.anchors) add(anchor);
  for (const LabAgent& agent : plan.agents) add(agent.endpoint);
  for (const LabPair& pair : plan.file.pairs) {
    const auto exists = [&](const std::string& name) {
      return std::any_of(config.endpoints.begin(), config.endpoints.end(),
                         [&](const RelayEndpoint& e) { return e.site.name == name; });
    };
    if (exists(pair.a) && exists(pair.b))
      config.pairs.push_back({.a = pair.a, .b = pair.b, .round_trip = pair.round_trip, .extra = pair.extra});
  }
  return config;
}

bool covers(const LabPlaces& places, const LabChip& chip) {
  const auto in = [](const auto& list, const auto& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  return in(places.countries, chip.true_country) ||
         std::any_of(chip.territories.begin(), chip.territories.end(),
                     [&](const std::string& name) { return in(places.territories, name); });
}

std::vector<std::string> expected_states(const LabChip& chip, const LabLicence& licence,
                                         const LabPlaces& prohibited) {
  switch (chip.behaviour) {
    case Behaviour::kHonest:
    case Behaviour::kExtracted:
      return {"VERIFIED", "CLEARED", "UNRESOLVED"};
    case Behaviour::kSilent:
      return {"SILENT"};
    case Behaviour::kForged:
    case Behaviour::kReplaying:
      return {"INVALID"};
    case Behaviour::kCloned:
      return {"INVALID", "UNRESOLVED"};
    case Behaviour::kMoved:
    case Behaviour::kRelayed:
    case Behaviour::kStalled:
    case Behaviour::kLying:
    case Behaviour::kEarly:
      break;
  }
  const bool inside = covers(licence.places, chip);
  const bool forbidden = covers(prohibited, chip);
  std::vector<std::string> states;
  if (inside) states.emplace_back("VERIFIED");
  // What a licence names is not prohibited for that licence, unless an area within it is.
  if (inside || !forbidden) states.emplace_back("CLEARED");
  states.emplace_back("UNRESOLVED");
  if (!inside) states.emplace_back("OUTSIDE");
  if (forbidden) states.emplace_back("PROHIBITED");
  return states;
}

}  // namespace chiploc
