#include "server/coordinator/coordinator.hpp"

#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <utility>

#include <spdlog/spdlog.h>

namespace chiploc {

Coordinator::Coordinator(asio::io_context& io, CoordinatorOptions options, std::unique_ptr<Signer> key,
                         RegistrySource registry, StoreThread& store, const Borders& borders)
    : io_{io},
      registry_{std::move(registry)},
      key_{std::move(key)},
      journal_{store, io, [this] { settle(); }},
      engine_{std::move(options), registry_, {clock_, entropy_, journal_, *key_, borders}},
      timer_{io},
      place_learner_{io, borders,
                     [this] {
                       learning_from_ = engine_.mesh();
                       return learning_from_->mesh;
                     },
                     [this](const LearntPlaces& learnt) {
                       engine_.on_places(learnt, learning_from_);
                       settle();
                     }},
      calibration_worker_{io, [this](std::shared_ptr<const LearntMesh> learnt) {
                            engine_.on_calibration(std::move(learnt));
                            settle();
                          }} {
  board_.apply(engine_.take_changes());
}

Coordinator::~Coordinator() {
  judging_thread_.join();
  suggesting_thread_.join();
}

void Coordinator::begin(const std::vector<OpenRound>& cut_rounds) {
  engine_.begin(cut_rounds);
  settle();
}

void Coordinator::drain(std::function<void()> done) {
  asio::dispatch(io_, [this, done = std::move(done)] {
    place_learner_.stop();
    calibration_worker_.stop();
    engine_.drain();
    settle();
    done();
  });
}

// ------------------------------------------------------------------------------------------ for people
void Coordinator::start(ChipId chip, Requester requested_by, std::chrono::milliseconds deadline,
                        RoundObserver observer) {
  asio::post(io_,
             [this, chip, by = std::move(requested_by), deadline, observer = std::move(observer)]() mutable {
               const WatcherId watcher = ++watchers_made_;
               watchers_.emplace(watcher, std::move(observer));
               engine_.start(chip, by, deadline, watcher);
               settle();
             });
}

void Coordinator::adopt(const Policy& policy, const PolicyRules& rules) {
  asio::post(io_, [this, policy, schedule = rules.scheduler, retention = rules.retention] {
    engine_.on_policy(policy);
    engine_.on_rules(schedule, retention);
    settle();
  });
}

void Coordinator::chip_changed(const ChipId& chip, WallTime at) {
  asio::post(io_, [this, chip, at] { engine_.on_chip_changed(chip, at); });
}

// ------------------------------------------------------------------------------------------ for anchors
void Coordinator::attach(std::shared_ptr<AnchorLink> link, v1::Hello hello, std::string certificate_name,
                         std::optional<CertificateLife> certificate) {
  const Registry::Snapshot registry = registry_();
  const AnchorRecord* record = registry->anchor(hello.anchor());
  const auto key =
      record == nullptr ? std::nullopt : std::optional{PublicKey::from_raw_ed25519(record->public_key)};
  if (certificate && record != nullptr && record->name == certificate_name)
    board_.note_certificate(record->id, *certificate);
  LinkId id = 0;
  {
    const std::scoped_lock lock{entrances_mutex_};
    id = ++links_made_;
    entrances_[link.get()] = {id, key && *key ? std::make_shared<AnchorDoor>(record->id, key->value())
                                              : std::shared_ptr<AnchorDoor>{}};
  }
  asio::post(
      io_, [this, id, link = std::move(link), hello = std::move(hello), name = std::move(certificate_name)] {
        links_.emplace(id, link);
        engine_.attach(id, hello, name, link->peer());
        settle();
      });
}

Coordinator::Entrance Coordinator::entrance_of(const AnchorLink* link) {
  const std::scoped_lock lock{entrances_mutex_};
  const auto found = entrances_.find(link);
  return found == entrances_.end() ? Entrance{} : found->second;
}

void Coordinator::on_message(std::shared_ptr<AnchorLink> link, v1::AnchorMessage message) {
  const Entrance entrance = entrance_of(link.get());
  const ReadCredit credit = read_credit(link);
  if (!entrance.door) return;  // refused, or about to be: what it still sends is not for this coordinator
  const AnchorId anchor = entrance.door->id();
  AnchorDoor::Look look = entrance.door->look(message, *registry_(), steady_now());
  if (!look.input) {
    drop_at_door(*link, anchor, message, look.input.error());
    if (look.wait.count() <= 0) return;
    asio::post(io_, [this, credit, wait = look.wait] {
      engine_.hold(credit, wait);
      settle();
    });
    return;
  }
  asio::post(io_, [this, id = entrance.link, anchor, credit, wait = look.wait,
                   input = std::make_shared<AnchorInput>(std::move(look.input).value())] {
    engine_.on_message(id, anchor, std::move(*input), credit, wait);
    settle();
  });
}

void Coordinator::drop_at_door(AnchorLink& link, const AnchorId& anchor, const v1::AnchorMessage& message,
                               Dropped reason) {
  const std::string name = drop_name(message.body_case(), reason);
  if (worth_a_line(board_.note_drop(anchor, name)))
    spdlog::warn("anchor.message_dropped anchor={} what={}", anchor.hex(), name);
  if (message.spool_id() == 0) return;
  v1::CoordinatorMessage answer;  // it would be dropped for ever: the anchor may forget it
  answer.mutable_acknowledge()->set_spool_id(message.spool_id());
  link.send(answer);
}

void Coordinator::detach(std::shared_ptr<AnchorLink> link) {
  const Entrance entrance = entrance_of(link.get());
  {
    const std::scoped_lock lock{entrances_mutex_};
    entrances_.erase(link.get());
  }
  asio::post(io_, [this, entrance, link = std::move(link)] {
    links_.erase(entrance.link);
    if (entrance.door) engine_.detach(entrance.link, entrance.door->id());
    settle();
  });
}

// ------------------------------------------------------------------------------------------ the engine's
// wishes
void Coordinator::settle() {
  if (settling_) return;  // called from within an action: the loop below goes on with what it left
  settling_ = true;
  for (;;) {
    board_.apply(engine_.take_changes());
    std::vector<EngineAction> actions = engine_.take_actions();
    if (actions.empty()) break;
    for (EngineAction& action : actions) {
      std::visit([this](auto& one) { perform(one); }, action);
    }
  }
  settling_ = false;
  arm();
}

void Coordinator::arm() {
  const auto deadline = engine_.next_deadline();
  if (deadline == armed_) return;
  armed_ = deadline;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(std::chrono::steady_clock::time_point{
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(deadline->since_epoch)});
  timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    armed_.reset();
    engine_.on_timer();
    settle();
  });
}

void Coordinator::perform(const act::Send& send) {
  const auto found = links_.find(send.link);
  if (found == links_.end() || !found->second->send(send.message)) engine_.on_not_sent(send);
}

void Coordinator::perform(const act::End& end) {
  const auto found = links_.find(end.link);
  if (found == links_.end()) return;
  const auto link = found->second;
  links_.erase(found);
  link->end(end.why, end.text);
}

void Coordinator::perform(const act::Judge& judge) {
  asio::post(judging_thread_, [this, id = judge.round, task = judge.task] {
    auto judgement = std::make_shared<Judgement>(chiploc::judge(*task, engine_.borders()));
    asio::post(io_, [this, id, judgement] {
      engine_.on_judged(id, std::move(*judgement));
      settle();
    });
  });
}

void Coordinator::perform(const act::Suggest& suggest) {
  asio::post(suggesting_thread_, [this, id = suggest.round, model = suggest.model,
                                  decision = suggest.decision] {
    auto suggestion = std::make_shared<const std::optional<Suggestion>>(chiploc::suggest(decision, *model));
    asio::post(io_, [this, id, suggestion] {
      engine_.on_suggested(id, *suggestion);
      settle();
    });
  });
}

void Coordinator::perform(act::LearnWindow& learn) {
  calibration_worker_.add(std::move(learn.window), std::move(learn.registry));
}
void Coordinator::perform(const act::ForgetPlaces& forget) {
  calibration_worker_.registry_changed(forget.registry);
}
void Coordinator::perform(const act::LearnPlaces&) { place_learner_.mesh_changed(); }

void Coordinator::perform(const act::TellStarted& tell) {
  const auto found = watchers_.find(tell.watcher);
  if (found != watchers_.end() && found->second.started)
    found->second.started({tell.round, tell.anchors, tell.knock_wait, tell.knock_note});
}

void Coordinator::perform(const act::TellProgress& tell) {
  const auto found = watchers_.find(tell.watcher);
  if (found != watchers_.end() && found->second.progress) found->second.progress(tell.progress);
}

void Coordinator::perform(const act::TellVerdict& tell) {
  const auto watcher = watchers_.extract(tell.watcher);
  if (watcher && watcher.mapped().verdict) watcher.mapped().verdict(*tell.verdict);
}

void Coordinator::perform(const act::TellAbandoned& tell) {
  const auto watcher = watchers_.extract(tell.watcher);
  if (watcher && watcher.mapped().abandoned) watcher.mapped().abandoned(tell.fault);
}

void Coordinator::perform(const act::Log& line) {
  const auto level_of = [](LogLevel level) {
    switch (level) {
      case LogLevel::kInfo:
        return spdlog::level::info;
      case LogLevel::kWarning:
        return spdlog::level::warn;
      case LogLevel::kError:
        return spdlog::level::err;
    }
    return spdlog::level::err;
  };
  spdlog::log(level_of(line.level), "{}", text_of(line));
}

}  // namespace chiploc
