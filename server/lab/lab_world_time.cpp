// What happens in a running lab while its time goes by: rounds, and events beside them.

#include <algorithm>
#include <thread>
#include <utility>

#include "server/lab/lab_world.hpp"
#include "server/lab/relay_control.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kAttemptsMax = 3;
constexpr auto kLookForAnchors = 20ms;
constexpr auto kAttachPatience = 20s;

}  // namespace

// Rounds ----------------------------------------------------------------------------------------------------

void LabWorldRunner::measure(std::size_t chip, std::size_t round, unsigned attempts) {
  const LabPolicy& p = plan_.file.policy;
  const auto deadline =
      std::chrono::milliseconds{p.prepare_deadline_ms + p.round_deadline_ms + p.linger_ms} + 15s;
  LabSeen seen{.chip = chip, .round = round, .span = {.began = lab_time(), .ended = {}}};
  for (unsigned attempt = 0; attempt < attempts && !cancelled_; ++attempt) {
    seen.span.began = lab_time();
    auto verdict = client_->verify(plan_.chip_ids[chip].hex(), deadline);
    if (verdict) {
      seen.verdict = std::move(verdict).value();
      break;
    }
    seen.problem = verdict.error().text;
    if (cancelled_) break;  // the interrupt has been told, and this call was cut by it
    say_(plan_.file.chips[chip].serial + ": no verdict: " + seen.problem);
    if (!verdict.error().again) break;
    std::this_thread::sleep_for(200ms);
  }
  seen.span.ended = lab_time();
  const std::lock_guard lock{mutex_};
  seen_.push_back(std::move(seen));
}

void LabWorldRunner::run_round(const LabRound& what, std::size_t round) {
  say_("round " + std::to_string(round + 1) + " of " + std::to_string(rounds_of(plan_.file).size()));
  // Those that take longest (nobody answers) first, so that the others run beside them and not after them.
  std::vector<std::size_t> order = what.chips;
  std::stable_partition(order.begin(), order.end(),
                        [this](std::size_t chip) { return plan_.agent_of(chip) == nullptr; });
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;
  const std::size_t count = std::min(order.size(), static_cast<std::size_t>(plan_.file.parallel));
  for (std::size_t i = 0; i < count; ++i) {
    workers.emplace_back([&] {
      for (std::size_t at = next++; at < order.size() && !cancelled_; at = next++)
        measure(order[at], round, kAttemptsMax);
    });
  }
  for (std::thread& worker : workers) worker.join();
}

void LabWorldRunner::run_schedule() {
  const std::vector<LabRound> rounds = rounds_of(plan_.file);
  for (std::size_t i = 0; i < rounds.size() && !cancelled_; ++i) {
    const auto due = [&](const LabEvent& event) { return event.at <= rounds[i].at; };
    const auto& events = plan_.file.events;
    const auto before = static_cast<std::size_t>(std::count_if(events.begin(), events.end(), due));
    {
      std::unique_lock lock{mutex_};
      changed_.wait_until(lock, epoch_ + rounds[i].at, [this] { return cancelled_.load(); });
      changed_.wait(lock, [&] { return cancelled_ || carried_out_.size() >= before; });
    }
    if (!cancelled_) run_round(rounds[i], i);
  }
  const std::lock_guard lock{mutex_};
  rounds_over_ = true;
  changed_.notify_all();
}

Result<LabReport, std::string> LabWorldRunner::run_rounds() {
  epoch_ = Clock::now();
  std::thread rounds{[this] { run_schedule(); }};
  Result<Done, std::string> tended = Done{};
  for (bool over = false; !over && tended;) {
    tended = tend();
    if (!tended) break;
    std::unique_lock lock{mutex_};
    const auto ready = [this] { return rounds_over_; };
    const std::size_t next = carried_out_.size();
    if (next < plan_.file.events.size() && !cancelled_)
      changed_.wait_until(lock, epoch_ + plan_.file.events[next].at, ready);
    else
      changed_.wait(lock, ready);
    over = rounds_over_;
  }
  const bool asked = cancelled_;
  if (!tended) cancel();
  rounds.join();
  if (asked) return Fail{std::string{"interrupted"}};
  if (!tended) return Fail{tended.error()};
  if (cancelled_) return Fail{std::string{"interrupted"}};
  LabReport report;
  report.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  std::stable_sort(seen_.begin(), seen_.end(),
                   [](const LabSeen& a, const LabSeen& b) { return a.round < b.round; });
  report.rows = rows_of(plan_, carried_out_, seen_);
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

// Events ----------------------------------------------------------------------------------------------------

Result<Done, std::string> LabWorldRunner::tend() {
  const std::vector<LabEvent>& events = plan_.file.events;
  for (std::size_t next = carried_out_.size(); next < events.size() && !cancelled_; ++next) {
    const Nanoseconds began = lab_time();
    if (events[next].at > began) break;
    say_(text_of(now_, events[next]));
    if (auto step = carry_out(events[next]); !step) return step;
    const std::lock_guard lock{mutex_};
    carried_out_.push_back({.began = began, .ended = lab_time()});
    changed_.notify_all();
  }
  return Done{};
}

Result<Done, std::string> LabWorldRunner::carry_out(const LabEvent& event) {
  if (std::holds_alternative<LabChip>(event.after)) {
    const LabChip before = now_.chips[event.index];
    apply(now_, event);
    return change_chip(event.index, before);
  }
  if (std::holds_alternative<LabAnchor>(event.after)) {
    const LabAnchor before = now_.anchors[event.index];
    apply(now_, event);
    return change_anchor(event.index, before);
  }
  apply(now_, event);
  return change_pair(now_.pairs[event.index]);
}

/// The network changes before the programs: one that starts is where it will be.
Result<Done, std::string> LabWorldRunner::change_chip(std::size_t index, const LabChip& before) {
  const LabChip& chip = now_.chips[index];
  for (const LabAgent& agent : plan_.agents) {
    if (agent.chip != index) continue;
    const NetworkSite site = site_of(chip, agent.clone);
    if (site != site_of(before, agent.clone)) {
      if (auto told = tell_relay(site_line(site)); !told) return told;
    }
    const auto arguments = agent_arguments(agent, chip);
    const bool ran = runs(before, agent.clone);
    const bool will = runs(chip, agent.clone);
    if (ran == will && arguments == agent_arguments(agent, before)) continue;
    if (ran) stop(agent.endpoint.name);
    if (!will) continue;
    if (auto step = launch(agent.endpoint.name, arguments); !step) return step;
  }
  return Done{};
}

Result<Done, std::string> LabWorldRunner::change_anchor(std::size_t index, const LabAnchor& before) {
  const LabAnchor& anchor = now_.anchors[index];
  if (site_of(anchor) != site_of(before)) {
    if (auto told = tell_relay(site_line(site_of(anchor))); !told) return told;
  }
  if (anchor.down == before.down) return Done{};
  if (anchor.down)
    stop(anchor.name);
  else if (auto step = launch_anchor(index); !step)
    return step;
  const auto up =
      std::count_if(now_.anchors.begin(), now_.anchors.end(), [](const LabAnchor& a) { return !a.down; });
  return await_attached(static_cast<std::size_t>(up));
}

Result<Done, std::string> LabWorldRunner::change_pair(const LabPair& pair) {
  const auto in_relay = [this](const std::string& name) {
    const auto named = [&](const auto& e) { return e.name == name; };
    return std::any_of(plan_.anchors.begin(), plan_.anchors.end(), named) ||
           std::any_of(plan_.agents.begin(), plan_.agents.end(),
                       [&](const LabAgent& a) { return named(a.endpoint); });
  };
  if (!in_relay(pair.a) || !in_relay(pair.b)) return Done{};  // a chip that never runs
  return tell_relay(pair_line(pair.a, pair.b, {.round_trip = pair.round_trip, .extra = pair.extra}));
}

Result<Done, std::string> LabWorldRunner::tell_relay(const std::string& line) {
  const auto answer = ask_relay(plan_.relay_socket(), line);
  if (!answer) return Fail{answer.error()};
  if (answer.value().find("\"ok\":true") == std::string::npos)
    return Fail{"the relay refused \"" + line + "\": " + answer.value()};
  return Done{};
}

Result<Done, std::string> LabWorldRunner::await_attached(std::size_t count) {
  const auto deadline = Clock::now() + kAttachPatience;
  while (!cancelled_) {
    const auto status = client_->status(2s);
    if (status && status.value().anchors_connected() == count) return Done{};
    if (Clock::now() > deadline)
      return Fail{"not " + std::to_string(count) + " anchors are attached after an event; see the logs in " +
                  (plan_.state / "logs").string()};
    std::this_thread::sleep_for(kLookForAnchors);
  }
  return Fail{std::string{"interrupted"}};
}

void LabWorldRunner::stop(const std::string& name) {
  const auto at = std::find_if(children_.begin(), children_.end(),
                               [&](const ChildProcess& child) { return child.name() == name; });
  if (at == children_.end()) return;
  at->stop(5s);
  children_.erase(at);
}

}  // namespace chiploc
