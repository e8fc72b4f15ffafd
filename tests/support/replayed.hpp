#pragma once
// A round judged again from what the store has of it.

#include "proto/v1/records.pb.h"
#include "server/storage/store.hpp"
#include "server/verifier/replay.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

inline ReplayOutcome replayed(RoundReader& rounds, const RoundId& round) {
  const auto evidence = rounds.evidence(round).value();
  REQUIRE(evidence);
  REQUIRE(evidence->verdict_format == 1);
  StoredRound stored;
  stored.context = rounds.context(round).value().value();
  stored.record = evidence->verdict;
  stored.tickets = evidence->tickets;
  stored.close_order = evidence->close_order;
  for (const StoredReport& report : evidence->reports)
    stored.reports.push_back({report.anchor, report.bytes});
  for (const StoredStatement& statement : evidence->statements) stored.statements.push_back(statement.bytes);
  v1::RoundContext context;
  REQUIRE(context.ParseFromArray(stored.context.data(), static_cast<int>(stored.context.size())));
  for (const auto* areas : {&context.claim().licensed_areas(), &context.claim().prohibited_areas()}) {
    for (const v1::NamedDigest& area : *areas) {
      const Digest digest = Digest::from_bytes(bytes_of(area.sha256())).value();
      stored.areas[digest] = rounds.area(digest).value().value();
    }
  }
  stored.calibration =
      rounds.calibration(Digest::from_bytes(bytes_of(context.calibration_sha256())).value()).value().value();
  return replay(stored, own_borders());
}

/// Judged again it is the same, to the byte.
inline void check_replay(RoundReader& rounds, const RoundId& round) {
  const ReplayOutcome outcome = replayed(rounds, round);
  CAPTURE(round.hex(), outcome.why, outcome.wrong, outcome.differences);
  CHECK(outcome.kind == ReplayOutcome::Kind::kSame);
}

}  // namespace chiploc::test
