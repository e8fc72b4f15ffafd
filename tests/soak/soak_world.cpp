#include "tests/soak/soak_world.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kDays = 2;

/// What ends the writing; caught in SoakWorld::start and nowhere else seen.
struct Trouble {
  std::string text;
};

template <class T, class E>
T take(Result<T, E> result, const std::string& what) {
  if (!result) throw Trouble{what + ": " + result.error().text};
  return std::move(result).value();
}
template <class T>
T take(Result<T, std::string> result) {
  if (!result) throw Trouble{result.error()};
  return std::move(result).value();
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  out.close();
  if (!out) throw Trouble{"cannot write " + file.string()};
}

/// A port of 127.0.0.1 that was free a moment ago: the programs' configurations need it before they bind it.
std::uint16_t free_port(int type) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!bound) throw Trouble{"no free port on 127.0.0.1"};
  return ntohs(address.sin_port);
}

}  // namespace

Result<std::unique_ptr<SoakWorld>, std::string> SoakWorld::start(const SoakOptions& options) {
  auto world = std::unique_ptr<SoakWorld>{new SoakWorld{options}};
  try {
    world->write_files();
    take(world->start_programs());
  } catch (const Trouble& trouble) {
    return Fail{trouble.text};
  }
  return world;
}

TlsFiles SoakWorld::tls_of(const char* folder) const {
  return {.ca = options_.state / "ca.pem",
          .certificate = options_.state / folder / "tls.pem",
          .key = options_.state / folder / "tls.key"};
}
TlsFiles SoakWorld::operator_tls() const { return tls_of("operator"); }
TlsFiles SoakWorld::reader_tls() const { return tls_of("reader"); }
TlsFiles SoakWorld::coordinator_tls() const { return tls_of("chiplocd"); }

void SoakWorld::write_tls(const CertificateAuthority& ca, const fs::path& folder, const std::string& name,
                          const std::string& unit) {
  fs::create_directories(folder);
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = name;
  request.organizational_unit = unit;
  request.dns_names = {name};
  request.purpose = CertificatePurpose::kServerAndClient;
  request.from = wall_now() - std::chrono::hours{1};
  request.days = kDays;
  write_text(folder / "tls.pem", take(ca.issue(request, key->public_key()), "certificate of " + name).pem());
  take(write_private_key(folder / "tls.key", *key), "TLS key of " + name);
}

void SoakWorld::write_files() {
  const fs::path& state = options_.state;
  const WallTime from = wall_now() - std::chrono::hours{1};
  const auto tls =
      take(CertificateAuthority::create("soak TLS", SignatureAlgorithm::kEs256, from, kDays), "TLS CA");
  const auto maker =
      take(CertificateAuthority::create("soak maker", SignatureAlgorithm::kEs256, from, kDays), "maker's CA");
  write_text(state / "ca.pem", tls.certificate().pem());
  write_tls(tls, state / "chiplocd", "chiplocd", "coordinator");
  write_tls(tls, state / "anchor", "soak1", "anchor");
  write_tls(tls, state / "operator", "soak-operator", "admin");
  write_tls(tls, state / "reader", "soak-reader", "reader");

  address_ = "127.0.0.1:" + std::to_string(free_port(SOCK_STREAM));
  anchor_address_ = "127.0.0.1:" + std::to_string(free_port(SOCK_DGRAM));
  std::string http;
  if (options_.http) {
    http_port_ = free_port(SOCK_STREAM);
    http = "[http]\naddress = \"127.0.0.1:" + std::to_string(http_port_) + "\"\n" + *options_.http;
  }
  const auto coordinator_key = generate_key(SignatureAlgorithm::kEd25519);
  take(write_private_key(state / "chiplocd" / "coordinator.key", *coordinator_key), "coordinator's key");
  const std::string limit = std::to_string(options_.rounds + options_.rounds / 10 + 16);
  write_text(state / "chiplocd" / "chiplocd.toml",
             "[coordinator]\ngrpc = \"" + address_ +
                 "\"\nkey = \"file:coordinator.key\"\ndatabase = \"chiploc.db\"\n"
                 "[tls]\nca = \"../ca.pem\"\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n"
                 "[policy]\npings = " +
                 std::to_string(options_.pings) +
                 "\nping_interval_ms = " + std::to_string(options_.ping_interval_ms) +
                 "\nprepare_deadline_ms = 20000\nlinger_ms = 1000\nround_deadline_ms = " +
                 std::to_string(options_.round_deadline_ms) + "\n[limits]\nrounds = " + limit + "\n" + http);
  const auto anchor_key = generate_key(SignatureAlgorithm::kEd25519);
  take(write_private_key(state / "anchor" / "anchor.key", *anchor_key), "report key");
  write_text(state / "anchor" / "anchor.toml",
             "[anchor]\nname = \"soak1\"\nlisten = [\"" + anchor_address_ +
                 "\"]\nkey = \"file:anchor.key\"\nstate_dir = \"state\"\n[coordinator]\naddress = \"" +
                 address_ +
                 "\"\nserver_name = \"chiplocd\"\nca = \"../ca.pem\"\ncertificate = \"tls.pem\"\n"
                 "tls_key = \"tls.key\"\n[limits]\nrounds = " +
                 limit + "\n");

  std::vector<FleetChip> fleet;
  std::vector<Certificate> certificates;
  for (std::size_t i = 0; i < options_.rounds; ++i) {
    FleetChip chip{random_id<ChipId>(), generate_key(SignatureAlgorithm::kEd25519), {}};
    IssueRequest request;
    request.common_name = "SOAK-" + std::to_string(i);
    request.serial_number = chip.id.hex();
    request.from = from;
    request.days = kDays;
    certificates.push_back(take(maker.issue(request, chip.key->public_key()), "certificate of a chip"));
    chip.certificate = certificates.back().fingerprint();
    chip_ids_.push_back(chip.id.hex());
    fleet.push_back(std::move(chip));
  }
  fleet_ = take(AgentFleet::open());
  write_registry(certificates, maker.certificate(), to_hex(*anchor_key->public_key().raw_ed25519()));
  fleet_->start(std::move(fleet), coordinator_key->public_key(), options_.sessions);
}

void SoakWorld::write_registry(const std::vector<Certificate>& certificates, const Certificate& maker,
                               const std::string& anchor_key) {
  const fs::path folder = options_.state / "registry";
  fs::create_directories(folder);
  const auto store = [&](const char* name, const json& rows) {
    write_text(folder / name, rows.dump(1) + "\n");
  };
  store("makers.json", json::array({{{"name", "SoakChips"}, {"ca_pem", maker.pem()}}}));
  store("licences.json", json::array({{{"id", "L-SOAK"},
                                       {"holder", "Soak Test"},
                                       {"countries", json::array({"DE"})},
                                       {"valid_from", "2020-01-01"},
                                       {"valid_to", "2099-12-31"}}}));
  store("anchors.json", json::array({{{"name", "soak1"},
                                      {"public_key", anchor_key},
                                      {"lat", 50.1},
                                      {"lon", 8.7},
                                      {"uncertainty_km", 1.0},
                                      {"operator", "soak"},
                                      {"network", "AS64496"},
                                      {"address", anchor_address_},
                                      {"rendezvous", false}}}));
  json chips = json::array();
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    chips.push_back({{"id", chip_ids_[i]},
                     {"serial", "SOAK-" + std::to_string(i)},
                     {"maker", "SoakChips"},
                     {"model", "SOAK-1"},
                     {"licence", "L-SOAK"},
                     {"reach", "inbound " + endpoint_text(fleet_->address_of(i))},
                     {"certificate_pem", certificates[i].pem()}});
  }
  store("chips.json", chips);
  store("prohibited.json", json::array({{{"country", "KP"}}}));
}

Result<Done, std::string> SoakWorld::start_programs() {
  auto client = LabClient::open(address_, operator_tls());
  if (!client) return Fail{client.error()};
  client_ = std::move(client).value();
  const auto launch = [&](const char* program, const char* folder, std::optional<ChildProcess>& into) {
    const fs::path home = options_.state / folder;
    auto child = ChildProcess::start(
        {.name = program,
         .arguments = {(options_.programs / program).string(), "--config",
                       (home / (std::string{folder} + ".toml")).string(), "--log-level", "warn"},
         .log = home / "log"});
    if (!child) throw Trouble{child.error()};
    into.emplace(std::move(child).value());
  };
  launch("chiplocd", "chiplocd", coordinator_);
  if (auto up = await(false); !up) return up;
  const auto request = import_request(options_.state / "registry");
  if (!request) return Fail{request.error()};
  const auto response = client_->import(*request, seconds{120});
  if (!response) return Fail{"the registry was refused: " + response.error().text};
  if (response->faults_total() != 0) {
    return Fail{"the registry has faults, the first: " + response->faults(0).file() + ": " +
                response->faults(0).problem()};
  }
  launch("chiploc-anchor", "anchor", anchor_);
  return await(true);
}

Result<Done, std::string> SoakWorld::await(bool anchor_too) {
  const auto deadline = Clock::now() + seconds{60};
  for (;;) {
    const auto status = client_->status(milliseconds{500});
    if (status && (!anchor_too || status->anchors_connected() == 1)) return Done{};
    if (std::string dead = casualty(); !dead.empty()) return Fail{dead};
    if (Clock::now() > deadline)
      return Fail{std::string{"chiplocd and the anchor were not up within a minute"}};
    std::this_thread::sleep_for(milliseconds{50});
  }
}

std::string SoakWorld::casualty() {
  for (auto* child : {&coordinator_, &anchor_}) {
    if (!*child) continue;
    const auto end = (*child)->ended();
    if (end)
      return (*child)->name() + " " + *end + "; the end of its log:\n" + last_lines((*child)->log(), 5);
  }
  return {};
}

std::vector<std::string> SoakWorld::stop() {
  std::vector<std::string> out;
  fleet_->stop();
  for (auto* child : {&anchor_, &coordinator_}) {
    if (*child) out.push_back((*child)->name() + " " + (*child)->stop(seconds{30}));
  }
  return out;
}

}  // namespace chiploc
