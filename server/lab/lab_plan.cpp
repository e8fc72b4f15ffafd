#include "server/lab/lab_plan.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "geo/geodesic.hpp"
#include "proto/crypto/digest.hpp"

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
  for (std::size_t i = 0; i < file.anchors.size(); ++i) {
    if (file.anchors[i].rendezvous) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return geodesic_distance(place, file.anchors[a].place) < geodesic_distance(place, file.anchors[b].place);
  });
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

LabPlan plan_lab(LabFile file, int number, std::filesystem::path state) {
  LabPlan plan;
  plan.number = number;
  plan.state = std::move(state);
  plan.coordinator_address = "127." + std::to_string(4 * number + 1) + ".255.1:7443";
  for (std::size_t i = 0; i < file.anchors.size(); ++i) {
    const LabAnchor& anchor = file.anchors[i];
    plan.anchors.push_back({.name = anchor.name,
                            .real = address_in(number, Block::kAnchorReal, i, kAnchorPort),
                            .front = address_in(number, Block::kAnchorFront, i, kAnchorPort),
                            .folder = plan.state / "anchors" / anchor.name,
                            .site = {.name = anchor.name,
                                     .place = anchor.place,
                                     .last_mile = anchor.last_mile,
                                     .via = {},
                                     .via_last_mile = {}}});
  }
  const auto add_agent = [&](std::size_t index, const std::string& name, LatLon place,
                             std::optional<LatLon> via, bool clone) {
    const LabChip& chip = file.chips[index];
    const std::size_t i = plan.agents.size();
    LabAgent agent{.endpoint = {.name = name,
                                .real = address_in(number, Block::kAgentReal, i, kAgentPort),
                                .front = address_in(number, Block::kAgentFront, i, kAgentPort),
                                .folder = plan.state / "agents" / name,
                                .site = {.name = name,
                                         .place = place,
                                         .last_mile = chip.last_mile,
                                         .via = via,
                                         .via_last_mile = {}}},
                   .chip = index,
                   .clone = clone,
                   .rendezvous = {}};
    if (!chip.inbound) agent.rendezvous = nearest_rendezvous(file, seen_at(agent.endpoint.site));
    plan.agents.push_back(std::move(agent));
  };
  for (std::size_t i = 0; i < file.chips.size(); ++i) {
    const LabChip& chip = file.chips[i];
    plan.chip_ids.push_back(chip_id_of(file, chip.serial));
    if (chip.behaviour == Behaviour::kSilent) continue;
    add_agent(i, chip.serial, chip.at, chip.via, false);
    if (chip.clone_at) add_agent(i, chip.serial + "-clone", *chip.clone_at, std::nullopt, true);
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
      config.pairs.push_back({.a = pair.a, .b = pair.b, .round_trip = pair.round_trip});
  }
  return config;
}

std::vector<std::string> expected_states(const LabChip& chip, const LabLicence& licence,
                                         const std::set<CountryCode>& prohibited) {
  const bool inside = std::find(licence.countries.begin(), licence.countries.end(), chip.true_country) !=
                      licence.countries.end();
  const bool forbidden = prohibited.count(chip.true_country) != 0;
  switch (chip.behaviour) {
    case Behaviour::kHonest:
      return {"VERIFIED", "CLEARED", "UNRESOLVED"};
    case Behaviour::kMoved: {
      std::vector<std::string> states{"OUTSIDE"};
      if (forbidden) states.emplace_back("PROHIBITED");
      // Onto land that a licensed country claims: nothing is proved there.
      if (std::any_of(chip.claimants.begin(), chip.claimants.end(), [&](CountryCode code) {
            return std::find(licence.countries.begin(), licence.countries.end(), code) !=
                   licence.countries.end();
          }))
        states.emplace_back("UNRESOLVED");
      return states;
    }
    case Behaviour::kSilent:
      return {"SILENT"};
    case Behaviour::kCloned:
    case Behaviour::kForged:
    case Behaviour::kReplaying:
      return {"INVALID"};
    case Behaviour::kRelayed:
    case Behaviour::kStalled:
    case Behaviour::kLying:
      break;
  }
  std::vector<std::string> states;
  if (inside) states.emplace_back("VERIFIED");
  if (!forbidden) states.emplace_back("CLEARED");
  states.emplace_back("UNRESOLVED");
  if (!inside) states.emplace_back("OUTSIDE");
  if (forbidden) states.emplace_back("PROHIBITED");
  return states;
}

}  // namespace chiploc
