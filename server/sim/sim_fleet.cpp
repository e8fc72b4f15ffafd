#include "server/sim/sim_fleet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"

namespace chiploc::sim {
namespace {

struct City {
  const char* name;
  const char* country;
  Degrees place;
};
constexpr std::array<City, 16> kCities{{{"frankfurt", "DE", {.lat = 50.11, .lon = 8.68}},
                                        {"berlin", "DE", {.lat = 52.52, .lon = 13.40}},
                                        {"paris", "FR", {.lat = 48.86, .lon = 2.35}},
                                        {"amsterdam", "NL", {.lat = 52.37, .lon = 4.90}},
                                        {"munich", "DE", {.lat = 48.14, .lon = 11.58}},
                                        {"lyon", "FR", {.lat = 45.76, .lon = 4.84}},
                                        {"hamburg", "DE", {.lat = 53.55, .lon = 9.99}},
                                        {"zurich", "CH", {.lat = 47.37, .lon = 8.54}},
                                        {"new-york", "US", {.lat = 40.71, .lon = -74.01}},
                                        {"ashburn", "US", {.lat = 39.04, .lon = -77.49}},
                                        {"chicago", "US", {.lat = 41.88, .lon = -87.63}},
                                        {"dallas", "US", {.lat = 32.78, .lon = -96.80}},
                                        {"seattle", "US", {.lat = 47.61, .lon = -122.33}},
                                        {"tokyo", "JP", {.lat = 35.68, .lon = 139.69}},
                                        {"singapore", "SG", {.lat = 1.35, .lon = 103.82}},
                                        {"vienna", "AT", {.lat = 48.21, .lon = 16.37}}}};
/// Where chips stand that are licensed, and where they are found when they are diverted.
constexpr std::array<std::size_t, 5> kHomes{0, 4, 2, 9, 11};
constexpr Degrees kElsewhere{.lat = 55.76, .lon = 37.62};
constexpr const char* kProhibited[] = {"RU", "KP", "IR"};

constexpr std::uint16_t kAnchorPort = 7411;
constexpr std::uint16_t kChipPort = 7400;
constexpr double kRouteFactor = 1.3;  // of a path to its geodesic
constexpr std::size_t kRendezvous = 2;
constexpr int kDays = 3'650;

CountryCode code(const char* text) { return CountryCode::from_text(text).value(); }

template <class SomeBytes>
SomeBytes drawn(SimWorld& world) {
  SomeBytes out;
  world.fill(out);
  return out;
}

std::unique_ptr<SoftwareKey> draw_key(SimWorld& world) {
  return key_from_ed25519_seed(drawn<ByteArray<32>>(world)).value();
}

Endpoint endpoint_of_chip(std::size_t i) {
  return sim_endpoint(static_cast<std::uint8_t>(2 + i / 250), static_cast<std::uint8_t>(1 + i % 250),
                      kChipPort);
}
Endpoint anchor_endpoint(std::size_t i) {
  return sim_endpoint(1, static_cast<std::uint8_t>(i + 1), kAnchorPort);
}

/// One way between two hosts: light in fibre over a route, and what each end adds.
Nanoseconds delay_between(Degrees a, Degrees b, Nanoseconds ends) {
  const Kilometers way = geodesic_distance(LatLon::from_degrees(a).value(), LatLon::from_degrees(b).value());
  const double seconds = way.km() * kRouteFactor / kLightInFibre.km_s();
  return ends + Nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

}  // namespace

SimFleet::SimFleet(const FleetOptions& options, Store& store, const Borders& borders)
    : options_{options},
      store_{store},
      borders_{borders},
      world_{options.seed},
      network_{world_, options.path} {
  // The scheduler's periods are whole multiples of the cadence since 1970: the run begins with one.
  const Nanoseconds into = world_.wall().since_epoch % options_.cadence;
  world_.run_for(options_.cadence - into);
  make_registry();
  make_paths();
  start_programs();
}

SimFleet::~SimFleet() = default;

void SimFleet::make_registry() {
  coordinator_key_ = draw_key(world_);
  IssueRequest request;
  request.from = world_.wall() - std::chrono::hours{24};
  request.days = kDays;
  request.common_name = "Maker";
  request.certificate_serial = drawn<ByteArray<16>>(world_);
  const CertificateAuthority maker = CertificateAuthority::create(request, draw_key(world_)).value();
  Registry next;
  next.put(Maker{.name = "Maker", .ca_certificates = {maker.certificate().pem()}});
  NamedPlaces prohibited;
  for (const char* text : kProhibited) prohibited.countries.push_back(code(text));
  std::sort(prohibited.countries.begin(), prohibited.countries.end());
  next.set_prohibited(prohibited);
  for (const std::size_t home : kHomes) {
    next.put(LicenceRecord{.id = std::string{"L-"} + kCities[home].name,
                           .holder = "Example Ltd",
                           .places = {{code(kCities[home].country)}, {}},
                           .valid_from = Date{std::chrono::year{2020} / 1 / 1},
                           .valid_to = Date{std::chrono::year{2199} / 1 / 1}});
  }
  for (std::size_t i = 0; i < options_.anchors; ++i) {
    const City& city = kCities[i % kCities.size()];
    anchor_keys_.push_back(draw_key(world_));
    anchor_hosts_.push_back({city.place, std::chrono::microseconds{20}});
    AnchorRecord anchor;
    anchor.name = std::string{city.name} + "-" + std::to_string(i);
    anchor.public_key = anchor_keys_.back()->public_key().raw_ed25519().value();
    anchor.id = anchor_id_of(anchor.public_key);
    anchor.place = city.place;
    anchor.operator_name = "op-" + std::to_string(i);
    anchor.network = "net-" + std::to_string(i);
    anchor.endpoint = anchor_endpoint(i);
    anchor.rendezvous = i < kRendezvous;
    if (options_.mistakes.anchor) options_.mistakes.anchor(i, anchor);
    next.put(anchor);
  }
  for (std::size_t i = 0; i < options_.chips; ++i) {
    const City& home = kCities[kHomes[i % kHomes.size()]];
    const bool diverted =
        options_.diverted_every != 0 && i % options_.diverted_every == options_.diverted_every - 1;
    const bool inbound = options_.inbound_every != 0 && i % options_.inbound_every == 0;
    const Degrees centre = diverted ? kElsewhere : home.place;
    constexpr double kSpread = 0.1;  // degrees: the halls of one city
    chip_hosts_.push_back({{.lat = centre.lat + kSpread * (world_.chance() - 0.5),
                            .lon = centre.lon + kSpread * (world_.chance() - 0.5)},
                           std::chrono::microseconds{50 + static_cast<int>(200 * world_.chance())}});
    chip_keys_.push_back(draw_key(world_));
    chip_ids_.push_back(ChipId{drawn<decltype(ChipId::bytes)>(world_)});
    request.common_name = "chip";
    request.serial_number = chip_ids_.back().hex();
    request.certificate_serial = drawn<ByteArray<16>>(world_);
    IssueRequest asked = request;
    if (options_.mistakes.certificate) options_.mistakes.certificate(i, asked);
    const Certificate certificate = maker.issue(asked, chip_keys_.back()->public_key()).value();
    certificates_.push_back(certificate.fingerprint());
    ChipRecord chip;
    chip.id = chip_ids_.back();
    chip.serial = "S-" + std::to_string(i);
    chip.maker = "Maker";
    chip.licence = std::string{"L-"} + home.name;
    chip.certificate.assign(certificate.der().begin(), certificate.der().end());
    if (inbound) chip.reach.inbound = endpoint_of_chip(i);
    if (options_.mistakes.chip) options_.mistakes.chip(i, chip);
    next.put(chip);
  }
  registry_ = std::make_shared<const Registry>(std::move(next));
}

void SimFleet::make_paths() {
  for (std::size_t a = 0; a < options_.anchors; ++a) {
    const auto connect = [&](const Endpoint& at, const Host& host) {
      SimPath path = options_.path;
      path.delay =
          delay_between(anchor_hosts_[a].place, host.place, anchor_hosts_[a].last_mile + host.last_mile);
      network_.set_path(anchor_endpoint(a), at, path);
    };
    for (std::size_t b = 0; b < a; ++b) connect(anchor_endpoint(b), anchor_hosts_[b]);
    for (std::size_t c = 0; c < options_.chips; ++c) connect(endpoint_of_chip(c), chip_hosts_[c]);
  }
}

void SimFleet::cut(std::size_t chip) {
  for (std::size_t a = 0; a < options_.anchors; ++a) {
    SimPath path = network_.path(anchor_endpoint(a), endpoint_of_chip(chip));
    path.loss = 1.0;
    network_.set_path(anchor_endpoint(a), endpoint_of_chip(chip), path);
  }
}

void SimFleet::start_programs() {
  CoordinatorOptions options;
  options.realm = options_.realm;
  options.schedule.cadence[0] = options_.cadence;
  options.round.pings = options_.pings;
  options.round.knock_interval = options_.knock_mean;
  options.round.knock_wait = options_.knock_wait;
  options.policy.version = "simulated";
  coordinator_ = std::make_unique<SimCoordinator>(
      world_, options, *coordinator_key_, [this] { return registry_; }, store_, borders_, options_.times);
  MeshOptions mesh;
  mesh.interval = options_.mesh_interval;
  mesh.report_interval = options_.mesh_report;
  std::vector<RendezvousAnchor> rendezvous;
  for (std::size_t i = 0; i < options_.anchors; ++i) {
    const AnchorRecord& record = *registry_->anchor(anchor_id_of(anchor_keys_[i]->public_key()).value());
    auto link = std::make_shared<LinkId>(0);
    stations_.push_back(std::make_unique<SimStation>(
        world_, network_, record.name, anchor_endpoint(i), *anchor_keys_[i], mesh,
        [this, link](v1::AnchorMessage message) { coordinator_->receive(*link, std::move(message)); }));
    SimStation& station = *stations_.back();
    *link = coordinator_->attach(
        record.id, anchor_keys_[i]->public_key(), station.hello(),
        [&station](const v1::CoordinatorMessage& command) { station.on_command(command); });
    if (record.rendezvous) rendezvous.push_back({record.id, anchor_endpoint(i)});
  }
  ResponderOptions responder;
  responder.sessions = 2 * kAnchorsMax / 4;
  responder.knock.mean_interval = options_.knock_mean;
  for (std::size_t i = 0; i < options_.chips; ++i) {
    const bool inbound = registry_->chip(chip_ids_[i])->reach.inbound.has_value();
    AgentSetUp set_up{.coordinator = coordinator_key_->public_key(),
                      .rendezvous = inbound ? std::vector<RendezvousAnchor>{} : rendezvous,
                      .options = responder};
    if (options_.mistakes.agent) options_.mistakes.agent(i, set_up);
    agents_.push_back(nullptr);
    if (!set_up.runs) continue;
    agents_.back() =
        std::make_unique<SimAgent>(world_, network_, endpoint_of_chip(i), chip_ids_[i], *chip_keys_[i],
                                   certificates_[i], set_up.coordinator, set_up.rendezvous, set_up.options);
    agents_.back()->set_clock_off(set_up.clock_off);
  }
  coordinator_->begin({});
}

template <class Visit>
void SimFleet::visit_verdicts(Visit visit) {
  VerdictQuery query;
  query.limit = 1'000;
  for (bool more = true; more;) {
    const VerdictPage page = store_.verdicts().list_verdicts(query).value();
    for (const VerdictRow& row : page.rows) visit(row);
    query.after = page.next;
    more = page.next.has_value();
  }
}

SimFleet::Figures SimFleet::figures() {
  Figures out;
  std::map<ChipId, std::uint64_t> chips;
  visit_verdicts([&](const VerdictRow& row) {
    ++out.rounds;
    ++chips[row.chip];
    ++out.states[std::string{name_of(static_cast<VerdictState>(row.state))}];
  });
  out.abandoned = store_.verdicts().counts().value().rounds_abandoned;
  out.chips_measured = chips.size();
  out.datagrams = network_.datagrams();
  out.datagram_bytes = network_.bytes();
  out.events = world_.events();
  out.batches = coordinator_->batches();
  return out;
}

Digest SimFleet::digest() {
  Sha256 all;
  const auto add = [&all](Bytes bytes) {
    ByteArray<8> size{};
    ByteWriter writer{size};
    writer.u64(bytes.size());
    all.update(size).update(bytes);
  };
  visit_verdicts([&](const VerdictRow& row) {
    const auto evidence = store_.rounds().evidence(row.round).value().value();
    add(row.id.bytes);
    add(row.round.bytes);
    add(evidence.intent.device_certificate);
    for (const ByteVector& ticket : evidence.tickets) add(ticket);
    for (const StoredReport& report : evidence.reports) add(report.bytes);
    add(evidence.close_order);
    for (const StoredStatement& statement : evidence.statements) add(statement.bytes);
    for (const StoredKnock& knock : evidence.knocks) add(knock.bytes);
    add(evidence.verdict);
  });
  return all.finish();
}

}  // namespace chiploc::sim
