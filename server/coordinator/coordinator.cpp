#include "server/coordinator/coordinator.hpp"

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include "proto/certificate.hpp"
#include "proto/digest.hpp"
#include "proto/ticket_seal.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/registry/standing.hpp"
#include "server/verifier/verdict_record.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

template <class Message>
ByteVector serialised(const Message& message) {
  return vector_of(bytes_of(message.SerializeAsString()));
}

std::uint32_t milliseconds(Nanoseconds d) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

Coordinator::Coordinator(asio::io_context& io, CoordinatorOptions options, std::unique_ptr<Signer> key,
                         RegistrySource registry, StoreThread& store, const Borders& borders)
    : io_{io},
      options_{std::move(options)},
      key_{std::move(key)},
      registry_{std::move(registry)},
      store_{store},
      borders_{borders},
      scheduler_{options_.scheduler_cadence, random_id<Digest>().bytes},
      schedule_timer_{io},
      unended_timer_{io} {
  public_ = key_->public_key().raw_ed25519().value_or(ByteArray<32>{});
  id_ = coordinator_id_of(public_);
  shown_.borders_version = std::string{borders_.version()};
  shown_.policy_version = options_.policy.version;
  shown_.calibration_version = calibration_.model().version;
  shown_.started = wall_now();
}

Coordinator::~Coordinator() = default;

void Coordinator::begin(const std::vector<OpenRound>& cut_rounds) {
  for (const OpenRound& cut : cut_rounds) {
    const RoundId id = cut.intent.round;
    spdlog::warn("round.cut round={} chip={}", id.hex(), cut.intent.chip.hex());
    record_abandoned(id, "chiplocd stopped while this round was in flight");
  }
  schedule();
}

void Coordinator::drain(std::function<void()> done) {
  asio::dispatch(io_, [this, done = std::move(done)] {
    draining_ = true;
    schedule_timer_.cancel();
    unended_timer_.cancel();
    std::vector<RoundId> ids;
    for (const auto& [id, active] : rounds_) ids.push_back(id);
    for (const RoundId& id : ids) abandon(id, "chiplocd was stopped", RoundFault::kShuttingDown);
    for (auto& [id, anchor] : attached_)
      anchor.link->end(LinkEnd::kShuttingDown, "chiplocd is stopping; reconnect later");
    attached_.clear();
    done();
  });
}

// ------------------------------------------------------------------------------------------ for people
void Coordinator::start(ChipId chip, std::string requested_by, std::chrono::milliseconds deadline,
                        RoundObserver observer) {
  asio::post(io_,
             [this, chip, by = std::move(requested_by), deadline, observer = std::move(observer)]() mutable {
               const auto started = do_start(chip, by, deadline, observer);
               if (started) return;
               count("rounds_refused");
               if (observer.abandoned) observer.abandoned(started.error());
             });
}

CoordinatorStatus Coordinator::status() const {
  const std::scoped_lock lock{shown_mutex_};
  return shown_;
}

std::vector<AnchorStatus> Coordinator::anchors() const {
  const std::scoped_lock lock{shown_mutex_};
  std::vector<AnchorStatus> out;
  for (const auto& [id, anchor] : shown_anchors_) out.push_back(anchor);
  return out;
}

void Coordinator::count(const std::string& name) {
  const std::scoped_lock lock{shown_mutex_};
  ++shown_.counters[name];
}

// -------------------------------------------------------------------------------------------- rounds
std::vector<const AnchorRecord*> Coordinator::choose_anchors(const Registry& registry,
                                                             const LicenceRecord& licence) const {
  std::vector<std::pair<double, const AnchorRecord*>> near;
  for (const auto& [id, anchor] : attached_) {
    const AnchorRecord* record = registry.anchor(id);
    if (record == nullptr) continue;
    double distance = 0.0;
    if (attached_.size() > options_.anchors_per_round) {
      const auto place = LatLon::from_degrees(record->place);
      distance = std::numeric_limits<double>::infinity();
      for (const CountryCode code : licence.countries) {
        if (place) distance = std::min(distance, borders_.distance_to_country(*place, code).km());
      }
    }
    near.emplace_back(distance, record);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (near.size() > options_.anchors_per_round) near.resize(options_.anchors_per_round);
  std::vector<const AnchorRecord*> out;
  for (const auto& [distance, record] : near) out.push_back(record);
  return out;
}

Result<Done, RoundFault> Coordinator::do_start(ChipId chip, const std::string& requested_by,
                                               std::chrono::milliseconds deadline, RoundObserver& observer) {
  if (draining_) return Fail{RoundFault::kShuttingDown};
  const Registry::Snapshot registry = registry_();
  const ChipRecord* record = registry->chip(chip);
  const LicenceRecord* licence = record == nullptr ? nullptr : registry->licence(record->licence);
  if (licence == nullptr) return Fail{RoundFault::kUnknownChip};
  if (round_of_chip_.contains(chip)) return Fail{RoundFault::kAlreadyRunning};
  if (rounds_.size() >= options_.rounds_max) return Fail{RoundFault::kTooManyRounds};
  // A round writes some six times more; one that began while the disk is behind would end without its
  // evidence.
  if (store_.crowded()) {
    count("rounds_refused_store_behind");
    return Fail{RoundFault::kIntentNotRecorded};
  }
  const auto chosen = choose_anchors(*registry, *licence);
  if (chosen.empty()) return Fail{RoundFault::kNoAnchors};

  // Import checked certificate and key; a registry that lost them since then knows the chip no longer.
  const auto certificate = Certificate::from_der(record->certificate);
  if (!certificate) return Fail{RoundFault::kUnknownChip};
  const auto device_key = certificate->public_key();
  if (!device_key) return Fail{RoundFault::kUnknownChip};

  // The round runs whatever the answer is: where a key answers that nobody vouches for is worth knowing.
  const WallTime now = wall_now();
  const auto vouched = vouched_for(*registry, record->maker, *certificate, now);
  if (!vouched) count("rounds_without_valid_certificate");

  RoundOptions options = options_.round;
  if (deadline.count() > 0) options.deadline = deadline;
  const auto id = random_id<RoundId>();
  std::vector<Round::AnchorSeat> seats;
  std::vector<Nonce> nonces;
  for (const AnchorRecord* anchor : chosen) seats.push_back({anchor->id, anchor->endpoint});
  for (std::size_t i = 0; i <= seats.size(); ++i) nonces.push_back(random_id<Nonce>());
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
                           .fault_budget = options_.policy.fault_budget};
  if (!vouched) facts.certificate_fault = vouched.error();
  auto active = std::make_unique<ActiveRound>(Round{options, id, chip, id_, seats, nonces, steady_now()},
                                              std::move(facts), io_);
  active->intent = RoundIntent{.round = id,
                               .chip = chip,
                               .requested_by = requested_by,
                               .intent = now,
                               .anchors = {},
                               .device_certificate = record->certificate,
                               .coordinator_public = public_,
                               .certificate_standing = "good"};
  if (!vouched) {
    active->intent.certificate_standing = name_of(vouched.error().code);
    active->intent.certificate_problem = vouched.error().text;
  }
  for (const AnchorRecord* anchor : chosen) {
    active->progress.emplace_back().anchor = anchor->name;
    active->intent.anchors.push_back({anchor->id, anchor->name, anchor->public_key});
    active->anchors.push_back(AnchorFacts{.name = anchor->name,
                                          .id = anchor->id,
                                          .report_key = attached_.at(anchor->id).report_key,
                                          .place = LatLon::from_degrees(anchor->place).value(),
                                          .uncertainty = anchor->uncertainty,
                                          .operator_name = anchor->operator_name,
                                          .network = anchor->network});
  }
  active->claim.licence = licence->id;
  active->claim.licensed = licence->countries;
  active->claim.prohibited.assign(registry->prohibited().begin(), registry->prohibited().end());
  active->claim.in_force = valid_at(*licence, now);
  active->chip_public = string_of(device_key->spki_der());
  if (record->reach.inbound) active->inbound_address = to_text(*record->reach.inbound);
  if (!record->reach.inbound) {
    for (const auto& [name, anchor] : registry->anchors()) {
      if (anchor->rendezvous && attached_.contains(anchor->id)) active->rendezvous.push_back(anchor->id);
    }
  }
  active->observer = std::move(observer);
  rounds_.emplace(id, std::move(active));
  round_of_chip_.emplace(chip, id);
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_.rounds_in_flight = static_cast<std::uint32_t>(rounds_.size());
  }
  record_intent(id);
  return Done{};
}

/// Nothing is measured that was not announced: PREPARE goes out only after the intent is on the disk.
void Coordinator::record_intent(RoundId id) {
  ActiveRound& active = *rounds_.at(id);
  struct Outcome {
    Stored<Done> logged{Done{}};
    Stored<std::optional<ChipCounters>> counters{std::optional<ChipCounters>{}};
  };
  auto outcome = std::make_shared<Outcome>();
  const bool posted = store_.post(
      [outcome, intent = active.intent](Store& s) {
        outcome->logged = s.log_intent(intent);
        outcome->counters = s.chip_counters(intent.chip);
      },
      [this, id, outcome](const Stored<Done>& committed) {
        asio::post(io_, [this, id, outcome, committed] {
          const auto found = rounds_.find(id);
          if (found == rounds_.end()) return;
          if (!committed || !outcome->logged || !outcome->counters) {
            const StoreFault& fault = !committed         ? committed.error()
                                      : !outcome->logged ? outcome->logged.error()
                                                         : outcome->counters.error();
            note_store(&fault);
            spdlog::error("round.intent_not_recorded round={} problem=\"{}\"", id.hex(), fault.text);
            abandon(id, "the intent could not be recorded", RoundFault::kIntentNotRecorded);
            return;
          }
          note_store(nullptr);
          ActiveRound& round = *found->second;
          if (const auto& last = *outcome->counters) {
            round.evidence.last_accepted = CounterMark{last->boot_count, last->round_counter};
          }
          if (round.observer.started) {
            std::vector<std::string> names;
            for (const AnchorFacts& anchor : round.anchors) names.push_back(anchor.name);
            round.observer.started(id, names);
          }
          run(round, round.round.start());
        });
      });
  if (!posted) {
    count("store_refused");
    abandon(id, "the store's queue is full", RoundFault::kIntentNotRecorded);
  }
}

void Coordinator::run(ActiveRound& active, std::vector<RoundAction> actions) {
  const RoundId id = active.round.id();
  for (RoundAction& action : actions) {
    if (const auto* ask = std::get_if<AskPrepare>(&action)) {
      v1::CoordinatorMessage message;
      message.mutable_prepare()->set_round_id(string_of(id.bytes));
      message.mutable_prepare()->set_chip_id(string_of(active.round.chip().bytes));
      message.mutable_prepare()->set_expires_unix_ns(
          (wall_now() + options_.round.validity).since_epoch.count());
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
      spdlog::error("ticket.not_signed round={} problem=\"{}\"", id.hex(), signed_ticket.error().text);
      return false;
    }
    const auto raw = bytes_of(ticket);
    recorded.push_back(vector_of(raw));
    active.tickets.push_back(string_of(raw));
    active.evidence.tickets.push_back({ticket, active.anchors[issue.anchors[i]]});
  }
  record_or_abandon(active, "its tickets",
                    [id, recorded](Store& s) { return s.append_tickets(id, recorded); });

  for (std::size_t i = 0; i < issue.tickets.size(); ++i) {
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    assign.set_ticket(active.tickets[i]);
    assign.set_inbound_address(active.inbound_address);
    assign.set_ping_interval_ms(milliseconds(options_.round.ping_interval));
    assign.set_deadline_ms(milliseconds(issue.report_within));
    assign.set_linger_ms(milliseconds(options_.round.linger));
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
    spdlog::error("close.not_signed round={} problem=\"{}\"", id.hex(), signed_order.error().text);
    return false;
  }
  const auto raw = bytes_of(order);
  active.evidence.close_order = order;
  active.close_order = string_of(raw);
  record_or_abandon(active, "its close order",
                    [id, recorded = vector_of(raw)](Store& s) { return s.append_close_order(id, recorded); });
  return true;
}

void Coordinator::decide(ActiveRound& active) {
  const RoundId id = active.round.id();
  const ChipId chip = active.round.chip();
  const CheckedEvidence checked = check_evidence(active.evidence);
  const Verdict verdict =
      chiploc::decide(checked, active.claim, options_.policy, borders_, calibration_.model(), wall_now());
  const auto verdict_id = random_id<VerdictId>();
  const v1::Verdict record = to_record(verdict, VerdictContext{.verdict_id = verdict_id.bytes,
                                                               .round = id,
                                                               .chip = chip,
                                                               .claim = active.claim,
                                                               .policy = options_.policy,
                                                               .borders = borders_,
                                                               .calibration = calibration_.model()});
  v1::Verdict summary = record;
  summary.clear_region_geojson();
  summary.clear_anchors();
  const VerdictRecord stored{.id = verdict_id,
                             .round = id,
                             .chip = chip,
                             .state = static_cast<std::uint32_t>(verdict.state),
                             .decided = verdict.decided,
                             .expires = verdict.expires,
                             .bytes = serialised(record),
                             .summary = serialised(summary)};
  std::optional<ChipCounters> counters;
  if (checked.statement) {
    counters = ChipCounters{.boot_count = checked.statement->boot_count,
                            .round_counter = checked.statement->round_counter,
                            .boot_id = {}};
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
        *finished = s.finish_round(stored, counters);
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
                        committed ? finished->error().text : committed.error().text);
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
               why);
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

ActiveRound* Coordinator::find(Bytes round_id) {
  const auto id = RoundId::from_bytes(round_id);
  const auto found = id ? rounds_.find(*id) : rounds_.end();
  return found == rounds_.end() ? nullptr : found->second.get();
}

void Coordinator::progress(ActiveRound& active, std::size_t seat, std::string stage) {
  AnchorProgress& event = active.progress[seat];
  event.stage = std::move(stage);
  if (active.observer.progress) active.observer.progress(event);
}

// ----------------------------------------------------------------------------------------- scheduler
void Coordinator::schedule() {
  if (draining_ || options_.scheduler_cadence <= Nanoseconds{0}) return;
  const WallTime now = wall_now();
  if (scheduler_.needs_plan(now)) {
    std::vector<ChipId> chips;
    for (const auto& [id, chip] : registry_()->chips()) chips.push_back(id);
    scheduler_.plan(chips, now);
  }
  while (const auto chip = scheduler_.take_due(now)) {
    RoundObserver nobody;
    if (!do_start(*chip, options_.scheduler_name, std::chrono::milliseconds{0}, nobody))
      count("scheduled_rounds_not_started");
  }
  const auto next = scheduler_.next();
  if (!next) return;
  schedule_timer_.expires_after(std::max<Nanoseconds>(*next - wall_now(), std::chrono::milliseconds{1}));
  schedule_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) schedule();
  });
}

}  // namespace chiploc
