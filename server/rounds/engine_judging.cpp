// RoundEngine: the end of a round. Judged, compared, recorded; then told.
#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rounds/claim.hpp"
#include "server/rounds/engine.hpp"
#include "server/rounds/sighting_basis.hpp"
#include "server/verifier/verdict_record.hpp"
#include "server/verifier/verdict_view.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSuggestingMax = 64;  // verdicts waiting for it; beyond, they go without

template <class Message>
ByteVector serialised(const Message& message) {
  const std::string raw = message.SerializeAsString();
  return {raw.begin(), raw.end()};
}

std::optional<ChipSighting> stored_sighting(const std::optional<Sighting>& seen, const Digest& device_key) {
  if (!seen) return std::nullopt;
  const LatLon centre = seen->place.centre;
  return ChipSighting{seen->round, {centre.lat_deg(), centre.lon_deg()}, seen->place.radius, seen->from,
                      seen->to,    basis_bytes(*seen, device_key)};
}

/// Whether the store has all that was judged. Asked where there is no time to wait for each write's outcome.
bool all_on_record(Store& store, const RoundEvidenceBytes& evidence) {
  const auto stored = store.rounds().evidence(evidence.round);
  if (!stored || !*stored) return false;
  const auto& reports = (*stored)->reports;
  const auto& statements = (*stored)->statements;
  const auto has_report = [&](const auto& judged) {
    return std::any_of(reports.begin(), reports.end(), [&](const StoredReport& kept) {
      return kept.anchor == judged.first && kept.bytes == judged.second;
    });
  };
  const auto has_statement = [&](const ByteVector& judged) {
    return std::any_of(statements.begin(), statements.end(),
                       [&](const StoredStatement& kept) { return kept.bytes == judged; });
  };
  return (*stored)->tickets.size() == evidence.tickets.size() &&
         (*stored)->close_order.empty() == !evidence.close_order.has_value() &&
         std::all_of(evidence.reports.begin(), evidence.reports.end(), has_report) &&
         std::all_of(evidence.statements.begin(), evidence.statements.end(), has_statement);
}

}  // namespace

void RoundEngine::decide(ActiveRound& active) {
  active.heard.anchors_twice = anchors_twice(active);
  active.judging = std::make_shared<const JudgingTask>(
      JudgingTask{active.context, std::move(active.evidence), active.calibration, wall(), active.heard});
  act(act::Judge{active.round.id(), active.judging});
}

void RoundEngine::on_judged(const RoundId& round, Judgement&& judgement) {
  const auto found = rounds_.find(round);
  if (found == rounds_.end()) return;  // abandoned meanwhile
  ActiveRound& active = *found->second;
  remember(active, judgement);
  const auto& model = active.calibration->model;
  const bool wanted = model && worth_suggesting(judgement.decision);
  if (wanted && !draining_ && suggesting_ < kSuggestingMax) {
    // Takes longer than all else about a round, and is wanted by people alone: not where anchors wait.
    ++suggesting_;
    act(act::Suggest{round, model, judgement.decision});
    active.judged = std::move(judgement);
  } else {
    judgement.explanation.posterior_left_out = wanted;
    if (wanted && !draining_) count("suggestions_skipped");
    conclude(active, std::move(judgement));
  }
  bury_doomed();
}

void RoundEngine::on_suggested(const RoundId& round, const std::optional<Suggestion>& suggestion) {
  --suggesting_;
  const auto found = rounds_.find(round);
  if (found == rounds_.end() || !found->second->judged) return;  // concluded or abandoned meanwhile
  auto judged = std::exchange(found->second->judged, std::nullopt);
  judged->explanation.posterior = suggestion;
  conclude(*found->second, std::move(*judged));
  bury_doomed();
}

/// For the chip's next round, and its site's: the verdict itself is decided.
void RoundEngine::remember(const ActiveRound& active, const Judgement& judgement) {
  const Decision& decision = judgement.decision;
  follow_registry();
  if (!judgement.explanation.suspicions.empty()) count("cohort_outliers");
  if (!decision.sighting) return;
  if (active.not_compared) count("sightings_not_compared_" + std::string{name_of(*active.not_compared)});
  const std::string site = site_of(active.context->claim);
  if (!site.empty()) site_cohorts_.heard(site, active.round.chip(), decision.sealed.anchors, steady());
}

void RoundEngine::conclude(ActiveRound& active, Judgement&& judgement) {
  active.concluded = std::move(judgement);
  if (active.writes_open == 0 || draining_) finish(active);  // else when the last of them is on the disk
}

void RoundEngine::finish(ActiveRound& active) {
  const RoundId id = active.round.id();
  const ChipId chip = active.round.chip();
  const auto& [decision, explanation] = *active.concluded;
  const Finding& finding = decision.finding;
  const auto& statement = decision.statement;
  const auto verdict_id = draw<VerdictId>(parts_.entropy);
  const v1::VerdictRecord record =
      to_record(decision, explanation, names_of(*active.context, verdict_id.bytes, active.context_sha256));
  const auto shown = std::make_shared<const v1::Verdict>(to_verdict(record));
  v1::Verdict summary = *shown;
  summary.clear_region_geojson();
  summary.clear_anchors();
  summary.clear_silence();
  summary.clear_holders();
  const VerdictRecord stored{.id = verdict_id,
                             .round = id,
                             .chip = chip,
                             .state = static_cast<std::uint32_t>(finding.state),
                             .decided = decision.decided,
                             .expires = decision.expires,
                             .bytes = record_bytes(record),
                             .summary = serialised(summary),
                             .sighting = stored_sighting(decision.sighting, active.device_key),
                             .format = VerdictRecord::kRecord};
  std::optional<ChipCounters> counters;
  if (statement) {
    counters = ChipCounters{.boot_count = statement->boot_count,
                            .round_counter = statement->round_counter,
                            .boot_id = {},
                            .signer = sha256(bytes_of(active.chip_public))};
  }
  log(LogLevel::kInfo, "round.decided",
      {{"round", id.hex()},
       {"chip", chip.hex()},
       {"state", std::string{name_of(finding.state)}},
       {"reason", finding.reasons.empty() ? "" : finding.reasons.front().code}});
  release(active);
  const WatcherId watcher = active.watcher;
  const auto rests_on = active.writes_open == 0 ? nullptr : active.judging;
  if (active.scheduled) widen(*active.scheduled, active.anchors.size(), finding.state);
  forget(active);
  auto finished = std::make_shared<Stored<Done>>(Done{});
  const bool posted = parts_.journal.post(
      [finished, stored, counters, rests_on](Store& s) {
        // A verdict whose evidence is not on record could not be checked by anybody.
        if (rests_on && !all_on_record(s, rests_on->evidence)) {
          *finished = Fail{StoreFault{StoreFaultCode::kInvalid, "its evidence is not on record"}};
          return;
        }
        *finished = s.verdicts().finish_round(stored, counters);
      },
      [this, id, finished, shown, watcher](const Stored<Done>& committed) {
        if (committed && *finished) {
          note_store(nullptr);
          if (watcher != 0) act(act::TellVerdict{watcher, shown});
          return;
        }
        const StoreFault& fault = committed ? finished->error() : committed.error();
        note_store(&fault);
        record_abandoned(id, "the verdict could not be recorded");
        count("verdicts_not_recorded");
        log(LogLevel::kError, "round.verdict_not_recorded",
            {{"round", id.hex()}, {"problem", log_text(fault.text), true}});
        if (watcher != 0) act(act::TellAbandoned{watcher, RoundFault::kVerdictNotRecorded});
      },
      {});
  if (posted) return;
  count("store_refused");
  record_abandoned(id, "the verdict could not be recorded: the store's queue is full");
  if (watcher != 0) act(act::TellAbandoned{watcher, RoundFault::kVerdictNotRecorded});
}

}  // namespace chiploc
