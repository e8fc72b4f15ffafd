#include "server/lab/lab_world.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <numeric>
#include <thread>
#include <utility>

#include "server/lab/lab_files.hpp"
#include "server/lab/relay_control.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartPatience = 20s;
/// The mesh only teaches the estimates; a lab whose anchors do not hear each other in this time runs all the
/// same.
constexpr auto kMeshPatience = 8s;
constexpr auto kLookAgain = 20ms;

WallTime wall_now() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
}

Fail<std::string> interrupted() { return Fail{std::string{"interrupted"}}; }

bool needs_rogue(Behaviour behaviour) {
  return behaviour == Behaviour::kStalled || behaviour == Behaviour::kForged ||
         behaviour == Behaviour::kReplaying || behaviour == Behaviour::kLying;
}

}  // namespace

Result<LabPrograms, std::string> LabPrograms::in(const std::filesystem::path& folder, const LabFile& file) {
  LabPrograms programs{.chiploc = folder / "chiploc",
                       .chiplocd = folder / "chiplocd",
                       .anchor = folder / "chiploc-anchor",
                       .agent = folder / "chiploc-agent",
                       .rogue_agent = folder / "chiploc-rogue-agent"};
  std::vector<std::filesystem::path> needed{programs.chiploc, programs.chiplocd, programs.anchor,
                                            programs.agent};
  const bool rogue = std::any_of(file.chips.begin(), file.chips.end(),
                                 [](const LabChip& c) { return needs_rogue(c.behaviour); });
  if (rogue) needed.push_back(programs.rogue_agent);
  for (const auto& program : needed) {
    if (::access(program.c_str(), X_OK) != 0) {
      return Fail{"there is no program " + program.string() + "; build it, or name the folder with --bin"};
    }
  }
  return programs;
}

LabWorldRunner::LabWorldRunner(LabPlan plan, LabPrograms programs, Say say)
    : plan_{std::move(plan)},
      programs_{std::move(programs)},
      say_{std::move(say)},
      started_{Clock::now()},
      outcomes_(plan_.file.chips.size()) {}

LabWorldRunner::~LabWorldRunner() { stop_all(); }

void LabWorldRunner::stop_all() {
  // All are asked first and waited for afterwards, so that the end takes as long as the slowest. The relay
  // was started first and goes last: programs that drain can still talk.
  for (auto child = children_.rbegin(); child != children_.rend(); ++child) child->ask_to_stop();
  while (!children_.empty()) {
    children_.back().stop(3s);
    children_.pop_back();
  }
}

void LabWorldRunner::cancel() {
  cancelled_ = true;
  const std::lock_guard lock{client_mutex_};
  if (client_) client_->cancel();
}

Result<Done, std::string> LabWorldRunner::launch(const std::string& name,
                                                 std::vector<std::string> arguments) {
  auto child = ChildProcess::start(
      {.name = name, .arguments = std::move(arguments), .log = plan_.state / "logs" / (name + ".log")});
  if (!child) return Fail{child.error()};
  children_.push_back(std::move(child).value());
  return Done{};
}

std::string LabWorldRunner::casualty() {
  for (ChildProcess& child : children_) {
    const auto end = child.ended();
    if (!end) continue;
    std::string log = last_lines(child.log(), 5);
    return child.name() + " " + *end + (log.empty() ? "" : "; the end of its log:\n" + log);
  }
  return {};
}

Result<Done, std::string> LabWorldRunner::start() {
  if (auto written = write_lab(plan_, wall_now()); !written) return Fail{written.error()};
  auto client =
      LabClient::open(plan_.coordinator_address, {.ca = plan_.state / "ca.pem",
                                                  .certificate = plan_.state / "operator" / "tls.pem",
                                                  .key = plan_.state / "operator" / "tls.key"});
  if (!client) return Fail{client.error()};
  {
    const std::lock_guard lock{client_mutex_};
    client_ = std::move(client).value();
  }
  if (auto step = start_relay(); !step) return step;
  if (auto step = start_coordinator(); !step) return step;
  if (auto step = import_registry(); !step) return step;
  if (auto step = start_endpoints(); !step) return step;
  return await_anchors();
}

Result<Done, std::string> LabWorldRunner::start_relay() {
  const auto step = launch("relay", {programs_.chiploc.string(), "lab", "relay", "--config",
                                     (plan_.state / "relay.toml").string()});
  if (!step) return step;
  const auto deadline = Clock::now() + kStartPatience;
  while (!cancelled_) {
    if (relay_status(plan_.relay_socket())) return Done{};
    if (const std::string dead = casualty(); !dead.empty()) return Fail{dead};
    if (Clock::now() > deadline)
      return Fail{std::string{"the relay does not answer; see "} + (plan_.state / "logs/relay.log").string()};
    std::this_thread::sleep_for(kLookAgain);
  }
  return interrupted();
}

Result<Done, std::string> LabWorldRunner::start_coordinator() {
  const auto step = launch("chiplocd", {programs_.chiplocd.string(), "--config",
                                        (plan_.state / "chiplocd/chiplocd.toml").string()});
  if (!step) return step;
  const auto deadline = Clock::now() + kStartPatience;
  while (!cancelled_) {
    const auto status = client_->status(500ms);
    if (status) return Done{};
    if (const std::string dead = casualty(); !dead.empty()) return Fail{dead};
    if (Clock::now() > deadline) return Fail{"the coordinator does not answer: " + status.error().text};
    std::this_thread::sleep_for(kLookAgain);
  }
  return interrupted();
}

Result<Done, std::string> LabWorldRunner::import_registry() {
  const auto request = import_request(plan_.state / "registry");
  if (!request) return Fail{request.error()};
  const auto response = client_->import(request.value(), 10s);
  if (!response) return Fail{"the coordinator refused the registry: " + response.error().text};
  if (response.value().faults_total() == 0) return Done{};
  const v1::ImportFault& fault = response.value().faults(0);
  return Fail{"the coordinator found " + std::to_string(response.value().faults_total()) +
              " fault(s) in the registry, the first in " + fault.file() + ":" + std::to_string(fault.line()) +
              ": " + fault.field() + ": " + fault.problem()};
}

std::vector<std::string> LabWorldRunner::agent_arguments(const LabAgent& agent) const {
  const LabChip& chip = plan_.file.chips[agent.chip];
  const std::filesystem::path& folder = agent.endpoint.folder;
  const bool rogue = needs_rogue(chip.behaviour);
  std::vector<std::string> arguments{(rogue ? programs_.rogue_agent : programs_.agent).string(), "--config",
                                     (folder / "agent.toml").string()};
  if (!rogue) return arguments;
  arguments.insert(arguments.end(), {"--behaviour", std::string{name_of(chip.behaviour)}});
  if (chip.behaviour == Behaviour::kStalled) {
    const auto stall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(chip.stall).count();
    arguments.insert(arguments.end(), {"--stall-ms", std::to_string(std::max<std::int64_t>(stall_ms, 1))});
  }
  if (chip.behaviour == Behaviour::kForged)
    arguments.insert(arguments.end(), {"--forged-key", (folder / "forged.key").string()});
  return arguments;
}

Result<Done, std::string> LabWorldRunner::start_endpoints() {
  for (const LabEndpoint& anchor : plan_.anchors) {
    const auto step = launch(
        anchor.name, {programs_.anchor.string(), "--config", (anchor.folder / "anchor.toml").string()});
    if (!step) return step;
  }
  for (const LabAgent& agent : plan_.agents) {
    const auto step = launch(agent.endpoint.name, agent_arguments(agent));
    if (!step) return step;
  }
  return Done{};
}

Result<Done, std::string> LabWorldRunner::await_anchors() {
  const auto deadline = Clock::now() + kStartPatience;
  auto mesh_deadline = Clock::time_point::max();
  bool told = false;
  while (!cancelled_) {
    const auto status = client_->status(2s);
    if (const std::string dead = casualty(); !dead.empty()) return Fail{dead};
    const std::size_t attached = status ? status.value().anchors_connected() : 0;
    if (attached >= plan_.anchors.size()) {
      if (!told) say_("all " + std::to_string(attached) + " anchors are attached; waiting for their mesh");
      if (!told) mesh_deadline = Clock::now() + kMeshPatience;
      told = true;
      if (!status.value().place_model_version().empty() || plan_.anchors.size() < 2) return Done{};
      if (Clock::now() > mesh_deadline) {
        say_("the mesh has not reported; estimates use the default line");
        return Done{};
      }
    } else if (Clock::now() > deadline) {
      return Fail{"only " + std::to_string(attached) + " of " + std::to_string(plan_.anchors.size()) +
                  " anchors are attached; see the logs in " + (plan_.state / "logs").string()};
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return interrupted();
}

void LabWorldRunner::measure(std::size_t chip, unsigned attempts) {
  const LabPolicy& p = plan_.file.policy;
  const auto deadline =
      std::chrono::milliseconds{p.prepare_deadline_ms + p.round_deadline_ms + p.linger_ms} + 15s;
  Outcome outcome;
  for (unsigned attempt = 0; attempt < attempts && !cancelled_; ++attempt) {
    auto verdict = client_->verify(plan_.chip_ids[chip].hex(), deadline);
    if (verdict) {
      outcome.verdict = std::move(verdict).value();
      break;
    }
    outcome.problem = verdict.error().text;
    say_(plan_.file.chips[chip].serial + ": no verdict: " + outcome.problem);
    if (!verdict.error().again) break;
    std::this_thread::sleep_for(200ms);
  }
  const std::lock_guard lock{outcomes_mutex_};
  Outcome& kept = outcomes_[chip];
  kept.problem = outcome.problem;
  if (!outcome.verdict) {
    kept.verdict.reset();  // an older verdict must not pass for this round's
    return;
  }
  ++kept.rounds;
  kept.verdict = std::move(outcome.verdict);
}

void LabWorldRunner::run_round(int round) {
  say_("round " + std::to_string(round + 1) + " of " + std::to_string(plan_.file.rounds));
  // Those that take longest (nobody answers) first, so that the others run beside them and not after them.
  std::vector<std::size_t> order(plan_.file.chips.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [this](std::size_t chip) { return plan_.agent_of(chip) == nullptr; });
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;
  const std::size_t count = std::min(order.size(), static_cast<std::size_t>(plan_.file.parallel));
  for (std::size_t i = 0; i < count; ++i) {
    workers.emplace_back([&] {
      for (std::size_t at = next++; at < order.size() && !cancelled_; at = next++) measure(order[at], 3);
    });
  }
  for (std::thread& worker : workers) worker.join();
}

Result<LabReport, std::string> LabWorldRunner::run_rounds() {
  for (int round = 0; round < plan_.file.rounds && !cancelled_; ++round) run_round(round);
  if (cancelled_) return interrupted();
  LabReport report;
  report.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  for (std::size_t chip = 0; chip < outcomes_.size(); ++chip) {
    const Outcome& outcome = outcomes_[chip];
    report.rows.push_back(
        row_of(plan_, chip, outcome.verdict ? &*outcome.verdict : nullptr, outcome.rounds, outcome.problem));
  }
  const auto status = relay_status(plan_.relay_socket());
  if (!status) return Fail{status.error()};
  report.relay_p50_us = status.value().error_p50_us;
  report.relay_p99_us = status.value().error_p99_us;
  say_("relay: " + status.value().json);
  if (status.value().early != 0)
    return Fail{"the relay sent " + std::to_string(status.value().early) +
                " datagrams too early; this is a bug"};
  return report;
}

}  // namespace chiploc
