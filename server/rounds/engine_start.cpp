// RoundEngine: how a round begins. Who measures, what is known of the chip, and the intent on the disk first
// of all.
#include <algorithm>
#include <limits>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"
#include "server/registry/standing.hpp"
#include "server/rounds/claim.hpp"
#include "server/rounds/engine.hpp"
#include "server/rounds/sighting_basis.hpp"

namespace chiploc {
namespace {

/// For the verdict: why the chip's counters are held against nothing.
Reason begun(const CounterStart& start) {
  const std::string before =
      start.before ? " Until then the last round counter was " + std::to_string(start.before->round_counter) +
                         ", the boot count " + std::to_string(start.before->boot_count) + "."
                   : "";
  if (start.reason.empty()) {
    return {"counters_new_key", "The chip has a new certificate over a new key, imported by " + start.by +
                                    "; a counter belongs to its key, so its counters begin anew." + before};
  }
  return {"counters_restarted",
          "The chip's counters were restarted by " + start.by + ": " + start.reason + "." + before};
}

void add_counters(const CounterStanding& standing, RoundContext& context) {
  if (standing.last) {
    context.last_accepted = CounterMark{standing.last->boot_count, standing.last->round_counter};
  } else if (standing.started) {
    context.counters_begun = begun(*standing.started);
  }
}

/// Where the key was seen last; or why nothing follows from that, as the registry stands now.
std::optional<BasisFault> add_sighting(const std::optional<ChipSighting>& seen, const Digest& device_key,
                                       const Registry& registry, RoundContext& context) {
  if (!seen) return std::nullopt;
  if (const auto fault = basis_fault(seen->basis, device_key, registry)) return fault;
  if (const auto centre = LatLon::from_degrees(seen->centre))
    context.seen_before = Sighting{seen->round, {*centre, seen->radius, 0.0}, seen->from, seen->to, {}};
  return std::nullopt;
}

/// How far an anchor stands from what is licensed.
double distance_to_claim(const AnchorRecord& anchor, const Claim& claim, const Borders& borders) {
  double distance = std::numeric_limits<double>::infinity();
  const auto place = LatLon::from_degrees(anchor.place);
  if (!place) return distance;
  for (const CountryCode code : claim.licensed)
    distance = std::min(distance, borders.distance_to_country(*place, code).km());
  for (const NamedArea& area : claim.licensed_areas)
    distance = std::min(distance, area.area->distance_from(*place).km());
  return distance;
}

}  // namespace

std::vector<const AnchorRecord*> RoundEngine::choose_anchors(const Registry& registry, const Claim& claim,
                                                             std::size_t most) const {
  std::vector<std::pair<double, const AnchorRecord*>> near;
  for (const auto& [id, anchor] : attached_) {
    const AnchorRecord* record = registry.anchor(id);
    if (record == nullptr) continue;
    const bool all = attached_.size() <= most;
    near.emplace_back(all ? 0.0 : distance_to_claim(*record, claim, parts_.borders), record);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  // With fewer perspectives no state but UNRESOLVED could come of it.
  const std::size_t least = 2 * std::size_t{options_.policy.faults_to_accuse()} + 2;
  std::vector<const AnchorRecord*> out;
  std::vector<Affiliation> theirs;
  std::size_t perspectives = 0;
  for (const auto& [distance, record] : near) {
    if (out.size() >= options_.anchors_per_round || (out.size() >= most && perspectives >= least)) break;
    theirs.push_back({record->operator_name, record->network});
    const auto numbers = number_perspectives(theirs);
    const std::size_t with_it = std::size_t{*std::max_element(numbers.begin(), numbers.end())} + 1;
    if (out.size() >= most && with_it <= perspectives) {
      theirs.pop_back();
      continue;
    }
    perspectives = with_it;
    out.push_back(record);
  }
  return out;
}

Result<Done, RoundFault> RoundEngine::try_start(const ChipId& chip, const Wish& wish) {
  if (draining_) return Fail{RoundFault::kShuttingDown};
  const Registry::Snapshot registry = registry_();
  const ChipRecord* record = registry->chip(chip);
  const LicenceRecord* licence = record == nullptr ? nullptr : registry->licence(record->licence);
  if (licence == nullptr) return Fail{RoundFault::kUnknownChip};
  if (round_of_chip_.contains(chip)) return Fail{RoundFault::kAlreadyRunning};
  if (rounds_.size() >= options_.rounds_max) return Fail{RoundFault::kTooManyRounds};
  // A round writes some six times more; one that began while the disk is behind would end without its
  // evidence.
  if (parts_.journal.crowded()) {
    count("rounds_refused_store_behind");
    return Fail{RoundFault::kIntentNotRecorded};
  }
  const WallTime now = wall();
  Claim claim = claim_of(*registry, *licence, now);
  const auto chosen = choose_anchors(*registry, claim, anchors_for(wish));
  if (chosen.empty()) return Fail{RoundFault::kNoAnchors};
  // Later with all of them rather than now with fewer: what is measured must not depend on how busy we are.
  if (wish.scheduled && are_busy(chosen)) return Fail{RoundFault::kAnchorsBusy};

  // Import checked certificate and key; a registry that lost them since then knows the chip no longer.
  const auto certificate = Certificate::from_der(record->certificate);
  if (!certificate) return Fail{RoundFault::kUnknownChip};
  const auto device_key = certificate->public_key();
  if (!device_key) return Fail{RoundFault::kUnknownChip};

  // The round runs whatever the answer is: where a key answers that nobody vouches for is worth knowing.
  const auto vouched = vouched_for(*registry, *record, now);
  if (!vouched) count("rounds_without_valid_certificate");

  // A round that ended before its chip could have answered would call it SILENT.
  const auto rhythm = knock_book_.of(chip);
  const Nanoseconds least = least_deadline(*record, rhythm);
  if (wish.deadline.count() > 0 && wish.deadline < least) {
    count("rounds_refused_deadline");
    return Fail{RoundFault::kDeadlineTooShort};
  }
  const Nanoseconds wait = record->reach.inbound ? Nanoseconds{0} : knock_wait_for(rhythm, options_.round);
  const Nanoseconds usual = std::max(options_.round.deadline, chiploc::least_deadline(options_.round, wait));
  const RoundOptions options =
      fit_to_deadline(options_.round, wish.deadline.count() > 0 ? Nanoseconds{wish.deadline} : usual);
  const auto id = draw<RoundId>(parts_.entropy);
  std::vector<Round::AnchorSeat> seats;
  std::vector<Nonce> nonces;
  for (const AnchorRecord* anchor : chosen) seats.push_back({anchor->id, anchor->endpoint});
  for (std::size_t i = 0; i <= seats.size(); ++i) nonces.push_back(draw<Nonce>(parts_.entropy));
  RoundEvidenceBytes facts{.round = id,
                           .chip = chip,
                           .coordinator = id_,
                           .device_key = *device_key,
                           .device_certificate = certificate->fingerprint(),
                           .tickets = {},
                           .close_order = std::nullopt,
                           .reports = {},
                           .statements = {},
                           .last_accepted = std::nullopt,
                           .fault_budget = options_.policy.fault_budget,
                           .faults_to_accuse = options_.policy.faults_to_accuse(),
                           .realm = options_.realm};
  auto active =
      std::make_unique<ActiveRound>(Round{options, id, chip, id_, seats, nonces, steady()}, std::move(facts));
  active->intent = RoundIntent{.round = id,
                               .chip = chip,
                               .requested_by = wish.requested_by.name,
                               .intent = now,
                               .anchors = {},
                               .device_certificate = record->certificate,
                               .coordinator_public = public_,
                               .certificate_standing = "good",
                               .certificate_problem = {},
                               .device_issuers = record->issuers,
                               .requested_with = wish.requested_by.certificate};
  if (!vouched) {
    active->intent.certificate_standing = name_of(vouched.error().code);
    active->intent.certificate_problem = vouched.error().text;
  }
  for (const AnchorRecord* anchor : chosen) {
    active->progress.emplace_back().anchor = anchor->name;
    active->progress.back().twice = runs_twice(anchor->id, steady());
    active->intent.anchors.push_back({anchor->id, anchor->name, anchor->public_key});
    active->anchors.push_back(AnchorFacts{.name = anchor->name,
                                          .id = anchor->id,
                                          .report_key = attached_.at(anchor->id).report_key,
                                          .place = LatLon::from_degrees(anchor->place).value(),
                                          .uncertainty = anchor->uncertainty,
                                          .operator_name = anchor->operator_name,
                                          .network = anchor->network});
  }
  active->chip_public = string_of(device_key->spki_der());
  active->device_key = sha256(bytes_of(active->chip_public));
  active->begun = steady();
  if (record->reach.inbound) active->inbound_address = to_text(*record->reach.inbound);
  if (!record->reach.inbound) {
    for (const auto& [name, anchor] : registry->anchors()) {
      if (anchor->rendezvous && attached_.contains(anchor->id)) active->rendezvous.push_back(anchor->id);
    }
  }
  follow_registry();  // what was learnt of places since corrected is not what a round rests on
  freeze(*active, std::move(claim), vouched ? nullptr : &vouched.error());
  active->watcher = wish.watcher;
  active->scheduled = wish.scheduled;
  ActiveRound& placed = *rounds_.emplace(id, std::move(active)).first->second;
  round_of_chip_.emplace(chip, id);
  for (const AnchorFacts& anchor : placed.anchors) ++seats_of_anchor_[anchor.id];
  show().rounds_in_flight = static_cast<std::uint32_t>(rounds_.size());
  record_intent(placed, registry);
  return Done{};
}

/// Nothing is measured that was not announced: PREPARE goes out only after the intent is on the disk.
void RoundEngine::record_intent(ActiveRound& active, const Registry::Snapshot& registry) {
  const RoundId id = active.round.id();
  struct Outcome {
    Stored<Done> logged{Done{}};
    Stored<CounterStanding> counters{CounterStanding{}};
    Stored<std::optional<ChipSighting>> sighting{std::optional<ChipSighting>{}};
    Stored<std::optional<WallTime>> proof{std::optional<WallTime>{}};
    std::optional<BasisFault> not_compared{};
    Digest context_sha256{};

    [[nodiscard]] const StoreFault* fault(const Stored<Done>& committed) const {
      if (!committed) return &committed.error();
      if (!logged) return &logged.error();
      if (!counters) return &counters.error();
      if (!sighting) return &sighting.error();
      return proof ? nullptr : &proof.error();
    }
  };
  auto outcome = std::make_shared<Outcome>();
  const bool posted = parts_.journal.post(
      [outcome, intent = active.intent, context = active.context, signer = active.device_key,
       add_what_to_keep = what_to_keep(active, registry), registry](Store& s) mutable {
        outcome->counters = s.rounds().chip_counters(intent.chip, signer);
        outcome->sighting = s.rounds().last_sighting(intent.chip);
        outcome->proof = s.mesh().last_knock(intent.chip);
        if (!outcome->counters || !outcome->sighting || !outcome->proof) return;
        context->contact->last_proof = outcome->proof->value_or(WallTime{});
        add_counters(*outcome->counters, *context);
        outcome->not_compared = add_sighting(*outcome->sighting, signer, *registry, *context);
        intent.context = context_bytes(*context);
        outcome->context_sha256 = sha256(intent.context);
        add_what_to_keep(intent);
        outcome->logged = s.rounds().log_intent(intent);
        intent = {};  // the work lives until its batch is on the disk
      },
      [this, id, outcome](const Stored<Done>& committed) {
        const auto found = rounds_.find(id);
        if (found == rounds_.end()) return;
        if (const StoreFault* const fault = outcome->fault(committed)) {
          note_store(fault);
          log(LogLevel::kError, "round.intent_not_recorded",
              {{"round", id.hex()}, {"problem", log_text(fault->text), true}});
          return abandon(id, "the intent could not be recorded", RoundFault::kIntentNotRecorded);
        }
        note_store(nullptr);
        ActiveRound& round = *found->second;
        note_kept(*round.context);
        round.context_sha256 = outcome->context_sha256;
        round.not_compared = outcome->not_compared;
        round.evidence.last_accepted = round.context->last_accepted;
        round.evidence.counters_begun = round.context->counters_begun;
        if (round.watcher != 0) {
          std::vector<std::string> names;
          for (const AnchorFacts& anchor : round.anchors) names.push_back(anchor.name);
          const Contact& contact = *round.context->contact;
          act(act::TellStarted{
              round.watcher, id, std::move(names), contact.wait,
              contact.knocks ? knock_note(knock_book_.of(round.round.chip()), contact.wait, wall()) : ""});
        }
        run(round, round.round.start());
        bury_doomed();
      },
      {});
  if (posted) return;
  count("store_refused");
  abandon(id, "the store's queue is full", RoundFault::kIntentNotRecorded);
}

}  // namespace chiploc
