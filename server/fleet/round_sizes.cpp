#include "server/fleet/round_sizes.hpp"

#include <string>

#include "server/sim/sim_fleet.hpp"
#include "server/storage/sqlite/store.hpp"

namespace chiploc::fleet {
namespace {

constexpr std::size_t kFew = 8,
                      kMany = 40;  // rounds: what the second run's file is larger by is due to the rest
constexpr double kHeaders = 28.0;  // IPv4 and UDP

struct Weighed {
  RoundSizes sums;
  double file_bytes = 0.0;
};

Result<Weighed, std::string> weigh(std::size_t chips, std::size_t anchors, unsigned pings,
                                   const Borders& borders, const std::filesystem::path& file) {
  Weighed out;
  {
    auto store = open_sqlite_store({.path = file.string(), .durable = false});
    if (!store) return Fail{store.error().text};
    const sim::FleetOptions options{.chips = chips,
                                    .anchors = anchors,
                                    .diverted_every = 0,
                                    .inbound_every = 1,
                                    .cadence = std::chrono::hours{1},
                                    .mesh_interval = std::chrono::hours{24},
                                    .mesh_report = std::chrono::hours{24},
                                    .pings = static_cast<std::uint8_t>(pings)};
    sim::SimFleet fleet{options, **store, borders};
    fleet.run_for(options.cadence + std::chrono::minutes{5});
    VerdictQuery all;
    all.limit = 1'000;
    const auto page = (*store)->verdicts().list_verdicts(all);
    if (!page) return Fail{page.error().text};
    for (const VerdictRow& row : page->rows) {
      const auto found = (*store)->rounds().evidence(row.round);
      if (!found) return Fail{found.error().text};
      if (!*found) continue;
      const RoundEvidenceRecord& round = **found;
      const auto add = [&out](const ByteVector& bytes) {
        out.sums.evidence_bytes += static_cast<double>(bytes.size());
        out.sums.rows += 1.0;
      };
      for (const ByteVector& ticket : round.tickets) add(ticket);
      for (const StoredReport& report : round.reports) add(report.bytes);
      for (const StoredStatement& statement : round.statements) add(statement.bytes);
      out.sums.evidence_bytes += static_cast<double>(round.close_order.size());
      out.sums.context_bytes += static_cast<double>(round.intent.context.size());
      out.sums.verdict_bytes += static_cast<double>(round.verdict.size());
      out.sums.rows += 2.0;
      ++out.sums.rounds;
    }
    const sim::SimFleet::Figures figures = fleet.figures();
    out.sums.session_datagrams = static_cast<double>(figures.datagrams);
    out.sums.session_bytes =
        static_cast<double>(figures.datagram_bytes) + kHeaders * static_cast<double>(figures.datagrams);
  }
  std::error_code failed;
  out.file_bytes = static_cast<double>(std::filesystem::file_size(file, failed));
  if (failed) return Fail{file.string() + ": " + failed.message()};
  return out;
}

}  // namespace

Result<RoundSizes, std::string> measure_round_sizes(std::size_t anchors, unsigned pings,
                                                    const Borders& borders,
                                                    const std::filesystem::path& folder) {
  const auto few = weigh(kFew, anchors, pings, borders, folder / "few.db");
  if (!few) return Fail{few.error()};
  const auto many = weigh(kMany, anchors, pings, borders, folder / "many.db");
  if (!many) return Fail{many.error()};
  RoundSizes out = many->sums;
  if (few->sums.rounds == 0 || out.rounds <= few->sums.rounds)
    return Fail{std::string{"the rounds to be weighed did not end; this is a fault of the program"}};
  const auto rounds = static_cast<double>(out.rounds);
  for (double* sum : {&out.evidence_bytes, &out.context_bytes, &out.verdict_bytes, &out.rows}) *sum /= rounds;
  for (double* sum : {&out.session_datagrams, &out.session_bytes})
    *sum /= rounds * static_cast<double>(anchors);
  out.store_bytes = (many->file_bytes - few->file_bytes) / static_cast<double>(out.rounds - few->sums.rounds);
  return out;
}

}  // namespace chiploc::fleet
