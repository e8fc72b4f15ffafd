#include "server/lab/lab_simulation.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "server/lab/lab_paths.hpp"
#include "server/lab/lab_sim_parts.hpp"
#include "server/lab/lab_sim_registry.hpp"
#include "server/lab/lab_state.hpp"
#include "server/sim/sim_agent.hpp"
#include "server/sim/sim_coordinator.hpp"
#include "server/sim/sim_station.hpp"
#include "server/storage/sqlite/store.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kAttempts = 3;
constexpr Nanoseconds kRetry = 200ms;
constexpr Nanoseconds kSettling = 3s;  ///< anchors attach, chips have knocked
constexpr Nanoseconds kStep = 5ms;
/// Where rounds go on for longer than this, anchors ping each other and report less often: no verdict depends on that
/// here, and a simulated day would be spent on it.
constexpr Nanoseconds kLong = 1h;
constexpr Nanoseconds kQuietMesh = 10min;
constexpr Nanoseconds kFirstRefit = 30min;
constexpr Nanoseconds kPatience = 10min;  ///< with one round; deadlines are shorter by far

Endpoint endpoint_of(UdpAddress at) {
  Endpoint out;
  for (std::size_t i = 0; i < 4; ++i)
    out.address[i] = static_cast<std::uint8_t>(at.address >> (24U - 8U * static_cast<unsigned>(i)));
  out.port = at.port;
  return out;
}

/// Production code logs what it does; of a world that is simulated nobody wants to read that.
class QuietLog {
 public:
  QuietLog() : before_{spdlog::get_level()} { spdlog::set_level(spdlog::level::off); }
  ~QuietLog() { spdlog::set_level(before_); }
  QuietLog(const QuietLog&) = delete;
  QuietLog& operator=(const QuietLog&) = delete;

 private:
  spdlog::level::level_enum before_;
};

class Simulation {
 public:
  Simulation(const LabPlan& plan, Store& store, const Borders& borders, bool learn_places)
      : plan_{plan},
        learn_places_{learn_places},
        borders_{borders},
        now_{plan.file},
        world_{plan.file.network.seed},
        random_{world_},
        network_{world_, {}},
        paths_{lab_paths_of(plan, world_.now() + kSettling)} {
    auto identities = make_sim_identities(plan, world_, borders);
    if (!identities) throw std::move(identities).error();
    who_ = std::move(identities).value();
    connect();
    start_programs(store);
    world_.run_for(kSettling);
    epoch_ = world_.now();
  }

  LabReport run(const std::atomic<bool>* stop) {
    stop_ = stop;
    const std::vector<LabRound> rounds = rounds_of(plan_.file);
    for (std::size_t i = 0; i < rounds.size(); ++i) run_round(rounds[i], i);
    std::stable_sort(seen_.begin(), seen_.end(),
                     [](const LabSeen& a, const LabSeen& b) { return a.round < b.round; });
    LabReport report;
    report.rows = rows_of(plan_, carried_out_, seen_);
    report.seconds = static_cast<double>((world_.now() - epoch_).count()) / 1e9;
    report.began = world_.wall() - lab_time();
    return report;
  }

 private:
  struct Program {
    std::unique_ptr<SimParts> parts;  // outlives the agent
    std::unique_ptr<sim::SimAgent> agent;
    sim::SimAgentState state{.boots = 0, .rounds = 0};
  };
  struct Anchor {
    std::shared_ptr<sim::SimHost> host;  ///< whose clocks go on while its program is down
    std::unique_ptr<sim::SimStation> station;
    LinkId link = 0;
  };

  [[nodiscard]] Nanoseconds lab_time() const { return world_.now() - epoch_; }

  void connect();
  void start_programs(Store& store);
  void start_anchor(std::size_t index);
  void stop_anchor(std::size_t index);
  /// Of its host, whether its program runs or not; `before`: what they did until now.
  void set_clocks(std::size_t index, const LabClocks& before);
  void start_agent(std::size_t index);
  void run_round(const LabRound& what, std::size_t round);
  void begin(std::size_t seen, unsigned attempt);
  /// On to this lab time, events carried out when they are due.
  void run_until(Nanoseconds at);
  void carry_out(const LabEvent& event);
  void change_chip(std::size_t index, const LabChip& before);
  void change_anchor(std::size_t index, const LabAnchor& before);

  const LabPlan& plan_;
  bool learn_places_;
  const std::atomic<bool>* stop_ = nullptr;
  const Borders& borders_;
  LabFile now_;
  sim::SimWorld world_;
  SimRandom random_;
  sim::SimNetwork network_;
  LabPaths paths_;
  std::map<Endpoint, std::size_t> sites_;  ///< fronts, by the index in paths_
  LabSimIdentities who_;
  std::unique_ptr<sim::SimCoordinator> coordinator_;
  std::vector<Anchor> anchors_;
  std::vector<Program> programs_;  ///< beside plan_.agents
  SteadyTime epoch_;
  std::vector<LabSeen> seen_;
  std::vector<LabSpan> carried_out_;
  std::size_t flying_ = 0;
  struct Flight {
    std::size_t seen = 0;
    unsigned attempt = 0;
  };
  std::map<WatcherId, Flight> flights_;
  WatcherId last_watcher_ = 0;
};

void Simulation::connect() {
  for (const LabEndpoint& anchor : plan_.anchors)
    sites_.emplace(endpoint_of(anchor.front), *paths_.find(anchor.name));
  for (const LabAgent& agent : plan_.agents)
    sites_.emplace(endpoint_of(agent.endpoint.front), *paths_.find(agent.endpoint.name));
  network_.fate = [this](const Endpoint& from, const Endpoint& to,
                         SteadyTime sent) -> std::optional<SteadyTime> {
    const auto a = sites_.find(from);
    const auto b = sites_.find(to);
    if (a == sites_.end() || b == sites_.end() || a == b) return std::nullopt;
    const RelayPaths::Decision decision = paths_.forward(a->second, b->second, sent);
    if (decision.lost) return std::nullopt;
    return decision.due;
  };
}

void Simulation::start_programs(Store& store) {
  const LabPolicy& p = plan_.file.policy;
  CoordinatorOptions options;
  options.realm = Realm::kSimulated;
  options.round.pings = static_cast<std::uint8_t>(p.pings);
  options.round.ping_interval = std::chrono::milliseconds{p.ping_interval_ms};
  options.round.prepare_deadline = std::chrono::milliseconds{p.prepare_deadline_ms};
  options.round.deadline = std::chrono::milliseconds{p.round_deadline_ms};
  options.round.linger = std::chrono::milliseconds{p.linger_ms};
  options.round.knock_interval = std::chrono::milliseconds{plan_.file.knock_interval_ms};
  options.policy.speed = p.speed == "fibre" ? kLightInFibre : kLightInVacuum;
  options.policy.speed_name = p.speed;
  options.policy.fault_budget = static_cast<unsigned>(p.faults);
  options.policy.more_to_clear = static_cast<unsigned>(p.more_to_clear);
  options.policy.more_to_accuse = static_cast<unsigned>(p.more_to_accuse);
  options.policy.version = "simulated";
  sim::SimCoordinator::Times times;
  times.refit = times.places = 24h * 365;  // no state depends on what would be learnt
  if (learn_places_) times.refit = kFirstRefit;
  coordinator_ = std::make_unique<sim::SimCoordinator>(
      world_, options, *who_.coordinator, [this] { return who_.registry; }, store, borders_, times);
  coordinator_->on_verdict = [this](WatcherId watcher, const v1::Verdict& verdict) {
    LabSeen& seen = seen_[flights_.at(watcher).seen];
    seen.verdict = verdict;
    seen.span.ended = lab_time();
    flights_.erase(watcher);
    --flying_;
  };
  coordinator_->on_abandoned = [this](WatcherId watcher, RoundFault fault) {
    const Flight flight = flights_.at(watcher);
    flights_.erase(watcher);
    LabSeen& seen = seen_[flight.seen];
    seen.problem = "the round was abandoned, fault " + std::to_string(static_cast<int>(fault));
    seen.span.ended = lab_time();
    if (flight.attempt + 1 < kAttempts)
      world_.after(kRetry, [this, flight] { begin(flight.seen, flight.attempt + 1); });
    else
      --flying_;
  };
  coordinator_->begin({});
  anchors_.resize(plan_.anchors.size());
  for (std::size_t i = 0; i < anchors_.size(); ++i) {
    anchors_[i].host = std::make_shared<sim::SimHost>(world_);
    set_clocks(i, {});
    start_anchor(i);
  }
  programs_.resize(plan_.agents.size());
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    const LabAgent& agent = plan_.agents[i];
    if (runs(plan_.file.chips[agent.chip], agent.clone)) start_agent(i);
  }
}

void Simulation::start_anchor(std::size_t index) {
  Anchor& anchor = anchors_[index];
  SoftwareKey& key = *who_.anchors[index];
  const AnchorRecord& record = *who_.registry->anchor(plan_.anchors[index].name);
  MeshOptions mesh;
  mesh.interval = 1s;
  mesh.report_interval = 2s;
  if (rounds_of(plan_.file).back().at > kLong) mesh.interval = mesh.report_interval = kQuietMesh;
  anchor.station = std::make_unique<sim::SimStation>(
      world_, network_, record.name, record.endpoint, key, mesh,
      [this, &anchor](v1::AnchorMessage message) { coordinator_->receive(anchor.link, std::move(message)); },
      anchor.host);
  sim::SimStation& station = *anchor.station;
  anchor.link = coordinator_->attach(
      record.id, key.public_key(), station.hello(),
      [&station](const v1::CoordinatorMessage& command) { station.on_command(command); });
}

void Simulation::set_clocks(std::size_t index, const LabClocks& before) {
  const LabClocks& clocks = now_.anchors[index].clocks;
  anchors_[index].host->run_clocks_at({clocks.drift_ppm, clocks.slew_ppm});
  if (clocks.off != before.off) anchors_[index].host->set_clock_by(clocks.off - before.off);
}

void Simulation::stop_anchor(std::size_t index) {
  coordinator_->detach(anchors_[index].link);
  anchors_[index].station.reset();
}

void Simulation::start_agent(std::size_t index) {
  const LabAgent& agent = plan_.agents[index];
  const LabChip& chip = now_.chips[agent.chip];
  std::vector<RendezvousAnchor> rendezvous;
  for (const std::size_t i : agent.rendezvous) {
    const AnchorRecord& record = *who_.registry->anchor(plan_.anchors[i].name);
    rendezvous.push_back({record.id, record.endpoint});
  }
  ResponderOptions options;
  options.knock.mean_interval = std::chrono::milliseconds{plan_.file.knock_interval_ms};
  Program& program = programs_[index];
  program.agent.reset();
  ++program.state.boots;
  program.parts = std::make_unique<SimParts>(chip, who_.certificates[agent.chip], random_);
  program.agent = std::make_unique<sim::SimAgent>(
      world_, network_, endpoint_of(agent.endpoint.front), plan_.chip_ids[agent.chip],
      *who_.chips[agent.chip], who_.certificates[agent.chip], who_.coordinator->public_key(),
      std::move(rendezvous), options, *program.parts, program.state);
}

// Time ------------------------------------------------------------------------------------------------------

void Simulation::run_until(Nanoseconds at) {
  const std::vector<LabEvent>& events = plan_.file.events;
  for (std::size_t next = carried_out_.size(); next < events.size() && events[next].at <= at; ++next) {
    if (events[next].at > lab_time()) world_.run_for(events[next].at - lab_time());
    const LabSpan span{.began = lab_time(), .ended = lab_time()};
    carry_out(events[next]);
    carried_out_.push_back(span);
  }
  if (at > lab_time()) world_.run_for(at - lab_time());
}

void Simulation::begin(std::size_t seen, unsigned attempt) {
  const WatcherId watcher = ++last_watcher_;
  flights_.emplace(watcher, Flight{.seen = seen, .attempt = attempt});
  seen_[seen].span.began = lab_time();
  coordinator_->start(plan_.chip_ids[seen_[seen].chip], "lab", watcher);
}

void Simulation::run_round(const LabRound& what, std::size_t round) {
  run_until(std::max(what.at, lab_time()));
  const Nanoseconds limit = lab_time() + kPatience * static_cast<int>(1 + what.chips.size());
  std::deque<std::size_t> waiting;
  for (const std::size_t chip : what.chips) {
    waiting.push_back(seen_.size());
    seen_.push_back({.chip = chip, .round = round, .span = {}});
  }
  while (!waiting.empty() || flying_ > 0) {
    while (!waiting.empty() && flying_ < static_cast<std::size_t>(plan_.file.parallel)) {
      ++flying_;
      const std::size_t seen = waiting.front();
      waiting.pop_front();
      begin(seen, 0);
    }
    run_until(lab_time() + kStep);
    if (stop_ != nullptr && *stop_) throw std::string{"interrupted"};
    if (lab_time() > limit) throw std::string{"a simulated round does not end; this is a bug"};
  }
}

void Simulation::carry_out(const LabEvent& event) {
  if (std::holds_alternative<LabChip>(event.after)) {
    const LabChip before = now_.chips[event.index];
    apply(now_, event);
    change_chip(event.index, before);
  } else if (std::holds_alternative<LabAnchor>(event.after)) {
    const LabAnchor before = now_.anchors[event.index];
    apply(now_, event);
    change_anchor(event.index, before);
  } else {
    apply(now_, event);
    const LabPair& pair = now_.pairs[event.index];
    const auto a = paths_.find(pair.a);
    const auto b = paths_.find(pair.b);
    if (a && b) paths_.set_pair(*a, *b, {.round_trip = pair.round_trip, .extra = pair.extra});
  }
}

void Simulation::change_chip(std::size_t index, const LabChip& before) {
  const LabChip& chip = now_.chips[index];
  // A program's own part of a behaviour; the rest is where it is in the network.
  const auto own = [](const LabChip& c) {
    return std::tuple{needs_rogue(c.behaviour) ? c.behaviour : Behaviour::kHonest, c.stall, c.stall_spread,
                      c.stall_law, c.early_answers};
  };
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    const LabAgent& agent = plan_.agents[i];
    if (agent.chip != index) continue;
    paths_.set_site(*paths_.find(agent.endpoint.name), site_of(chip, agent.clone));
    const bool will = runs(chip, agent.clone);
    if (will == (programs_[i].agent != nullptr) && own(chip) == own(before)) continue;
    programs_[i].agent.reset();
    if (will) start_agent(i);
  }
}

void Simulation::change_anchor(std::size_t index, const LabAnchor& before) {
  const LabAnchor& anchor = now_.anchors[index];
  paths_.set_site(*paths_.find(anchor.name), site_of(anchor));
  set_clocks(index, before.clocks);
  if (sim::SimStation* station = anchors_[index].station.get(); station != nullptr && !anchor.down)
    station->anchor().settle();
  if (anchor.down == before.down) return;
  if (anchor.down)
    stop_anchor(index);
  else
    start_anchor(index);
}

}  // namespace

Result<LabReport, std::string> simulate_lab(const LabPlan& plan, const Borders& borders,
                                            const SimulationOptions& options) {
  const QuietLog quiet;
  auto folder = LabState::fresh(false);
  if (!folder) return Fail{folder.error()};
  auto store = open_sqlite_store({.path = (folder->path() / "simulated.db").string(), .durable = false});
  if (!store) return Fail{std::string{"cannot open a database in "} + folder->path().string()};
  try {
    LabReport report = Simulation{plan, **store, borders, options.learn_places}.run(options.stop);
    auto stored = rounds_of_simulation(**store, options.judge_again);
    if (!stored) return Fail{stored.error()};
    report.stored = *std::move(stored);
    return report;
  } catch (const std::string& trouble) {
    return Fail{trouble};
  }
}

}  // namespace chiploc
