// RoundEngine: the end of a round. Judged, compared, recorded; then told.
#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rounds/claim.hpp"
#include "server/rounds/engine.hpp"
#include "server/rounds/sighting_basis.hpp"
#include "server/verifier/verdict_record.hpp"

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
  return stored && *stored && (*stored)->tickets.size() == evidence.tickets.size() &&
         (*stored)->close_order.empty() == !evidence.close_order.has_value() &&
         (*stored)->reports.size() >= evidence.reports.size() &&
         (*stored)->statements.size() >= evidence.statements.size();
}

}  // namespace

void RoundEngine::decide(ActiveRound& active) {
  active.judging = std::make_shared<const JudgingTask>(
      JudgingTask{std::move(active.evidence), active.claim, calibration_, wall()});
  act(act::Judge{active.round.id(), active.judging});
}

void RoundEngine::on_judged(const RoundId& round, Judgement&& judgement) {
  const auto found = rounds_.find(round);
  if (found == rounds_.end()) return;  // abandoned meanwhile
  ActiveRound& active = *found->second;
  compare(active, judgement.verdict);
  follow_registry();
  if (!places_ || draining_ || !worth_suggesting(judgement.verdict)) {
    conclude(active, std::move(judgement), std::nullopt);
  } else if (suggesting_ >= kSuggestingMax) {
    count("suggestions_skipped");
    conclude(active, std::move(judgement), std::nullopt);
  } else {
    // Takes longer than all else about a round, and is wanted by people alone: not where anchors wait.
    ++suggesting_;
    act(act::Suggest{round, places_, judgement.verdict});
    active.judged = std::move(judgement);
  }
  bury_doomed();
}

void RoundEngine::on_suggested(const RoundId& round, const std::optional<Suggestion>& suggestion) {
  --suggesting_;
  const auto found = rounds_.find(round);
  if (found == rounds_.end() || !found->second->judged) return;  // concluded or abandoned meanwhile
  auto judged = std::exchange(found->second->judged, std::nullopt);
  conclude(*found->second, std::move(*judged), suggestion);
  bury_doomed();
}

void RoundEngine::compare(ActiveRound& active, Verdict& verdict) {
  const auto seen = sighting_of(verdict, active.round.id(), active.intent.intent);
  follow_registry();
  if (seen && active.seen_before) {
    const auto fault = basis_fault(active.seen_basis, active.device_key, *registry_());
    if (fault) {
      count("sightings_not_compared_" + std::string{name_of(*fault)});
    } else {
      check_travel(verdict, *seen, *active.seen_before);
    }
  }
  const std::string site = site_of(active.claim);
  if (!seen || site.empty()) return;
  if (auto apart = site_cohorts_.add(site, active.round.chip(), verdict.anchors, steady())) {
    count("cohort_outliers");
    verdict.reasons.push_back(*std::move(apart));
  }
}

void RoundEngine::conclude(ActiveRound& active, Judgement&& judgement,
                           const std::optional<Suggestion>& suggestion) {
  active.concluded.emplace(ActiveRound::Conclusion{std::move(judgement), suggestion});
  if (active.writes_open == 0 || draining_) finish(active);  // else when the last of them is on the disk
}

void RoundEngine::finish(ActiveRound& active) {
  const RoundId id = active.round.id();
  const ChipId chip = active.round.chip();
  const Verdict& verdict = active.concluded->judgement.verdict;
  const auto& statement = active.concluded->judgement.checked.statement;
  const auto verdict_id = draw<VerdictId>(parts_.entropy);
  auto record = std::make_shared<v1::Verdict>(
      to_record(verdict, VerdictContext{.verdict_id = verdict_id.bytes,
                                        .round = id,
                                        .chip = chip,
                                        .claim = active.claim,
                                        .policy = options_.policy,
                                        .borders = parts_.borders,
                                        .calibration = active.judging->calibration->line}));
  if (active.concluded->suggestion) *record->mutable_posterior() = to_record(*active.concluded->suggestion);
  v1::Verdict summary = *record;
  summary.clear_region_geojson();
  summary.clear_anchors();
  const VerdictRecord stored{
      .id = verdict_id,
      .round = id,
      .chip = chip,
      .state = static_cast<std::uint32_t>(verdict.state),
      .decided = verdict.decided,
      .expires = verdict.expires,
      .bytes = serialised(*record),
      .summary = serialised(summary),
      .sighting = stored_sighting(sighting_of(verdict, id, active.intent.intent), active.device_key)};
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
       {"state", std::string{name_of(verdict.state)}},
       {"reason", verdict.reasons.empty() ? "" : verdict.reasons.front().code}});
  release(active);
  const WatcherId watcher = active.watcher;
  const auto rests_on = active.writes_open == 0 ? nullptr : active.judging;
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
      [this, id, finished, record, watcher](const Stored<Done>& committed) {
        if (committed && *finished) {
          note_store(nullptr);
          if (watcher != 0) act(act::TellVerdict{watcher, record});
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
