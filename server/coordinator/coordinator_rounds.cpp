// A round under way: what Round asks for is signed, kept and sent. It ends with a verdict on the disk, or a
// reason.
#include <asio/post.hpp>
#include <utility>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/rounds/claim.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/coordinator.hpp"
#include "server/rounds/sighting_basis.hpp"
#include "server/verifier/verdict_record.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

template <class Message>
ByteVector serialised(const Message& message) {
  return vector_of(bytes_of(message.SerializeAsString()));
}

std::optional<ChipSighting> stored_sighting(const std::optional<Sighting>& seen, const Digest& device_key) {
  if (!seen) return std::nullopt;
  const LatLon centre = seen->place.centre;
  return ChipSighting{seen->round, {centre.lat_deg(), centre.lon_deg()}, seen->place.radius, seen->from,
                      seen->to,    basis_bytes(*seen, device_key)};
}

constexpr std::size_t kSuggestingMax = 64;  // verdicts waiting for it; beyond, they go without

std::uint32_t milliseconds(Nanoseconds d) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

void Coordinator::run(ActiveRound& active, std::vector<RoundAction> actions) {
  const RoundId id = active.round.id();
  for (RoundAction& action : actions) {
    if (const auto* ask = std::get_if<AskPrepare>(&action)) {
      v1::CoordinatorMessage message;
      message.mutable_prepare()->set_round_id(string_of(id.bytes));
      message.mutable_prepare()->set_chip_id(string_of(active.round.chip().bytes));
      message.mutable_prepare()->set_expires_unix_ns(
          (wall_now() + active.round.options().validity).since_epoch.count());
      send(active.anchors[ask->anchor].id, message);
      progress(active, ask->anchor, "preparing");
    } else if (auto* tickets = std::get_if<IssueTickets>(&action)) {
      if (!issue(active, std::move(*tickets)))
        return abandon(id, "signing failed", RoundFault::kIntentNotRecorded);
    } else if (const auto* close = std::get_if<IssueClose>(&action)) {
      if (!issue(active, *close)) return abandon(id, "signing failed", RoundFault::kIntentNotRecorded);
    } else if (const auto* closing = std::get_if<AskClose>(&action)) {
      v1::CoordinatorMessage message;
      message.mutable_close()->set_round_id(string_of(id.bytes));
      message.mutable_close()->set_order(active.close_order);
      message.mutable_close()->set_deadline_ms(milliseconds(closing->within));
      send(active.anchors[closing->anchor].id, message);
    } else if (const auto* given_up = std::get_if<Abandon>(&action)) {
      return abandon(id, given_up->why, RoundFault::kNoAnchors);
    } else {
      return decide(active);
    }
  }
  arm(active);
}

void Coordinator::arm(ActiveRound& active) {
  const auto deadline = active.round.next_deadline();
  if (!deadline) return;
  active.timer.expires_at(std::chrono::steady_clock::time_point{
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(deadline->since_epoch)});
  active.timer.async_wait([this, id = active.round.id()](const asio::error_code& error) {
    const auto found = rounds_.find(id);
    if (error || found == rounds_.end()) return;
    run(*found->second, found->second->round.on_timer(steady_now(), wall_now()));
  });
}

bool Coordinator::issue(ActiveRound& active, IssueTickets issue) {
  const RoundId id = active.round.id();
  std::vector<ByteVector> recorded;
  for (std::size_t i = 0; i < issue.tickets.size(); ++i) {
    Ticket& ticket = issue.tickets[i];
    if (const auto signed_ticket = sign(ticket, *key_); !signed_ticket) {
      spdlog::error("ticket.not_signed round={} problem=\"{}\"", id.hex(),
                    log_text(signed_ticket.error().text));
      return false;
    }
    const auto raw = bytes_of(ticket);
    recorded.push_back(vector_of(raw));
    active.tickets.push_back(string_of(raw));
    active.evidence.tickets.push_back({ticket, active.anchors[issue.anchors[i]]});
  }
  record_or_abandon(active, "its tickets",
                    [id, recorded](Store& s) { return s.rounds().append_tickets(id, recorded); });

  for (std::size_t i = 0; i < issue.tickets.size(); ++i) {
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    assign.set_ticket(active.tickets[i]);
    assign.set_inbound_address(active.inbound_address);
    assign.set_ping_interval_ms(milliseconds(options_.round.ping_interval));
    assign.set_deadline_ms(milliseconds(issue.report_within));
    assign.set_linger_ms(milliseconds(options_.round.linger));
    assign.set_chip_public(active.chip_public);
    send(active.anchors[issue.anchors[i]].id, message);
    progress(active, issue.anchors[i], "waiting");
  }
  v1::CoordinatorMessage message;
  v1::Pending& pending = *message.mutable_pending();
  pending.set_round_id(string_of(id.bytes));
  pending.set_chip_id(string_of(active.round.chip().bytes));
  pending.set_chip_public(active.chip_public);
  for (const std::string& ticket : active.tickets) pending.add_tickets(ticket);
  pending.set_lifetime_ms(milliseconds(issue.report_within));
  for (const AnchorId& anchor : active.rendezvous) send(anchor, message);
  return true;
}

bool Coordinator::issue(ActiveRound& active, const IssueClose& issue) {
  CloseOrder order = issue.order;
  const RoundId id = active.round.id();
  if (const auto signed_order = sign(order, *key_); !signed_order) {
    spdlog::error("close.not_signed round={} problem=\"{}\"", id.hex(), log_text(signed_order.error().text));
    return false;
  }
  const auto raw = bytes_of(order);
  active.evidence.close_order = order;
  active.close_order = string_of(raw);
  record_or_abandon(active, "its close order", [id, recorded = vector_of(raw)](Store& s) {
    return s.rounds().append_close_order(id, recorded);
  });
  return true;
}

void Coordinator::decide(ActiveRound& active) {
  active.judging = std::make_shared<const RoundEvidenceBytes>(std::move(active.evidence));
  asio::post(judging_thread_, [this, id = active.round.id(), evidence = active.judging, claim = active.claim,
                               calibration = calibration_, now = wall_now()] {
    auto judgement = std::make_shared<Judgement>(judge(*evidence, claim, *calibration, now));
    asio::post(io_, [this, id, judgement] {
      const auto found = rounds_.find(id);
      if (found != rounds_.end()) on_judged(*found->second, std::move(*judgement));
    });
  });
}

Coordinator::Judgement Coordinator::judge(const RoundEvidenceBytes& evidence, const Claim& claim,
                                          const LearntMesh& calibration, WallTime now) const {
  CheckedEvidence checked = check_evidence(evidence);
  Verdict verdict = chiploc::decide(checked, claim, options_.policy, borders_, calibration.line, now);
  return {std::move(checked), std::move(verdict)};
}

void Coordinator::on_judged(ActiveRound& active, Judgement&& judgement) {
  const CheckedEvidence& checked = judgement.checked;
  Verdict& verdict = judgement.verdict;
  compare(active, verdict);
  follow_registry();
  const std::shared_ptr<const PlaceModel> model = places_;
  if (!model || draining_ || !worth_suggesting(verdict))
    return conclude(active, checked, verdict, std::nullopt);
  if (suggesting_ >= kSuggestingMax) {
    count("suggestions_skipped");
    return conclude(active, checked, verdict, std::nullopt);
  }
  // Takes longer than all else about a round, and is wanted by people alone: not on the thread that has to
  // answer anchors.
  active.judged.emplace(checked, verdict);
  ++suggesting_;
  asio::post(suggesting_thread_, [this, id = active.round.id(), model, verdict] {
    auto suggestion = std::make_shared<const std::optional<Suggestion>>(suggest(verdict, *model));
    asio::post(io_, [this, id, suggestion] {
      --suggesting_;
      const auto found = rounds_.find(id);
      if (found == rounds_.end() || !found->second->judged) return;  // concluded as chiplocd was stopped
      const auto judged = std::exchange(found->second->judged, std::nullopt);
      conclude(*found->second, judged->first, judged->second, *suggestion);
    });
  });
}

void Coordinator::compare(ActiveRound& active, Verdict& verdict) {
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
  if (auto apart = site_cohorts_.add(site, active.round.chip(), verdict.anchors, steady_now())) {
    count("cohort_outliers");
    verdict.reasons.push_back(*std::move(apart));
  }
}

/// What was measured between places of which one is corrected since is compared with nothing, and what was
/// learnt of it is forgotten.
void Coordinator::follow_registry() {
  Registry::Snapshot now = registry_();
  if (now == registry_followed_) return;
  if (registry_followed_) {
    bool changed = false;
    for (const auto& [name, anchor] : registry_followed_->anchors()) {
      const AnchorRecord* after = now->anchor(anchor->id);
      if (after != nullptr && after->place.lat == anchor->place.lat &&
          after->place.lon == anchor->place.lon && after->uncertainty.km() == anchor->uncertainty.km())
        continue;
      changed = true;
      site_cohorts_.forget(anchor->id);
    }
    if (changed) {
      count("anchor_places_changed");
      places_.reset();
      calibration_ = std::make_shared<const LearntMesh>();
      calibration_worker_.registry_changed(now);
    }
  }
  registry_followed_ = std::move(now);
}

void Coordinator::conclude(ActiveRound& active, const CheckedEvidence& checked, const Verdict& verdict,
                           const std::optional<Suggestion>& suggestion) {
  const RoundId id = active.round.id();
  const ChipId chip = active.round.chip();
  const auto verdict_id = random_id<VerdictId>();
  v1::Verdict record = to_record(verdict, VerdictContext{.verdict_id = verdict_id.bytes,
                                                         .round = id,
                                                         .chip = chip,
                                                         .claim = active.claim,
                                                         .policy = options_.policy,
                                                         .borders = borders_,
                                                         .calibration = calibration_->line});
  if (suggestion) *record.mutable_posterior() = to_record(*suggestion);
  v1::Verdict summary = record;
  summary.clear_region_geojson();
  summary.clear_anchors();
  const VerdictRecord stored{
      .id = verdict_id,
      .round = id,
      .chip = chip,
      .state = static_cast<std::uint32_t>(verdict.state),
      .decided = verdict.decided,
      .expires = verdict.expires,
      .bytes = serialised(record),
      .summary = serialised(summary),
      .sighting = stored_sighting(sighting_of(verdict, id, active.intent.intent), active.device_key)};
  std::optional<ChipCounters> counters;
  if (checked.statement) {
    counters = ChipCounters{.boot_count = checked.statement->boot_count,
                            .round_counter = checked.statement->round_counter,
                            .boot_id = {},
                            .signer = sha256(bytes_of(active.chip_public))};
  }
  spdlog::info("round.decided round={} chip={} state={} reason={}", id.hex(), chip.hex(),
               name_of(verdict.state), verdict.reasons.empty() ? "" : verdict.reasons.front().code);
  release(active);
  auto observer = std::move(active.observer);
  auto lost = active.evidence_lost;
  round_of_chip_.erase(chip);
  rounds_.erase(id);
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_.rounds_in_flight = static_cast<std::uint32_t>(rounds_.size());
  }
  auto finished = std::make_shared<Stored<Done>>(Done{});
  const bool posted = store_.post(
      [finished, stored, counters, lost](Store& s) {
        // A verdict whose tickets are not on record could not be checked by anybody.
        if (*lost) {
          *finished = Fail{StoreFault{StoreFaultCode::kInvalid, "its evidence is not on record"}};
          return;
        }
        *finished = s.verdicts().finish_round(stored, counters);
      },
      [this, id, finished, record, observer](const Stored<Done>& committed) {
        asio::post(io_, [this, id, finished, committed, record, observer] {
          if (committed && *finished) {
            note_store(nullptr);
            if (observer.verdict) observer.verdict(record);
            return;
          }
          note_store(committed ? &finished->error() : &committed.error());
          record_abandoned(id, "the verdict could not be recorded");
          count("verdicts_not_recorded");
          spdlog::error("round.verdict_not_recorded round={} problem=\"{}\"", id.hex(),
                        log_text(committed ? finished->error().text : committed.error().text));
          if (observer.abandoned) observer.abandoned(RoundFault::kVerdictNotRecorded);
        });
      });
  if (!posted) {
    count("store_refused");
    record_abandoned(id, "the verdict could not be recorded: the store's queue is full");
    if (observer.abandoned) observer.abandoned(RoundFault::kVerdictNotRecorded);
  }
}

void Coordinator::release(const ActiveRound& active) {
  v1::CoordinatorMessage message;
  message.mutable_release()->set_round_id(string_of(active.round.id().bytes));
  for (const AnchorFacts& anchor : active.anchors) send(anchor.id, message);
  v1::CoordinatorMessage unpend;
  unpend.mutable_unpend()->set_round_id(string_of(active.round.id().bytes));
  for (const AnchorId& anchor : active.rendezvous) send(anchor, unpend);
}

void Coordinator::abandon(RoundId id, const std::string& why, RoundFault fault) {
  const auto found = rounds_.find(id);
  if (found == rounds_.end()) return;
  spdlog::warn("round.abandoned round={} chip={} reason=\"{}\"", id.hex(), found->second->round.chip().hex(),
               log_text(why));
  release(*found->second);
  count("rounds_abandoned");
  auto observer = std::move(found->second->observer);
  round_of_chip_.erase(found->second->round.chip());
  rounds_.erase(found);
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_.rounds_in_flight = static_cast<std::uint32_t>(rounds_.size());
  }
  record_abandoned(id, why);
  if (observer.abandoned) observer.abandoned(fault);
}

}  // namespace chiploc
