#include "server/sim/sim_coordinator.hpp"

#include <algorithm>

namespace chiploc::sim {

SimCoordinator::SimCoordinator(SimWorld& world, CoordinatorOptions options, const Signer& key,
                               RoundEngine::RegistrySource registry, Store& store, const Borders& borders,
                               Times times)
    : world_{world},
      registry_{std::move(registry)},
      times_{times},
      borders_{borders},
      journal_{world, store, times.store, [this] { settle(); }},
      engine_{std::move(options), registry_, RoundEngine::Parts{*this, *this, journal_, key, borders}} {}

LinkId SimCoordinator::attach(const AnchorId& anchor, const PublicKey& report_key, const v1::Hello& hello,
                              Command command) {
  const LinkId link = lines_.size() + 1;
  lines_.emplace(link, Line{AnchorDoor{anchor, report_key}, std::move(command)});
  engine_.attach(link, hello, hello.anchor());
  settle();
  return link;
}

void SimCoordinator::receive(LinkId link, v1::AnchorMessage message) {
  world_.after(times_.line, [this, link, message = std::make_shared<v1::AnchorMessage>(std::move(message))] {
    Line& line = lines_.at(link);
    if (line.ended) return;
    AnchorDoor::Look look = line.door.look(*message, *registry_(), world_.now());
    if (!look.input) {
      ++counters_["dropped_" + drop_name(message->body_case(), look.input.error())];
      return;
    }
    engine_.on_message(link, line.door.id(), std::move(look.input).value(), {}, look.wait);
    settle();
  });
}

void SimCoordinator::begin(const std::vector<OpenRound>& cut_rounds) {
  engine_.begin(cut_rounds);
  settle();
}

void SimCoordinator::detach(LinkId link) {
  Line& line = lines_.at(link);
  line.ended = true;
  engine_.detach(link, line.door.id());
  settle();
}

void SimCoordinator::start(const ChipId& chip, const std::string& requested_by, WatcherId watcher) {
  engine_.start(chip, requested_by, std::chrono::milliseconds{0}, watcher);
  settle();
}

void SimCoordinator::settle() {
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (EngineAction& action : actions) {
      std::visit([this](auto& one) { perform(one); }, action);
    }
  }
  for (const auto& [name, times] : engine_.take_changes().counts) counters_[name] += times;
  arm();
}

void SimCoordinator::arm() {
  const auto next = engine_.next_deadline();
  if (!next || (armed_ && *armed_ <= *next && *armed_ > world_.now())) return;
  armed_ = std::max(*next, world_.now());
  world_.after(*armed_ - world_.now(), [this, at = *armed_] {
    if (armed_ != at) return;
    armed_.reset();
    engine_.on_timer();
    settle();
  });
}

void SimCoordinator::perform(act::Send& send) {
  world_.after(times_.line, [this, link = send.link,
                             message = std::make_shared<v1::CoordinatorMessage>(std::move(send.message))] {
    Line& line = lines_.at(link);
    if (!line.ended) line.command(*message);
  });
}

void SimCoordinator::perform(const act::End& end) { lines_.at(end.link).ended = true; }

void SimCoordinator::perform(const act::Judge& asked) {
  world_.after(times_.judging, [this, id = asked.round, task = asked.task] {
    engine_.on_judged(id, judge(*task, borders_));
    settle();
  });
}

void SimCoordinator::perform(const act::Suggest& asked) {
  world_.after(times_.suggesting, [this, asked] {
    engine_.on_suggested(asked.round, suggest(asked.decision, *asked.model));
    settle();
  });
}

void SimCoordinator::perform(const act::LearnWindow& learn) {
  calibrator_.add(learn.window, *learn.registry);
  refit_later();
}

void SimCoordinator::perform(const act::ForgetPlaces& forget) {
  calibrator_.follow(*forget.registry, world_.wall());
  refit_later();
}

void SimCoordinator::refit_later() {
  if (refit_waits_) return;
  refit_waits_ = true;
  world_.after(times_.refit, [this] {
    refit_waits_ = false;
    const Registry::Snapshot registry = registry_();
    calibrator_.follow(*registry, world_.wall());
    calibrator_.refit();
    engine_.on_calibration(std::make_shared<const LearntMesh>(calibrator_.learnt(registry)));
    settle();
  });
}

void SimCoordinator::perform(const act::LearnPlaces&) {
  if (places_wait_) return;
  places_wait_ = true;
  const SteadyTime now = world_.now();
  const SteadyTime next = places_learnt_ ? std::max(now, *places_learnt_ + times_.places) : now;
  world_.after(next - now, [this] {
    places_wait_ = false;
    places_learnt_ = world_.now();
    const std::shared_ptr<const LearntMesh> from = engine_.mesh();
    engine_.on_places(learn_places(from->mesh, borders_), from);
    settle();
  });
}

void SimCoordinator::perform(const act::TellVerdict& told) {
  if (on_verdict) on_verdict(told.watcher, *told.verdict);
}

void SimCoordinator::perform(const act::TellAbandoned& told) {
  if (on_abandoned) on_abandoned(told.watcher, told.fault);
}

void SimCoordinator::perform(const act::Log& line) {
  constexpr std::size_t kLines = 10'000;
  if (line.level != LogLevel::kInfo && log_.size() < kLines) log_.push_back(text_of(line));
}

}  // namespace chiploc::sim
