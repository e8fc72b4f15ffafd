#include "server/service/stored_round.hpp"

#include <utility>

namespace chiploc {
namespace {

/// What the context names by digest, as far as it is there: replay() says what is not.
Stored<Done> add_kept(RoundReader& rounds, StoredRound& round) {
  v1::RoundContext context;
  if (!context.ParseFromArray(round.context.data(), static_cast<int>(round.context.size()))) return Done{};
  for (const auto* areas : {&context.claim().licensed_areas(), &context.claim().prohibited_areas()}) {
    for (const v1::NamedDigest& named : *areas) {
      const auto digest = Digest::from_bytes(bytes_of(named.sha256()));
      if (!digest) continue;
      auto area = rounds.area(*digest);
      if (!area) return Fail{area.error()};
      if (*area) round.areas.emplace(*digest, std::move(**area));
    }
  }
  const auto digest = Digest::from_bytes(bytes_of(context.calibration_sha256()));
  if (!digest) return Done{};
  auto calibration = rounds.calibration(*digest);
  if (!calibration) return Fail{calibration.error()};
  if (*calibration) round.calibration = std::move(**calibration);
  return Done{};
}

}  // namespace

Stored<StoredRound> read_stored_round(const VerdictRecord& verdict, RoundReader& rounds) {
  StoredRound out;
  auto context = rounds.context(verdict.round);
  if (!context) return Fail{context.error()};
  if (*context) out.context = std::move(**context);
  if (verdict.format == VerdictRecord::kRecord) out.record = verdict.bytes;
  if (out.context.empty()) return out;  // of before, or gone: replay() says which
  auto evidence = rounds.evidence(verdict.round);
  if (!evidence) return Fail{evidence.error()};
  if (!*evidence) {
    return Fail{
        StoreFault{StoreFaultCode::kCorrupt,
                   "the store has a verdict without its round; restore the database from its backup"}};
  }
  out.tickets = std::move((*evidence)->tickets);
  out.close_order = std::move((*evidence)->close_order);
  for (StoredReport& report : (*evidence)->reports)
    out.reports.push_back({report.anchor, std::move(report.bytes)});
  for (StoredStatement& statement : (*evidence)->statements)
    out.statements.push_back(std::move(statement.bytes));
  if (const auto added = add_kept(rounds, out); !added) return Fail{added.error()};
  return out;
}

}  // namespace chiploc
