#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "proto/crypto/issue.hpp"
#include "server/sim/sim_agent.hpp"
#include "server/sim/sim_coordinator.hpp"
#include "server/sim/sim_station.hpp"
#include "server/storage/store.hpp"

namespace chiploc::sim {

/// How one agent is set up.
struct AgentSetUp {
  PublicKey coordinator;
  std::vector<RendezvousAnchor> rendezvous;
  ResponderOptions options;
  Nanoseconds clock_off{0};
  bool runs = true;
};
/// What somebody got wrong; each may be empty. Registry and programs are made apart, so they may contradict
/// each other as they do in life.
struct FleetMistakes {
  std::function<void(std::size_t chip, IssueRequest&)> certificate{};
  std::function<void(std::size_t chip, ChipRecord&)> chip{};
  std::function<void(std::size_t anchor, AnchorRecord&)> anchor{};
  std::function<void(std::size_t chip, AgentSetUp&)> agent{};
};

struct FleetOptions {
  std::uint64_t seed = 1;
  std::size_t chips = 50;
  std::size_t anchors = 8;
  /// Of every so many chips one stands where it is not licensed to be; 0: none.
  std::size_t diverted_every = 50;
  /// Of every so many chips one is reached inbound; the others knock. 0: none.
  std::size_t inbound_every = 4;
  Nanoseconds cadence = std::chrono::hours{24};
  Nanoseconds knock_mean = std::chrono::minutes{2};     ///< at each of the two rendezvous anchors
  Nanoseconds knock_wait = std::chrono::minutes{21};    ///< the policy's most
  Nanoseconds mesh_interval = std::chrono::minutes{1};  ///< between two pings of one anchor to another
  Nanoseconds mesh_report = std::chrono::minutes{10};
  std::uint8_t pings = RoundOptions{}.pings;  ///< in a session
  FleetMistakes mistakes{};
  SimPath path{};  ///< jitter and loss of every path; delays follow from the places
  SimCoordinator::Times times{};
  /// Of the coordinator; the anchors' samples are simulated ones. Another one: to see that it takes none of them.
  Realm realm = Realm::kSimulated;
};

/// Chips at places, anchors around them, a coordinator with its scheduler, in one simulated world. All keys
/// and certificates follow from the seed: two fleets of the same options do the same, to the byte.
class SimFleet {
 public:
  /// The store is the caller's, and empty.
  SimFleet(const FleetOptions& options, Store& store, const Borders& borders);
  ~SimFleet();

  /// Whole periods of the cadence begin when this returns: the scheduler begins with the next one.
  void run_for(Nanoseconds time) { world_.run_for(time); }

  struct Figures {
    std::uint64_t rounds = 0;  ///< with a verdict
    std::uint64_t abandoned = 0;
    std::size_t chips_measured = 0;
    std::map<std::string, std::uint64_t> states;  ///< verdicts, by state
    std::uint64_t datagrams = 0;
    std::uint64_t datagram_bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t batches = 0;
  };
  [[nodiscard]] Figures figures();
  /// Over the intent, all evidence and the verdict of every round in the store, as bytes.
  [[nodiscard]] Digest digest();

  [[nodiscard]] const ChipId& chip(std::size_t i) const { return chip_ids_.at(i); }
  /// The program ends; nobody listens there any more.
  void stop_agent(std::size_t i) { agents_.at(i).reset(); }
  /// Nothing comes through any more between this chip and any anchor.
  void cut(std::size_t chip);
  [[nodiscard]] SimCoordinator& coordinator() { return *coordinator_; }
  [[nodiscard]] const Registry& registry() const { return *registry_; }

 private:
  struct Host {
    Degrees place;
    Nanoseconds last_mile{0};
  };
  void make_registry();
  void make_paths();
  void start_programs();
  template <class Visit>
  void visit_verdicts(Visit visit);

  FleetOptions options_;
  Store& store_;
  const Borders& borders_;
  SimWorld world_;
  SimNetwork network_;
  std::unique_ptr<SoftwareKey> coordinator_key_;
  std::vector<std::unique_ptr<SoftwareKey>> anchor_keys_, chip_keys_;
  std::vector<Host> anchor_hosts_, chip_hosts_;
  std::vector<ChipId> chip_ids_;
  std::vector<Digest> certificates_;
  Registry::Snapshot registry_;
  std::unique_ptr<SimCoordinator> coordinator_;
  std::vector<std::unique_ptr<SimStation>> stations_;
  std::vector<std::unique_ptr<SimAgent>> agents_;
};

}  // namespace chiploc::sim
