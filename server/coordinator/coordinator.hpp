#pragma once
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "proto/crypto/keys.hpp"
#include "server/coordinator/active_round.hpp"
#include "server/coordinator/anchor_door.hpp"
#include "server/rounds/anchor_gate.hpp"
#include "server/coordinator/anchor_link.hpp"
#include "server/coordinator/calibration_worker.hpp"
#include "server/coordinator/place_learner.hpp"
#include "server/rounds/site_cohorts.hpp"
#include "server/registry/registry.hpp"
#include "server/rounds/mesh_peers.hpp"
#include "server/rounds/round.hpp"
#include "server/rounds/scheduler.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/store_thread.hpp"
#include "server/verifier/verdict.hpp"

namespace chiploc {

/// How long what anchors deliver all the time is kept. Rounds, and what belongs to them, are kept for ever.
struct Retention {
  Nanoseconds mesh = std::chrono::hours{6};  ///< 1 GB with 64 anchors
  std::uint64_t mesh_windows = 1'000'000;    ///< at most; some 6 KB each
  Nanoseconds knocks =
      std::chrono::hours{24 * 90};              ///< but those beside another boot id of their chip longer
  std::uint64_t knocks_max = 10'000'000;        ///< at most, in any case
  Nanoseconds every = std::chrono::minutes{5};  ///< looks for what is old; 0: never
};

struct CoordinatorOptions {
  RoundOptions round;
  Policy policy;
  std::size_t rounds_max = 1024;                ///< in flight; each holds some 100 KiB of evidence
  std::size_t anchors_per_round = kAnchorsMax;  ///< the nearest to the licensed territory, if more are there
  std::size_t mesh_peers = kMeshPeersMax;       ///< that an anchor is given, if more are there
  Retention retention;
  Nanoseconds scheduler_cadence{0};          ///< 0: rounds only on request
  std::string scheduler_name = "scheduler";  ///< requested_by of its rounds
};

/// Runs rounds: the thin shell around Round, check_evidence and decide.
///
/// Owns       the rounds in flight and the table of attached anchors; both live on the thread that runs `io`.
/// Threads    start(), status(), anchors(), attach(), on_message() and detach() may be called from any
/// thread; they
///            post to that thread. on_message() checks sizes and signatures first, on the thread that calls
///            it (anchor_gate.hpp): what does not pass costs nobody else anything. Calls for one link come
///            one after the other. Everything else is the owning thread's alone. Writes go to the
///            StoreThread; what an anchor may forget is acknowledged after the commit, or when it was dropped
///            and counted.
/// Never      answers a person before the verdict is in the store.
class Coordinator final : public RoundStarter, public StatusSource {
 public:
  using RegistrySource = std::function<Registry::Snapshot()>;

  Coordinator(asio::io_context& io, CoordinatorOptions options, std::unique_ptr<Signer> key,
              RegistrySource registry, StoreThread& store, const Borders& borders);
  ~Coordinator() override;

  /// Gives up rounds that a crash cut, and starts the scheduler.
  void begin(const std::vector<OpenRound>& cut_rounds);
  /// No new rounds; those in flight are abandoned, with their watchers told. Then `done` is called.
  void drain(std::function<void()> done);

  [[nodiscard]] const CoordinatorId& id() const { return id_; }

  // For people (RoundStarter, StatusSource).
  void start(ChipId chip, std::string requested_by, std::chrono::milliseconds deadline,
             RoundObserver observer) override;
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord& chip) const override;
  [[nodiscard]] CoordinatorStatus status() const override;
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override;

  // For the anchors' streams. `link` names the stream in the later calls.
  void attach(std::shared_ptr<AnchorLink> link, v1::Hello hello, std::string certificate_name);
  void on_message(std::shared_ptr<AnchorLink> link, v1::AnchorMessage message);
  void detach(std::shared_ptr<AnchorLink> link);

 private:
  struct Attached {
    std::shared_ptr<AnchorLink> link;
    v1::Hello hello;
    WallTime last_seen;
    std::uint64_t spool_dropped = 0;
    PublicKey report_key;
    std::string peers_sent;  ///< the last list, as sent
  };
  using Rounds = std::unordered_map<RoundId, std::unique_ptr<ActiveRound>>;

  // attaching
  void do_attach(std::shared_ptr<AnchorLink> link, const v1::Hello& hello,
                 const std::string& certificate_name);
  void do_detach(const std::shared_ptr<AnchorLink>& link, const AnchorDoor& door);
  /// Somebody came or went: all are told soon, many changes at once, some anchors at a time.
  void peers_changed();
  void send_peers();
  void send_peers_to(std::shared_ptr<const std::vector<v1::Peer>> all, std::size_t first);
  Attached* attached(const AnchorDoor& door, const std::shared_ptr<AnchorLink>& link);
  void send(const AnchorId& anchor, const v1::CoordinatorMessage& message);
  void acknowledge(const AnchorId& anchor, std::uint64_t spool_id);

  // messages
  /// Whose stream this is; nullptr: nobody's that the registry knows.
  std::shared_ptr<AnchorDoor> door_of(const AnchorLink* link);
  /// Counts it by kind and reason, for the anchor too, and lets the anchor forget it.
  void drop(AnchorLink& link, const AnchorId& anchor, v1::AnchorMessage::BodyCase kind, Dropped reason,
            std::uint64_t spool_id);
  /// Keeps the right to read more for so long.
  void hold(const ReadCredit& credit, Nanoseconds how_long);
  void do_message(const std::shared_ptr<AnchorLink>& link, const AnchorDoor& door, AnchorInput&& input,
                  const ReadCredit& credit);
  void on_prepared(const AnchorId& anchor, const v1::Prepared& prepared);
  void on_cannot_prepare(const AnchorId& anchor, const v1::CannotPrepare& refusal);
  void on_progress(const AnchorId& anchor, const v1::SessionProgress& progress);
  void on_report(Attached& from, const SpoolRef& spool, ReportIn&& report, const ReadCredit& credit);
  void on_statement(Attached& from, const SpoolRef& spool, StatementIn&& seen, const ReadCredit& credit);
  void doubt_statement(ActiveRound& active, std::size_t seat, ByteVector statement);
  void on_knock(const SpoolRef& spool, StoredKnock&& knock, const ReadCredit& credit);
  void on_mesh(const SpoolRef& spool, MeshRecord&& mesh, const ReadCredit& credit);
  void on_calibration(std::shared_ptr<const LearntMesh> learnt);
  void on_places(const LearntPlaces& learnt);
  /// `kind` is what it is counted as when the store will not keep it.
  void store_then_acknowledge(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind,
                              std::function<Stored<Appended>(Store&)> work, StoreThread::Load load,
                              const ReadCredit& credit);

  // rounds
  /// What this chip's other rounds and its site's other chips say of the verdict.
  void compare(ActiveRound& active, Verdict& verdict);
  void follow_registry();
  /// After a Fail the observer has not been called and is untouched.
  Result<Done, RoundFault> do_start(ChipId chip, const std::string& requested_by,
                                    std::chrono::milliseconds deadline, RoundObserver& observer);
  std::vector<const AnchorRecord*> choose_anchors(const Registry& registry, const Claim& claim) const;
  void record_intent(RoundId id);
  void run(ActiveRound& active, std::vector<RoundAction> actions);
  bool issue(ActiveRound& active, IssueTickets issue);
  bool issue(ActiveRound& active, const IssueClose& issue);
  /// The signatures of 64 anchors, the region and the verdict take some 10 ms: on a thread of their own.
  void decide(ActiveRound& active);
  struct Judgement {
    CheckedEvidence checked;
    Verdict verdict;
  };
  [[nodiscard]] Judgement judge(const RoundEvidenceBytes& evidence, const Claim& claim,
                                const LearntMesh& calibration, WallTime now) const;
  void on_judged(ActiveRound& active, Judgement&& judgement);
  void conclude(ActiveRound& active, const CheckedEvidence& checked, const Verdict& verdict,
                const std::optional<Suggestion>& suggestion);
  void abandon(RoundId id, const std::string& why, RoundFault fault);
  void release(const ActiveRound& active);
  void arm(ActiveRound& active);
  ActiveRound* find(Bytes round_id);
  void progress(ActiveRound& active, std::size_t seat, std::string stage);

  // when the disk fails
  /// Says once that the store fails (`fault`) and once that it works again (nullptr).
  void note_store(const StoreFault* fault);
  /// What the verdict will rest on. If it cannot be recorded the round is abandoned, and no verdict is.
  void record_or_abandon(ActiveRound& active, std::string what, std::function<Stored<Done>(Store&)> work);
  /// Again until the store takes it.
  void record_abandoned(RoundId id, const std::string& why);
  void record_again(RoundId id, const std::string& why);

  // what is old
  void prune_later(Nanoseconds how_soon);
  void prune(Pruned so_far);

  void schedule();
  void count(const std::string& name, std::uint64_t times = 1);

  asio::io_context& io_;
  CoordinatorOptions options_;
  std::unique_ptr<Signer> key_;
  CoordinatorId id_;
  ByteArray<32> public_{};
  RegistrySource registry_;
  StoreThread& store_;
  const Borders& borders_;

  Rounds rounds_;
  std::unordered_map<ChipId, RoundId> round_of_chip_;
  std::map<AnchorId, Attached> attached_;
  std::shared_ptr<const LearntMesh> calibration_ = std::make_shared<const LearntMesh>();
  std::shared_ptr<const PlaceModel> places_;  ///< none before anchors have measured each other
  Registry::Snapshot learning_from_;          ///< whose places the place learner was given last
  Registry::Snapshot registry_followed_;      ///< as the loop last looked at it
  PlaceLearner place_learner_;
  CalibrationWorker calibration_worker_;
  asio::steady_timer peers_timer_;
  bool peers_waiting_ = false;  ///< a change that not all anchors have been told
  std::size_t suggesting_ = 0;  ///< rounds that wait for it
  SiteCohorts site_cohorts_;
  Scheduler scheduler_;
  asio::steady_timer schedule_timer_;
  bool draining_ = false;
  bool store_failing_ = false;
  std::unordered_map<RoundId, std::string> unended_;  ///< over, but still open in the database: why
  asio::steady_timer unended_timer_;
  asio::steady_timer prune_timer_;
  std::int64_t knocks_seen_ = 0;  ///< looked at and kept, up to this number
  WallTime begun_wall_;           ///< both clocks when this was made: a jump between them stops pruning
  SteadyTime begun_steady_;

  std::mutex doors_mutex_;
  std::unordered_map<const AnchorLink*, std::shared_ptr<AnchorDoor>> doors_;

  // What status() and anchors() show: written by the owning thread, read by any.
  mutable std::mutex shown_mutex_;
  CoordinatorStatus shown_;
  std::map<AnchorId, AnchorStatus> shown_anchors_;
  std::map<AnchorId, std::string> shown_place_problems_;  ///< of registered anchors, attached or not

  // Last: joined before what their work refers to goes.
  asio::thread_pool suggesting_thread_{1};
  asio::thread_pool judging_thread_{1};
};

}  // namespace chiploc
