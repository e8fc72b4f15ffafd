#include "server/lab/lab_world.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <thread>
#include <utility>

#include "server/lab/lab_files.hpp"
#include "server/lab/milliseconds.hpp"
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
                                 [](const LabChip& c) { return needs_rogue(c.behaviour); }) ||
                     std::any_of(file.events.begin(), file.events.end(), [](const LabEvent& event) {
                       const auto* chip = std::get_if<LabChip>(&event.after);
                       return chip != nullptr && needs_rogue(chip->behaviour);
                     });
  if (rogue) needed.push_back(programs.rogue_agent);
  for (const auto& program : needed) {
    if (::access(program.c_str(), X_OK) != 0) {
      return Fail{"there is no program " + program.string() + "; build it, or name the folder with --bin"};
    }
  }
  if (::access((folder / "page" / "index.html").c_str(), R_OK) == 0)
    programs.page = std::filesystem::absolute(folder / "page");
  return programs;
}

LabWorldRunner::LabWorldRunner(LabPlan plan, LabPrograms programs, Say say)
    : plan_{std::move(plan)},
      now_{plan_.file},
      programs_{std::move(programs)},
      say_{std::move(say)},
      started_{Clock::now()},
      epoch_{started_} {}

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
  {
    const std::lock_guard lock{client_mutex_};
    if (client_) client_->cancel();
  }
  const std::lock_guard lock{mutex_};
  changed_.notify_all();
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

std::string LabWorldRunner::way_to_page() {
  if (plan_.page.empty()) return {};
  const auto code = client_->sign_in_code(kStartPatience);
  if (!code) return "the page gives no code: " + code.error().text;
  return "page " + code->page_address() + " (your browser does not know the lab's authority, " +
         (plan_.state / "ca.pem").string() + "); sign in there within five minutes with the code " +
         code->code();
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

std::vector<std::string> LabWorldRunner::agent_arguments(const LabAgent& agent, const LabChip& chip) const {
  const std::filesystem::path& folder = agent.endpoint.folder;
  const bool rogue = needs_rogue(chip.behaviour);
  std::vector<std::string> arguments{(rogue ? programs_.rogue_agent : programs_.agent).string(), "--config",
                                     (folder / "agent.toml").string()};
  if (!rogue) return arguments;
  arguments.insert(arguments.end(), {"--behaviour", std::string{name_of(chip.behaviour)}});
  if (chip.behaviour == Behaviour::kStalled) {
    arguments.insert(arguments.end(),
                     {"--stall-ms", ms_text(chip.stall), "--stall-spread-ms", ms_text(chip.stall_spread),
                      "--stall-law", std::string{name_of(chip.stall_law)}});
  }
  if (chip.behaviour == Behaviour::kEarly)
    arguments.insert(arguments.end(), {"--early-answers", std::to_string(chip.early_answers)});
  if (chip.behaviour == Behaviour::kForged)
    arguments.insert(arguments.end(), {"--forged-key", (folder / "forged.key").string()});
  return arguments;
}

Result<Done, std::string> LabWorldRunner::launch_anchor(std::size_t index) {
  const LabEndpoint& anchor = plan_.anchors[index];
  return launch(anchor.name,
                {programs_.anchor.string(), "--config", (anchor.folder / "anchor.toml").string()});
}

Result<Done, std::string> LabWorldRunner::start_endpoints() {
  for (std::size_t i = 0; i < plan_.anchors.size(); ++i) {
    if (auto step = launch_anchor(i); !step) return step;
  }
  for (const LabAgent& agent : plan_.agents) {
    const LabChip& chip = plan_.file.chips[agent.chip];
    if (!runs(chip, agent.clone)) continue;
    if (auto step = launch(agent.endpoint.name, agent_arguments(agent, chip)); !step) return step;
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

}  // namespace chiploc
