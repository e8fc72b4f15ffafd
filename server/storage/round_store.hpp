#pragma once
// Rounds from their intent to their end, with everything that a reader needs to judge them again, and the
// chips' counters.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

class RoundReader {
 public:
  RoundReader() = default;
  RoundReader(const RoundReader&) = delete;
  RoundReader& operator=(const RoundReader&) = delete;
  virtual ~RoundReader() = default;

  /// Rounds that were begun and neither finished nor abandoned, oldest first: after a start, those that a
  /// crash cut.
  virtual Stored<std::vector<OpenRound>> open_rounds() = 0;
  /// nullopt: no such round.
  virtual Stored<std::optional<RoundEvidenceRecord>> evidence(const RoundId& round) = 0;
  /// Who asked for it and when, without its context and what was kept for it; nullopt: no such round.
  virtual Stored<std::optional<RoundIntent>> intent(const RoundId& round) = 0;
  /// v1::RoundContext as logged with the intent; nullopt: no such round, or one of before 2026-11-30.
  virtual Stored<std::optional<ByteVector>> context(const RoundId& round) = 0;
  /// The GeoJSON of an area that a context names by its digest (SHA-256); nullopt: no round kept it.
  virtual Stored<std::optional<std::string>> area(const Digest& sha256) = 0;
  /// The bytes of a calibration that a context names by its digest (SHA-256); nullopt: no round kept it.
  virtual Stored<std::optional<ByteVector>> calibration(const Digest& sha256) = 0;
  /// The last counters that were accepted under this key (SHA-256 of its SubjectPublicKeyInfo).
  virtual Stored<CounterStanding> chip_counters(const ChipId& chip, const Digest& signer) = 0;
  /// Whenever this chip's counters began anew, newest first.
  virtual Stored<std::vector<CounterStart>> counter_starts(const ChipId& chip, std::size_t limit) = 0;
  /// By the last begun of its finished rounds that proved anything; nullopt: none did.
  virtual Stored<std::optional<ChipSighting>> last_sighting(const ChipId& chip) = 0;
};

class RoundStore : public RoundReader {
 public:
  /// Before anything is sent for the round. kConflict if the round id is known.
  virtual Stored<Done> log_intent(const RoundIntent& intent) = 0;
  /// As issued, in the order of anchor_index; once per round. kNotFound, kConflict (round over, or tickets
  /// there).
  virtual Stored<Done> append_tickets(const RoundId& round, std::span<const ByteVector> tickets) = 0;
  /// kConflicting: this anchor already gave a different report of the round; both are kept. Also accepted
  /// after the round is over (marked late). kSurplus: kKeptOfAnchorAndRound of this anchor are kept already.
  /// kNotFound: unknown round, or one that this anchor has no part in; acknowledge it all the same, nobody
  /// waits for it.
  virtual Stored<Appended> append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                         WallTime received) = 0;
  /// A statement that is there already is a kDuplicate, whoever brings it; a second different one is kNew.
  /// kSurplus and kNotFound as with reports.
  virtual Stored<Appended> append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                            WallTime received) = 0;
  /// Once per round; kConflict if a different one is there or the round is over.
  virtual Stored<Done> append_close_order(const RoundId& round, Bytes order) = 0;
  /// Ends a round without a verdict. `reason` is a sentence. kNotFound, kConflict if the round is over.
  virtual Stored<Done> abandon_round(const RoundId& round, std::string_view reason, WallTime now) = 0;
  /// Forgets a key's counters and writes the journal; answers with the entry, which has the old values.
  /// kConflict while a round of the chip is open: it would put them back. kNotFound: there are none to
  /// forget.
  virtual Stored<CounterStart> restart_counters(const CounterStart& start) = 0;
};

}  // namespace chiploc
