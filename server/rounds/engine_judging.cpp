// RoundEngine: the end of a round. Judged, compared, recorded; then told.
#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rounds/claim.hpp"
#include "server/rounds/engine.hpp"
#include "server/rounds/sighting_basis.hpp"
#include "server/verifier/cohort_suspicion.hpp"
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
  return stored && *stored && (*stored)->tickets.size() == evidence.tickets.size() &&
         (*stored)->close_order.empty() == !evidence.close_order.has_value() &&
         (*stored)->reports.size() >= evidence.reports.size() &&
         (*stored)->statements.size() >= evidence.statements.size();
}

}  // namespace

/// As the registry stood when the round began.
RoundContext RoundEngine::context_of(const ActiveRound& active) const {
  const RoundEvidenceBytes& evidence = active.evidence;
  RoundContext out{.realm = Realm::kMeasured,
                   .coordinator_key = parts_.key.public_key(),
                   .device_key = evidence.device_key};
  out.round = evidence.round;
  out.chip = evidence.chip;
  out.intent = active.intent.intent;
  out.requested_by = active.intent.requested_by;
  out.certificate = active.intent.device_certificate;
  out.issuers = active.intent.device_issuers;
  out.certificate_fault = evidence.certificate_fault;
  out.anchors = active.anchors;
  out.claim = active.claim;
  out.policy = options_.policy;
  out.last_accepted = evidence.last_accepted;
  out.counters_begun = evidence.counters_begun;
  if (active.seen_before && !basis_fault(active.seen_basis, active.device_key, *registry_()))
    out.seen_before = active.seen_before;
  complete(out, parts_.borders);
  return out;
}

void RoundEngine::decide(ActiveRound& active) {
  RoundContext context = context_of(active);
  active.judging = std::make_shared<const JudgingTask>(
      JudgingTask{std::move(context), std::move(active.evidence), calibration_, wall()});
  act(act::Judge{active.round.id(), active.judging});
}

void RoundEngine::on_judged(const RoundId& round, Judgement&& judgement) {
  const auto found = rounds_.find(round);
  if (found == rounds_.end()) return;  // abandoned meanwhile
  ActiveRound& active = *found->second;
  compare(active, judgement);
  follow_registry();
  if (!places_ || draining_ || !worth_suggesting(judgement.decision)) {
    conclude(active, std::move(judgement));
  } else if (suggesting_ >= kSuggestingMax) {
    count("suggestions_skipped");
    conclude(active, std::move(judgement));
  } else {
    // Takes longer than all else about a round, and is wanted by people alone: not where anchors wait.
    ++suggesting_;
    act(act::Suggest{round, places_, judgement.decision});
    active.judged = std::move(judgement);
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

void RoundEngine::compare(ActiveRound& active, Judgement& judgement) {
  const Decision& decision = judgement.decision;
  follow_registry();
  if (decision.sighting && active.seen_before && !active.judging->context.seen_before) {
    const auto fault = basis_fault(active.seen_basis, active.device_key, *registry_());
    count("sightings_not_compared_" + std::string{name_of(fault.value_or(BasisFault::kUnknown))});
  }
  const std::string site = site_of(active.claim);
  if (!decision.sighting || site.empty()) return;
  const ChipId chip = active.round.chip();
  auto apart = cohort_suspicion(site_cohorts_.others(site, chip, steady()), chip, decision.sealed.anchors);
  site_cohorts_.heard(site, chip, decision.sealed.anchors, steady());
  if (!apart) return;
  count("cohort_outliers");
  judgement.explanation.suspicions.push_back(*std::move(apart));
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
  auto record = std::make_shared<v1::Verdict>(to_verdict(to_record(
      decision, explanation,
      {.verdict_id = verdict_id.bytes, .round = id, .chip = chip, .context_sha256 = {}})));
  v1::Verdict summary = *record;
  summary.clear_region_geojson();
  summary.clear_anchors();
  const VerdictRecord stored{
      .id = verdict_id,
      .round = id,
      .chip = chip,
      .state = static_cast<std::uint32_t>(finding.state),
      .decided = decision.decided,
      .expires = decision.expires,
      .bytes = serialised(*record),
      .summary = serialised(summary),
      .sighting = stored_sighting(decision.sighting, active.device_key)};
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
