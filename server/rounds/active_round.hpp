#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/rounds/engine_actions.hpp"
#include "server/rounds/round.hpp"
#include "server/rounds/schedule.hpp"
#include "server/rounds/sighting_basis.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

/// A round in flight: the state machine, and beside it what judging will need. Everything that the registry
/// said when the round began stays as it was, whatever is imported meanwhile.
struct ActiveRound {
  ActiveRound(Round machine, RoundEvidenceBytes facts)
      : round{std::move(machine)}, evidence{std::move(facts)} {}

  Round round;
  RoundEvidenceBytes evidence;
  std::optional<SteadyTime> due;  ///< as the engine's timers have it
  RoundIntent intent;
  /// What is frozen as the round begins; whole and on the disk once its intent is.
  std::shared_ptr<RoundContext> context;
  Digest context_sha256;  ///< of its bytes as stored
  std::shared_ptr<const RoundCalibration> calibration;
  std::optional<BasisFault> not_compared;  ///< why the chip's last sighting is not in the context
  Digest device_key;                       ///< SHA-256 of its SubjectPublicKeyInfo
  std::vector<AnchorFacts> anchors;        ///< by seat
  std::vector<std::string> tickets;        ///< as issued
  std::string chip_public;                 ///< SubjectPublicKeyInfo, for rendezvous anchors
  std::string inbound_address;             ///< empty: the chip knocks
  std::vector<AnchorId> rendezvous;        ///< which were told
  SteadyTime begun;
  Heard heard;                        ///< beside the evidence
  std::set<std::size_t> measured_by;  ///< seats that reported a finished session
  std::string close_order;
  /// Statements that do not count, by the seat of the anchor that brought each: one for an anchor. The chip
  /// is blamed for them only when more perspectives than the fault budget say that this is what it signed.
  std::map<std::size_t, ByteVector> doubted;
  std::vector<AnchorProgress> progress;             ///< by seat: the last that watchers were told
  std::map<std::size_t, SteadyTime> progress_told;  ///< by seat: when a note of the anchor was passed on
  /// By seat: how many came. AnchorLimits::kKeptOfSeat are looked at.
  std::map<std::size_t, std::size_t> reports_of, statements_of;
  WatcherId watcher = 0;
  std::optional<Schedule::Due> scheduled;  ///< what it is due by; nullopt: somebody asked for it
  /// What is being judged, once all is in: no message changes it any more.
  std::shared_ptr<const JudgingTask> judging;
  /// Judged, and waiting for what delays suggest.
  std::optional<Judgement> judged;
  /// Ready to be recorded, and waiting for the store to have all that the verdict rests on.
  std::optional<Judgement> concluded;
  std::size_t writes_open = 0;  ///< of what the verdict will rest on
};

}  // namespace chiploc
