// What judging and keeping one whole round costs the coordinator: 12 anchors, 12 pings each. A Catch2
// program, since the maker of rounds is the tests'.
#include "geo/geodesic.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/references.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr std::size_t kRounds = 200;

struct Place {
  const char* name;
  double lat, lon;
};
constexpr Place kAnchors[] = {{"fra", 50.1, 8.7},  {"ber", 52.5, 13.4}, {"ham", 53.6, 10.0},
                              {"muc", 48.1, 11.6}, {"par", 48.9, 2.4},  {"ams", 52.4, 4.9},
                              {"lon", 51.5, -0.1}, {"zrh", 47.4, 8.5},  {"mil", 45.5, 9.2},
                              {"vie", 48.2, 16.4}, {"waw", 52.2, 21.0}, {"sto", 59.3, 18.1}};

CountryCode code(const char* text) { return *CountryCode::from_text(text); }

/// As chiplocd judges and keeps it: proof, explanation, the record's bytes, and what the API shows.
struct Kept {
  v1::Verdict shown;
  ByteVector bytes;
};
Kept judge(const RoundContext& context, const RoundEvidence& evidence, const DelayModel& line,
           const VerdictId& id) {
  const Decision decision = decide(context, evidence, Borders::world(), {});
  const v1::VerdictRecord record =
      to_record(decision, explain(decision, context, Borders::world(), line),
                {.verdict_id = id.bytes, .round = context.round, .chip = context.chip, .context_sha256 = {}});
  return {to_verdict(record), record_bytes(record)};
}

void append_all(Store& store, const RoundEvidenceBytes& round, std::uint64_t& spool, const Kept& kept,
                const VerdictId& verdict_id) {
  std::vector<ByteVector> tickets;
  for (const IssuedTicket& issued : round.tickets) {
    const auto raw = bytes_of(issued.ticket);
    tickets.emplace_back(raw.begin(), raw.end());
  }
  REQUIRE(store.rounds().append_tickets(round.round, tickets));
  for (const auto& report : round.reports)
    REQUIRE(store.rounds().append_report(round.round, {report.first, ++spool}, report.second, {}));
  REQUIRE(store.rounds().append_close_order(round.round, bytes_of(*round.close_order)));
  REQUIRE(store.rounds().append_statement(round.round, {round.reports[0].first, ++spool}, round.statements[0],
                                          {}));
  VerdictRecord stored{verdict_id, round.round, round.chip, static_cast<std::uint32_t>(kept.shown.state()),
                       {},         {},          kept.bytes, {}};
  REQUIRE(store.verdicts().finish_round(stored, std::nullopt));
}

}  // namespace

TEST_CASE("what one whole round costs", "[bench]") {
  test::RoundMaker maker;
  for (const Place& place : kAnchors) maker.add_anchor(place.name, {.lat = place.lat, .lon = place.lon});
  std::vector<RoundEvidenceBytes> rounds;
  for (std::size_t i = 0; i < kRounds; ++i) {
    maker.round = random_id<RoundId>();
    maker.chip = random_id<ChipId>();
    rounds.push_back(maker.make({.lat = 50.4, .lon = 9.5}));
  }
  const Claim claim{"L", {code("DE")}, {code("KP"), code("RU")}, true};
  const Policy policy;
  const DelayModel model = default_delay_model();
  std::size_t verified = 0;
  const double evidence_us = cost_us(kRounds, [&](std::size_t i) {
    verified += check_evidence(rounds[i]).outcome == EvidenceOutcome::kMeasured ? 1U : 0U;
  });
  REQUIRE(verified == 5 * kRounds);
  const PublicKey coordinator = maker.coordinator_key->public_key();
  const auto context_of = [&](const RoundEvidenceBytes& round) {
    return test::context_for(round, coordinator, claim, policy);
  };
  const auto checked = check_evidence(rounds[0]);
  const RoundContext context = context_of(rounds[0]);
  const double decide_us = cost_us(kRounds, [&](std::size_t) {
    const Decision decision = decide_checked(checked, context, Borders::world(), {});
    verified += explain(decision, context, Borders::world(), model).residuals_km.size();
  });
  const ByteVector message(300, 7);
  const auto signature = maker.coordinator_key->sign(message).value();
  const PublicKey key = maker.coordinator_key->public_key();
  const double signature_us =
      cost_us(500, [&](std::size_t) { verified += key.verify(message, signature) ? 1U : 0U; });
  const double import_us = cost_us(500, [&](std::size_t) {
    verified += PublicKey::from_spki_der(maker.anchors[0].key->public_key().spki_der()) ? 1U : 0U;
  });

  const TempDir folder;
  auto opened = open_sqlite_store({.path = (folder / "chiploc.db").string()});
  REQUIRE(opened);
  Store& store = **opened;
  const auto begin = [&](const std::vector<RoundEvidenceBytes>& all) {
    REQUIRE(store.begin_batch());
    for (const auto& round : all) {
      RoundIntent intent;
      intent.round = round.round;
      intent.chip = round.chip;
      intent.requested_by = "bench";
      intent.device_certificate = ByteVector(600, 1);
      for (const IssuedTicket& issued : round.tickets)
        intent.anchors.push_back({issued.anchor.id, issued.anchor.name, {}});
      intent.context = context_bytes(context_of(round));
      REQUIRE(store.rounds().log_intent(intent));
    }
    REQUIRE(store.commit_batch());
  };
  std::uint64_t spool = 0;
  std::size_t met_bytes = 0;
  const auto record_of = [&](const RoundEvidenceBytes& round, const VerdictId& id) {
    return judge(context_of(round), test::evidence_of(round), model, id);
  };

  // Ours: judged as chiplocd judges, kept as StoreThread keeps it.
  const double intent_us = wall_us([&] { begin(rounds); }) / kRounds;
  const double lean_from = thread_cpu_us();
  const double lean_us = wall_us([&] {
                           REQUIRE(store.begin_batch());
                           for (const auto& round : rounds) {
                             const auto id = random_id<VerdictId>();
                             append_all(store, round, spool, record_of(round, id), id);
                           }
                           REQUIRE(store.commit_batch());
                         }) /
                         kRounds;

  const double lean_cpu_us = (thread_cpu_us() - lean_from) / kRounds;
  const Decision decision = decide_checked(checked, context, Borders::world(), {});
  const Explanation explanation = explain(decision, context, Borders::world(), model);
  const double record_us = cost_us(
      kRounds, [&](std::size_t) { met_bytes += record_bytes(to_record(decision, explanation, {})).size(); });

  // The obvious way: keys parsed where they are needed, Ceres, S2 coverings, a commit for each message.
  for (std::size_t i = 0; i < kRounds; ++i) {
    maker.round = random_id<RoundId>();
    rounds[i] = maker.make({.lat = 50.4, .lon = 9.5});
  }
  const S2Countries s2;
  begin(rounds);
  std::size_t met = 0;
  const double obvious_us =
      wall_us([&] {
        for (const auto& round : rounds) {
          for (std::size_t a = 0; a < round.reports.size(); ++a)
            met += PublicKey::from_spki_der(maker.anchors[a].key->public_key().spki_der()) ? 1U : 0U;
          met += PublicKey::from_spki_der(maker.device_key->public_key().spki_der()) ? 1U : 0U;
          const auto evidence = check_evidence(round);
          std::vector<FitInput> inputs;
          std::vector<AnchorBound> bounds;
          for (const AnchorFinding& finding : evidence.anchors) {
            const auto distance = model.distance(finding.rtt_min);
            inputs.push_back({finding.anchor.place, distance.km, distance.sigma_km});
            bounds.push_back({finding.anchor.place, finding.anchor.uncertainty,
                              distance.km > 0 ? Kilometers{distance.km * 3} : Kilometers{100},
                              finding.perspective});
          }
          met += ceres_fit(inputs).cost >= 0.0 ? 1U : 0U;
          met += s2.met(bounds).size();
          const auto id = random_id<VerdictId>();
          append_all(store, round, spool, record_of(round, id), id);
        }
      }) /
      kRounds;
  REQUIRE(met > 0);
  print_figure("whole round, 12 anchors x 12 pings: obvious / ours", text("%.0f us", lean_us),
               text("%.0f us", obvious_us), obvious_us / lean_us, Want::kAtLeast, 30.0);
  print_figure("whole round / one signature verification (OpenSSL)", text("%.0f us", lean_cpu_us),
               text("%.1f us", signature_us), lean_cpu_us / signature_us, Want::kAtMost, 2.0);
  print_plain("  of it: 13 signatures", text("%.0f us", 13.0 * signature_us));
  print_plain("  of it: evidence, with the signatures", text("%.0f us", evidence_us));
  print_plain("  of it: verdict (region, margin, hinges, fit)", text("%.0f us", decide_us));
  print_plain("  of it: the record (GeoJSON of the region, reasons)", text("%.0f us", record_us));
  print_plain("  of it: the store, 29 records in a batch",
              text("%.0f us", lean_cpu_us - evidence_us - decide_us - record_us));
  print_plain("  beside it: the intent with its context, in a batch", text("%.0f us", intent_us));
  print_plain("  bytes of a verdict's record", text("%.0f", static_cast<double>(met_bytes) / (5 * kRounds)));
  print_plain("  parsing one Ed25519 key, which is cached", text("%.1f us", import_us));
}

}  // namespace chiploc::bench
