#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/registry/registry.hpp"
#include "server/rounds/active_round.hpp"
#include "server/rounds/anchor_door.hpp"
#include "server/rounds/engine_actions.hpp"
#include "server/rounds/engine_options.hpp"
#include "server/rounds/knock_book.hpp"
#include "server/rounds/schedule.hpp"
#include "server/rounds/site_cohorts.hpp"
#include "server/rounds/surroundings.hpp"

namespace chiploc {

/// All rules of coordinating: who measures which chip and when, what is sent to whom, what is kept and
/// counted, when a round ends and how. Events come in, actions go out; between them it sleeps until
/// next_deadline().
///
/// Owns       the rounds in flight, the table of attached anchors, the plan. One thread. No clock, thread,
///            socket or store of its own: Clock, Entropy and Journal are handed in, and outlive it.
/// Events     Every public function that is not const is one. After each: take_actions() and carry them out
///            in order, then look at next_deadline().
/// Never      answers a person before the verdict is in the store; sends anything for a round before its
///            intent is.
class RoundEngine {
 public:
  using RegistrySource = std::function<Registry::Snapshot()>;
  struct Parts {
    const Clock& clock;
    Entropy& entropy;
    Journal& journal;
    const Signer& key;  ///< signs tickets and close orders; Ed25519
    const Borders& borders;
  };

  RoundEngine(CoordinatorOptions options, RegistrySource registry, const Parts& parts);
  ~RoundEngine();
  RoundEngine(const RoundEngine&) = delete;
  RoundEngine& operator=(const RoundEngine&) = delete;

  [[nodiscard]] std::vector<EngineAction> take_actions() { return std::exchange(actions_, {}); }
  /// When on_timer() has to be called, unless another event comes before; in the past: at once.
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  void on_timer();

  /// Gives up rounds that a crash cut, and starts the scheduler.
  void begin(const std::vector<OpenRound>& cut_rounds);
  /// No new rounds; those that wait to be judged are, the others are abandoned, with their watchers told, and
  /// all streams end.
  void drain();

  /// Rounds that begin from now on are judged by it.
  void on_policy(const Policy& policy);
  /// Rounds that nobody asks for are planned by these from now on, and what is old is looked for by them next time. How
  /// often it is looked for stays.
  void on_rules(const ScheduleRules& rules, const Retention& retention);
  /// What the chip is held for has changed: for a while it is measured more often, where there is a cadence for that.
  void on_chip_changed(const ChipId& chip, WallTime at);
  /// Of how many chips it is remembered that they changed lately: none where no cadence asks for it.
  [[nodiscard]] std::size_t changes_noted() const { return chip_changed_.size(); }

  // For people.
  void start(const ChipId& chip, const Requester& requested_by, std::chrono::milliseconds deadline,
             WatcherId watcher);
  /// For a chip of which this is known (nullopt: nothing). Thread-safe, unlike all else: it reads what never
  /// changes.
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord& chip,
                                                         const std::optional<KnockRhythm>& rhythm) const;

  // For the anchors' streams. A message has passed its AnchorDoor; `wait` is what that said.
  /// `peer`: where the stream comes from, for people; may be empty.
  void attach(LinkId link, const v1::Hello& hello, const std::string& certificate_name,
              const std::string& peer = {});
  void on_message(LinkId link, const AnchorId& anchor, AnchorInput&& input, const ReadCredit& credit,
                  Nanoseconds wait);
  void detach(LinkId link, const AnchorId& anchor);
  /// Keeps the right to read more for so long.
  void hold(const ReadCredit& credit, Nanoseconds how_long);
  void on_not_sent(const act::Send& lost);

  // What comes of actions.
  void on_judged(const RoundId& round, Judgement&& judgement);
  void on_suggested(const RoundId& round, const std::optional<Suggestion>& suggestion);
  void on_calibration(std::shared_ptr<const LearntMesh> learnt);
  /// `from`: what it was learnt from.
  void on_places(const LearntPlaces& learnt, std::shared_ptr<const LearntMesh> from);

  /// What there is to learn places from.
  [[nodiscard]] std::shared_ptr<const LearntMesh> mesh() const { return calibration_; }
  [[nodiscard]] const CoordinatorId& id() const { return id_; }
  [[nodiscard]] const Borders& borders() const { return parts_.borders; }

  /// What status shows, where it is not as it was when this was called last.
  struct Changes {
    std::vector<std::pair<std::string, std::uint64_t>> counts;  ///< to be added
    std::optional<CoordinatorStatus> standing;                  ///< without counters
    std::vector<AnchorStatus> anchors;                          ///< without place problems
    std::optional<std::map<AnchorId, std::string>> place_problems;
    std::vector<std::pair<ChipId, KnockRhythm>> knocks;
  };
  [[nodiscard]] Changes take_changes();

 private:
  struct Attached {
    LinkId link = 0;
    v1::Hello hello;
    PublicKey report_key;
    std::string peers_sent;  ///< the last list, as sent
    std::string peer;        ///< its address
    /// Of another process with this anchor's name and key, whose place this one took: its mesh key, which is
    /// new in every process. And how often such a one has come back.
    std::string displaced;
    unsigned returns = 0;
  };
  using Rounds = std::unordered_map<RoundId, std::unique_ptr<ActiveRound>>;

  /// What a round is asked for with.
  struct Wish {
    Requester requested_by;
    std::chrono::milliseconds deadline{0};  ///< 0: the policy's
    WatcherId watcher = 0;
    std::optional<Schedule::Due> scheduled;  ///< nobody asked for it: it waits where anchors are busy
  };

  /// An anchor of which there are two processes.
  struct Twice {
    std::string name;
    SteadyTime last;  ///< when the second was seen last
  };

  void take_place(const AnchorId& anchor, const Attached& old, Attached& now);  // engine_anchors.cpp

  // engine.cpp
  void act(EngineAction action) { actions_.push_back(std::move(action)); }
  void log(LogLevel level, std::string event, std::vector<act::Log::Field> fields, std::string rest = {});
  void count(std::string name, std::uint64_t times = 1);
  AnchorStatus& show(const AnchorId& anchor);
  CoordinatorStatus& show();
  [[nodiscard]] SteadyTime steady() const { return parts_.clock.steady(); }
  [[nodiscard]] WallTime wall() const { return parts_.clock.wall(); }
  ActiveRound* find(Bytes round_id);
  [[nodiscard]] std::vector<RoundId> rounds_in_order() const;
  void progress(ActiveRound& active, std::size_t seat, std::string stage);

  // engine_schedule.cpp
  void schedule();
  void plan_tiers(WallTime now);
  void note_changed_records(const Registry& registry, WallTime now);
  void forget_old_changes(const Registry& registry, WallTime now);
  void count_missed();
  void arm_schedule();
  /// So many anchors that a round of this kind has.
  [[nodiscard]] std::size_t anchors_for(const Wish& wish) const;
  /// A round by `anchors` of them has ended so: more of them measure next, where that may help.
  void widen(Schedule::Due due, std::size_t anchors, VerdictState state);
  /// Whether one of them has as many seats as rounds that nobody asked for may give it.
  [[nodiscard]] bool are_busy(const std::vector<const AnchorRecord*>& anchors) const;

  // engine_anchors.cpp: streams
  void note_twice(const AnchorId& anchor, const Attached& old, const Attached& now);
  /// Whether one process took the place of the other just before `since`, or after.
  [[nodiscard]] bool runs_twice(const AnchorId& anchor, SteadyTime since) const;
  /// Of those that the round's chip should be heard by; names, sorted.
  [[nodiscard]] std::vector<std::string> anchors_twice(const ActiveRound& active) const;
  [[nodiscard]] Attached* attached(const AnchorId& anchor, LinkId link);
  void send(const AnchorId& anchor, v1::CoordinatorMessage message);
  void acknowledge(const AnchorId& anchor, std::uint64_t spool_id);
  /// Counts it by kind and reason, for the anchor too, and lets the anchor forget it.
  void drop(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind, Dropped reason);

  // engine_messages.cpp
  void take(const AnchorId& anchor, LinkId link, AnchorInput&& input, const ReadCredit& credit);
  void on_prepared(const AnchorId& anchor, const v1::Prepared& prepared);
  void on_cannot_prepare(const AnchorId& anchor, const v1::CannotPrepare& refusal);
  void on_progress(const AnchorId& anchor, const v1::SessionProgress& seen);
  void on_report(const SpoolRef& spool, ReportIn&& report, const ReadCredit& credit);
  void on_statement(const SpoolRef& spool, StatementIn&& seen, const ReadCredit& credit);
  void doubt_statement(ActiveRound& active, std::size_t seat, ByteVector statement);
  void on_knock(const SpoolRef& spool, StoredKnock&& knock, const ReadCredit& credit);
  void on_knocks(const KnocksIn& knocks);
  /// The wait for a knock ends when more perspectives than may be wrong have measured the chip.
  void end_knock_wait(ActiveRound& active, std::size_t seat, const ReportSummary& report);

  // engine_start.cpp
  [[nodiscard]] Result<Done, RoundFault> try_start(const ChipId& chip, const Wish& wish);
  /// The nearest to what is licensed, `most` of them; more where they are too few perspectives for any state.
  [[nodiscard]] std::vector<const AnchorRecord*> choose_anchors(const Registry& registry, const Claim& claim,
                                                                std::size_t most) const;
  void record_intent(ActiveRound& active, const Registry::Snapshot& registry);

  // engine_context.cpp: what is frozen as a round begins
  void freeze(ActiveRound& active, Claim claim, const CertificateFault* fault);
  [[nodiscard]] Contact contact_of(const ActiveRound& active) const;
  [[nodiscard]] std::shared_ptr<const RoundCalibration> calibration();
  /// Adds to an intent what the store has not kept yet.
  [[nodiscard]] std::function<void(RoundIntent&)> what_to_keep(const ActiveRound& active,
                                                               Registry::Snapshot registry) const;
  void note_kept(const RoundContext& context);

  // engine_rounds.cpp
  void run(ActiveRound& active, std::vector<RoundAction> actions);
  void arm(ActiveRound& active);
  [[nodiscard]] bool issue(ActiveRound& active, IssueTickets issue);
  [[nodiscard]] bool issue(ActiveRound& active, const IssueClose& issue);
  void assign(ActiveRound& active, std::size_t seat, Nanoseconds within);
  void release(const ActiveRound& active);
  void abandon(const RoundId& id, const std::string& why, RoundFault fault);
  void forget(ActiveRound& active);

  // engine_judging.cpp
  void decide(ActiveRound& active);
  void remember(const ActiveRound& active, const Judgement& judgement);
  void conclude(ActiveRound& active, Judgement&& judgement);
  void finish(ActiveRound& active);

  // engine_mesh.cpp
  /// Somebody came or went: all are told soon, many changes at once, some anchors at a time.
  void peers_changed();
  void gather_peers();
  void send_some_peers();
  void on_mesh(const SpoolRef& spool, MeshRecord&& mesh, const ReadCredit& credit);
  void follow_registry();

  // engine_store.cpp: and when the disk fails
  /// Says once that the store fails (`fault`) and once that it works again (nullptr).
  void note_store(const StoreFault* fault);
  /// `kind` is what it is counted as when the store will not keep it. `round`: whose verdict rests on it.
  void store_then_acknowledge(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind,
                              std::function<Stored<Appended>(Store&)> work, Journal::Load load,
                              const ReadCredit& credit, ActiveRound* rests_on_it = nullptr);
  /// What the verdict will rest on. If it cannot be recorded the round is abandoned, and no verdict is.
  void record_or_abandon(ActiveRound& active, const std::string& what,
                         std::function<Stored<Done>(Store&)> work);
  /// A write of this round has ended. `lost`: what was not recorded; empty: it was.
  void on_written(const RoundId& id, const std::string& lost);
  /// Abandons it when the event is over: whoever calls still works with the round.
  void doom(const RoundId& id, std::string why);
  void bury_doomed();
  /// Again until the store takes it.
  void record_abandoned(const RoundId& id, const std::string& why);
  void record_again(const RoundId& id, const std::string& why);
  // what is old
  void prune_later(Nanoseconds how_soon);
  void prune(Pruned so_far);

  CoordinatorOptions options_;
  RegistrySource registry_;
  Parts parts_;
  CoordinatorId id_;
  ByteArray<32> public_{};
  std::vector<EngineAction> actions_;
  Changes changes_;
  std::set<AnchorId> changed_anchors_;

  Rounds rounds_;
  std::unordered_map<ChipId, RoundId> round_of_chip_;
  std::set<std::pair<SteadyTime, RoundId>> due_;  ///< the rounds' timers
  std::vector<std::pair<RoundId, std::string>> doomed_;
  std::map<AnchorId, Attached> attached_;
  std::map<AnchorId, Twice> twice_;
  std::multimap<SteadyTime, ReadCredit> held_;  ///< until when
  std::shared_ptr<const LearntMesh> calibration_ = std::make_shared<const LearntMesh>();
  std::shared_ptr<const MeshModel> places_;         ///< none before anchors have measured each other
  std::shared_ptr<const LearntMesh> places_from_;   ///< what taught them
  std::shared_ptr<const RoundCalibration> frozen_;  ///< of both, for rounds that begin; null: to be made
  std::set<Digest> kept_;                           ///< areas and calibrations that the store has
  Registry::Snapshot registry_followed_;            ///< as it was looked at last
  std::optional<SteadyTime> peers_at_;              ///< a change that not all anchors have been told
  std::vector<v1::Peer> peers_;                     ///< that are being told
  std::size_t peers_told_ = 0;                      ///< so many of them have been
  std::size_t suggesting_ = 0;                      ///< rounds that wait for it
  SiteCohorts site_cohorts_;
  KnockBook knock_book_;
  Schedule schedule_;
  Registry::Snapshot planned_by_;  ///< what the newest plan was made of
  std::unordered_map<ChipId, WallTime>
      chip_changed_;  ///< when last, for as long as that counts; empty without tiers
  std::unordered_map<AnchorId, std::size_t> seats_of_anchor_;  ///< in rounds in flight
  std::optional<SteadyTime> schedule_at_;
  bool draining_ = false;
  bool store_failing_ = false;
  std::unordered_map<RoundId, std::string> unended_;  ///< over, but still open in the database: why
  std::optional<SteadyTime> unended_at_;
  std::optional<SteadyTime> prune_at_;
  std::int64_t knocks_seen_ = 0;  ///< looked at and kept, up to this number
  WallTime begun_wall_;           ///< both clocks when this was made: a jump between them stops pruning
  SteadyTime begun_steady_;

  CoordinatorStatus shown_;
  std::map<AnchorId, AnchorStatus> shown_anchors_;
  std::map<AnchorId, std::string> place_problems_;  ///< of registered anchors, attached or not
};

}  // namespace chiploc
