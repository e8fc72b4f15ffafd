#pragma once
#include "proto/crypto/digest.hpp"
#include "server/storage/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::test {

/// Everything of a round into the store, as a coordinator has it written there.
inline void keep(Store& store, const StoredRoundMaker& made, const StoredRound& round,
                 std::uint32_t format = VerdictRecord::kRecord, WallTime decided = {}) {
  RoundIntent intent;
  intent.round = made.maker.round;
  intent.chip = made.maker.chip;
  intent.requested_by = "somebody";
  for (const MadeAnchor& anchor : made.maker.anchors)
    intent.anchors.push_back({anchor_id_of(anchor.key->public_key()).value(), anchor.name, {}});
  intent.context = round.context;
  for (const auto& [digest, geojson] : round.areas) intent.areas.push_back({digest, geojson});
  if (!round.calibration.empty())
    intent.calibration = KeptCalibration{sha256(round.calibration), round.calibration};
  REQUIRE(store.rounds().log_intent(intent));
  REQUIRE(store.rounds().append_tickets(intent.round, round.tickets));
  std::uint64_t spool = 0;
  for (const auto& report : round.reports)
    REQUIRE(store.rounds().append_report(intent.round, {report.anchor, ++spool}, report.bytes, {}));
  REQUIRE(store.rounds().append_close_order(intent.round, round.close_order));
  for (const ByteVector& statement : round.statements)
    REQUIRE(store.rounds().append_statement(intent.round, {round.reports[0].anchor, ++spool}, statement, {}));
  VerdictRecord verdict;
  verdict.id = VerdictId::from_bytes(bytes_of(made.record.verdict_id())).value();
  verdict.round = intent.round;
  verdict.chip = intent.chip;
  verdict.state = static_cast<std::uint32_t>(made.record.finding().state());
  verdict.bytes = round.record;
  verdict.format = format;
  verdict.decided = decided;
  REQUIRE(store.verdicts().finish_round(verdict, std::nullopt));
}

}  // namespace chiploc::test
