#pragma once
// The engine alone, by events: simulated time, a real store that works when it is told to, and no thread.

#include <deque>
#include <random>

#include "server/rounds/engine.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/anchor_script.hpp"
#include "tests/support/made_registry.hpp"
#include "tests/support/replayed.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return now; }
  [[nodiscard]] WallTime wall() const override { return {now.since_epoch + offset}; }
  SteadyTime now{std::chrono::seconds{1'000}};
  Nanoseconds offset = std::chrono::seconds{1'800'000'000};  ///< the wall clock may be stepped
};

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : random_{seed} {}
  void fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_;
};

/// Works wait until work() is called; then they are one batch.
class ManualJournal final : public Journal {
 public:
  explicit ManualJournal(Store& store) : store_{store} {}

  bool refuses = false;
  bool is_crowded = false;
  bool disk_full = false;       ///< the commit fails, and with it all works of the batch
  bool holds_outcomes = false;  ///< until tell_outcomes()

  [[nodiscard]] bool post(Work work, Committed committed, Load load) override {
    if (refuses) return false;
    waiting_.push_back({std::move(work), std::move(committed), load});
    return true;
  }
  [[nodiscard]] bool crowded() const override { return is_crowded; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  /// One batch, and what comes of it.
  void work() {
    auto batch = std::exchange(waiting_, {});
    if (batch.empty()) return;
    REQUIRE(store_.begin_batch());
    for (const Item& item : batch) item.work(store_);
    Stored<Done> outcome{Done{}};
    if (disk_full) {
      store_.roll_back_batch();
      outcome = Fail{StoreFault{StoreFaultCode::kFull, "no room"}};
    } else {
      outcome = store_.commit_batch();
    }
    for (Item& item : batch) {
      outcomes_.push_back([hear = std::move(item.committed), outcome] { hear(outcome); });
    }
    batch.clear();
    if (!holds_outcomes) tell_outcomes();
  }
  void tell_outcomes() {
    holds_outcomes = false;
    for (const auto& tell : std::exchange(outcomes_, {})) tell();
  }

 private:
  struct Item {
    Work work;
    Committed committed;
    Load load;
  };
  Store& store_;
  std::deque<Item> waiting_;
  std::vector<std::function<void()>> outcomes_;
};

/// The engine, three anchors or more that answer it and a chip. Every action is carried out at once, in the order in
/// which the engine gave it; judging too, unless the test says otherwise.
class EngineBench : public MadeRegistry {
 public:
  explicit EngineBench(CoordinatorOptions options = {}, std::uint64_t seed = 1,
                       const std::vector<Degrees>& more_anchors = {})
      : MadeRegistry{36'500, more_anchors} {
    store = open_sqlite_store({.path = (folder.path() / "c.db").string()}).value();
    journal = std::make_unique<ManualJournal>(*store);
    options.policy.version = "test";
    engine = std::make_unique<RoundEngine>(
        options, [this] { return registry; },
        RoundEngine::Parts{clock, entropy_.emplace(seed), *journal, *key, Borders::world()});
    for (std::size_t i = 0; i < world.anchors.size(); ++i) scripts.emplace_back(world, chip, i);
  }

  [[nodiscard]] AnchorId anchor(std::size_t i) const {
    return anchor_id_of(world.anchors[i].key->public_key()).value();
  }
  static LinkId link(std::size_t i) { return i + 1; }

  void attach_all() {
    for (std::size_t i = 0; i < scripts.size(); ++i)
      engine->attach(link(i), scripts[i].hello(kProtocolVersion), world.anchors[i].name);
    settle();
  }
  void start(WatcherId watcher = 7, std::chrono::milliseconds deadline = {}) {
    engine->start(world.chip, "tester", deadline, watcher);
    settle();
  }
  /// What the anchor sends, through its door.
  void receive(std::size_t i, const v1::AnchorMessage& message, const ReadCredit& credit = {}) {
    AnchorDoor door{anchor(i), world.anchors[i].key->public_key()};
    auto look = door.look(message, *registry, clock.now);
    REQUIRE(look.input);
    engine->on_message(link(i), anchor(i), std::move(look.input).value(), credit, look.wait);
  }
  /// Carries out what the engine asks for, and what comes of that; the store works as often as it has to.
  void settle() {
    for (bool more = true; more;) {
      more = false;
      for (auto actions = engine->take_actions(); !actions.empty(); actions = engine->take_actions()) {
        for (EngineAction& action : actions) perform(action);
        more = true;
      }
      if (store_works && journal->waiting() > 0) {
        journal->work();
        more = true;
      }
      const auto changes = engine->take_changes();
      for (const auto& [name, times] : changes.counts) counters[name] += times;
      for (const AnchorStatus& status : changes.anchors) anchor_status[status.anchor] = status;
    }
  }
  /// Goes from deadline to deadline.
  void run_for(Nanoseconds time) {
    const SteadyTime end = clock.now + time;
    settle();
    for (auto next = engine->next_deadline(); next && *next <= end; next = engine->next_deadline()) {
      clock.now = std::max(clock.now, *next);
      engine->on_timer();
      settle();
      REQUIRE(++turns_ < 1'000'000);
    }
    clock.now = end;
  }
  [[nodiscard]] std::uint64_t counter(const std::string& name) const {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  }
  [[nodiscard]] bool logged(const std::string& text) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  /// How many messages of a kind went to an anchor.
  [[nodiscard]] std::size_t sent(std::size_t i, v1::CoordinatorMessage::BodyCase kind) const {
    return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), [&](const auto& one) {
      return one.first == link(i) && one.second.body_case() == kind;
    }));
  }

  TempDir folder;
  ManualClock clock;
  std::unique_ptr<Signer> key = key_from_ed25519_seed(ByteVector(32, 7)).value();
  std::unique_ptr<Store> store;
  std::unique_ptr<ManualJournal> journal;
  std::unique_ptr<RoundEngine> engine;
  ScriptedChip chip;
  std::vector<AnchorScript> scripts;

  bool store_works = true;  ///< whenever something waits
  bool anchors_answer = true;
  bool judges = true;
  std::function<bool(std::size_t, const v1::CoordinatorMessage&)> on_send;  ///< false: not sent
  std::map<std::string, std::uint64_t> counters;
  std::vector<std::string> lines;
  std::vector<std::pair<LinkId, v1::CoordinatorMessage>> messages;
  std::map<LinkId, LinkEnd> ended;
  std::vector<act::Judge> to_judge;
  std::vector<RoundId> started;
  std::vector<act::TellStarted> told;
  std::vector<v1::Verdict> verdicts;
  std::vector<RoundFault> faults;
  std::vector<AnchorProgress> progress;
  std::map<AnchorId, AnchorStatus> anchor_status;

 private:
  void perform(EngineAction& action) {
    if (auto* send = std::get_if<act::Send>(&action)) return carry(*send);
    if (auto* end = std::get_if<act::End>(&action)) ended[end->link] = end->why;
    if (auto* line = std::get_if<act::Log>(&action)) lines.push_back(text_of(*line));
    if (auto* judged = std::get_if<act::Judge>(&action)) {
      to_judge.push_back(*judged);
      if (judges) judge_all();
    }
    if (auto* asked = std::get_if<act::Suggest>(&action))
      engine->on_suggested(asked->round, suggest(asked->decision, *asked->model));
    if (auto* tell = std::get_if<act::TellStarted>(&action)) {
      started.push_back(tell->round);
      told.push_back(*tell);
    }
    if (auto* tell = std::get_if<act::TellProgress>(&action)) progress.push_back(tell->progress);
    if (auto* tell = std::get_if<act::TellVerdict>(&action)) verdicts.push_back(*tell->verdict);
    if (auto* tell = std::get_if<act::TellAbandoned>(&action)) faults.push_back(tell->fault);
  }
  void carry(const act::Send& send) {
    const std::size_t i = send.link - 1;
    messages.emplace_back(send.link, send.message);
    if (on_send && !on_send(i, send.message)) return engine->on_not_sent(send);
    if (!anchors_answer || i >= scripts.size())
      return;  // beyond: another process of an anchor, which is mute
    for (const v1::AnchorMessage& answer : scripts[i].answers(send.message)) receive(i, answer);
  }

 public:
  void judge_all() {
    for (const act::Judge& one : std::exchange(to_judge, {}))
      engine->on_judged(one.round, judge(*one.task, engine->borders()));
  }

 private:
  std::optional<SeededEntropy> entropy_;
  std::size_t turns_ = 0;
};

}  // namespace chiploc::test
