#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/rounds/engine.hpp"
#include "server/sim/sim_journal.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

/// The production engine in a simulated world: what server/coordinator is on a machine. Each thing that takes
/// time there takes it here, whatever it costs the processor.
class SimCoordinator final : private Clock, private Entropy {
 public:
  struct Times {
    Nanoseconds line = std::chrono::milliseconds{15};  ///< a message to an anchor, or from one
    Nanoseconds judging = std::chrono::milliseconds{10};
    Nanoseconds suggesting = std::chrono::milliseconds{40};
    Nanoseconds refit = std::chrono::minutes{10};  ///< the mesh's windows are learnt from this seldom
    Nanoseconds places = std::chrono::hours{2};    ///< and places
    SimJournal::Times store;
  };
  using Command = std::function<void(const v1::CoordinatorMessage&)>;

  SimCoordinator(SimWorld& world, CoordinatorOptions options, const Signer& key,
                 RoundEngine::RegistrySource registry, Store& store, const Borders& borders, Times times);

  /// A stream of this anchor's; `command` is called when a message has come over the line.
  LinkId attach(const AnchorId& anchor, const PublicKey& report_key, const v1::Hello& hello, Command command);
  /// What the anchor of this stream has sent is there after the line's time.
  void receive(LinkId link, v1::AnchorMessage message);
  void begin(const std::vector<OpenRound>& cut_rounds);
  /// The stream is gone: the anchor's program has ended, or its line. Nothing more comes over it.
  void detach(LinkId link);
  /// `watcher`: 0, or who is told of the verdict, or that there is none.
  void start(const ChipId& chip, const std::string& requested_by, WatcherId watcher = 0);
  std::function<void(WatcherId, const v1::Verdict&)> on_verdict;
  std::function<void(WatcherId, RoundFault)> on_abandoned;

  /// Counted by name, as the status shows it.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counters() const { return counters_; }
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
  [[nodiscard]] std::uint64_t batches() const { return journal_.batches(); }

 private:
  struct Line {
    AnchorDoor door;
    Command command;
    bool ended = false;
  };

  [[nodiscard]] SteadyTime steady() const override { return world_.now(); }
  [[nodiscard]] WallTime wall() const override { return world_.wall(); }
  void fill(MutableBytes out) override { world_.fill(out); }

  void settle();
  void arm();
  void perform(act::Send& send);
  void perform(const act::End& end);
  void perform(const act::Judge& judge);
  void perform(const act::Suggest& suggest);
  void perform(const act::LearnWindow& learn);
  void perform(const act::ForgetPlaces& forget);
  void perform(const act::LearnPlaces& learn);
  void perform(const act::Log& line);
  void perform(const act::TellVerdict& told);
  void perform(const act::TellAbandoned& told);
  template <class Tell>
  void perform(const Tell&) {}  // nobody watches how far a round is
  void refit_later();

  SimWorld& world_;
  RoundEngine::RegistrySource registry_;
  Times times_;
  const Borders& borders_;
  SimJournal journal_;
  RoundEngine engine_;
  std::map<LinkId, Line> lines_;
  std::optional<SteadyTime> armed_;
  Calibrator calibrator_;
  bool refit_waits_ = false;
  bool places_wait_ = false;
  std::optional<SteadyTime> places_learnt_;
  std::map<std::string, std::uint64_t> counters_;
  std::vector<std::string> log_;
};

}  // namespace chiploc::sim
