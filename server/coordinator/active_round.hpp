#pragma once
#include <asio/steady_timer.hpp>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/registry/registry.hpp"
#include "server/rounds/round.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/records.hpp"
#include "server/verifier/sighting.hpp"

namespace chiploc {

/// A round in flight: the state machine, and beside it what judging will need. Everything that the registry
/// said when the round began stays as it was, whatever is imported meanwhile.
struct ActiveRound {
  ActiveRound(Round machine, RoundEvidenceBytes facts, asio::io_context& io)
      : round{std::move(machine)}, evidence{std::move(facts)}, timer{io} {}

  Round round;
  RoundEvidenceBytes evidence;
  asio::steady_timer timer;
  RoundIntent intent;
  Claim claim;
  std::optional<Sighting> seen_before;  ///< by the chip's last round that proved anything
  ByteVector seen_basis;                ///< what that rests on (sighting_basis.hpp)
  Digest device_key;                    ///< SHA-256 of its SubjectPublicKeyInfo
  std::vector<AnchorFacts> anchors;     ///< by seat
  std::vector<std::string> tickets;     ///< as issued
  std::string chip_public;              ///< SubjectPublicKeyInfo, for rendezvous anchors
  std::string inbound_address;          ///< empty: the chip knocks
  std::vector<AnchorId> rendezvous;     ///< which were told
  std::string close_order;
  /// Statements that do not count, by the seat of the anchor that brought each: one for an anchor. The chip
  /// is blamed for them only when more perspectives than the fault budget say that this is what it signed.
  std::map<std::size_t, ByteVector> doubted;
  std::vector<AnchorProgress> progress;             ///< by seat: the last that watchers were told
  std::map<std::size_t, SteadyTime> progress_told;  ///< by seat: when a note of the anchor was passed on
  /// By seat: how many came. AnchorLimits::kKeptOfSeat are looked at.
  std::map<std::size_t, std::size_t> reports_of, statements_of;
  RoundObserver observer;
  /// What is being judged, once all is in: another thread reads it, and no message changes it any more.
  std::shared_ptr<const RoundEvidenceBytes> judging;
  /// Judged, and waiting for what delays suggest.
  std::optional<std::pair<CheckedEvidence, Verdict>> judged;
  /// Set by the store's thread when tickets or close order could not be recorded.
  std::shared_ptr<std::atomic<bool>> evidence_lost = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace chiploc
