#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "proto/crypto/keys.hpp"
#include "server/coordinator/anchor_link.hpp"
#include "server/coordinator/calibration_worker.hpp"
#include "server/coordinator/machine.hpp"
#include "server/coordinator/place_learner.hpp"
#include "server/coordinator/status_board.hpp"
#include "server/rounds/engine.hpp"
#include "server/service/round_starter.hpp"

namespace chiploc {

/// Runs rounds: the shell around RoundEngine, which has all the rules. Here are threads, timers, streams and
/// the log.
///
/// Owns       the engine, on the thread that runs `io`; the threads for judging, suggestions, calibration and
///            places.
/// Threads    start(), status(), anchors(), attach(), on_message() and detach() may be called from any
///            thread; they post to that thread. on_message() checks sizes and signatures first, on the thread
///            that calls it (AnchorDoor): what does not pass costs nobody else anything. Calls for one link
///            come one after the other. Everything else is the owning thread's alone. Writes go to the
///            StoreThread; what an anchor may forget is acknowledged after the commit, or when it was dropped
///            and counted.
/// Never      answers a person before the verdict is in the store.
class Coordinator final : public RoundStarter, public StatusSource {
 public:
  using RegistrySource = RoundEngine::RegistrySource;

  Coordinator(asio::io_context& io, CoordinatorOptions options, std::unique_ptr<Signer> key,
              RegistrySource registry, StoreThread& store, const Borders& borders);
  ~Coordinator() override;

  /// Gives up rounds that a crash cut, and starts the scheduler.
  void begin(const std::vector<OpenRound>& cut_rounds);
  /// No new rounds; those in flight are abandoned, with their watchers told. Then `done` is called.
  void drain(std::function<void()> done);

  [[nodiscard]] const CoordinatorId& id() const { return engine_.id(); }

  // For people (RoundStarter, StatusSource).
  void start(ChipId chip, Requester requested_by, std::chrono::milliseconds deadline,
             RoundObserver observer) override;
  void adopt(const Policy& policy, const PolicyRules& rules) override;
  /// What a chip is held for has changed. From any thread.
  void chip_changed(const ChipId& chip, WallTime at);
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord& chip) const override {
    return engine_.least_deadline(chip, board_.knocks_of(chip.id));
  }
  [[nodiscard]] std::optional<KnockRhythm> knocks_of(const ChipId& chip) const override {
    return board_.knocks_of(chip);
  }
  [[nodiscard]] CoordinatorStatus status() const override { return board_.status(); }
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override { return board_.anchors(); }

  // For the anchors' streams. `link` names the stream in the later calls.
  void attach(std::shared_ptr<AnchorLink> link, v1::Hello hello, std::string certificate_name,
              std::optional<CertificateLife> certificate = std::nullopt);
  void on_message(std::shared_ptr<AnchorLink> link, v1::AnchorMessage message);
  void detach(std::shared_ptr<AnchorLink> link);

 private:
  /// A stream, and what its messages are held against. No door: nobody's that the registry knows.
  struct Entrance {
    LinkId link = 0;
    std::shared_ptr<AnchorDoor> door;
  };
  [[nodiscard]] Entrance entrance_of(const AnchorLink* link);
  /// Counts it, and lets the anchor forget it.
  void drop_at_door(AnchorLink& link, const AnchorId& anchor, const v1::AnchorMessage& message,
                    Dropped reason);

  /// After every event: shows what has changed, does what the engine asks for, sets the timer.
  void settle();
  void arm();
  void perform(const act::Send& send);
  void perform(const act::End& end);
  void perform(const act::Judge& judge);
  void perform(const act::Suggest& suggest);
  void perform(act::LearnWindow& learn);
  void perform(const act::ForgetPlaces& forget);
  void perform(const act::LearnPlaces& learn);
  void perform(const act::TellStarted& tell);
  void perform(const act::TellProgress& tell);
  void perform(const act::TellVerdict& tell);
  void perform(const act::TellAbandoned& tell);
  void perform(const act::Log& line);

  asio::io_context& io_;
  RegistrySource registry_;
  std::unique_ptr<Signer> key_;
  MachineClock clock_;
  MachineEntropy entropy_;
  StoreJournal journal_;
  StatusBoard board_;
  RoundEngine engine_;
  asio::steady_timer timer_;
  std::optional<SteadyTime> armed_;
  bool settling_ = false;
  std::unordered_map<LinkId, std::shared_ptr<AnchorLink>> links_;
  std::unordered_map<WatcherId, RoundObserver> watchers_;
  WatcherId watchers_made_ = 0;
  std::shared_ptr<const LearntMesh> learning_from_;  ///< what the place learner was given last
  PlaceLearner place_learner_;
  CalibrationWorker calibration_worker_;

  std::mutex entrances_mutex_;
  std::unordered_map<const AnchorLink*, Entrance> entrances_;
  LinkId links_made_ = 0;

  // Last: joined before what their work refers to goes.
  asio::thread_pool suggesting_thread_{1};
  asio::thread_pool judging_thread_{1};
};

}  // namespace chiploc
