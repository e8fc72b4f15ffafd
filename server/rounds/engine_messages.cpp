// RoundEngine: what anchors' streams bring.
#include <algorithm>
#include <set>

#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {

/// Half of what an honest anchor keeps between two notes (ProberOptions::progress_interval).
constexpr Nanoseconds kProgressInterval = std::chrono::milliseconds{100};
/// Two different statements tell a clone; more add nothing.
constexpr std::size_t kStatementsKept = 4;

}  // namespace

void RoundEngine::on_message(LinkId link, const AnchorId& anchor, AnchorInput&& input,
                             const ReadCredit& credit, Nanoseconds wait) {
  take(anchor, link, std::move(input), credit);
  hold(credit, wait);
  bury_doomed();
}

void RoundEngine::take(const AnchorId& anchor, LinkId link, AnchorInput&& input, const ReadCredit& credit) {
  // Refused or replaced: what it still sends is not for this table.
  if (attached(anchor, link) == nullptr) return;
  show(anchor).last_seen = wall();
  const SpoolRef spool{anchor, input.spool_id};
  if (const auto* prepared = std::get_if<v1::Prepared>(&input.body)) return on_prepared(anchor, *prepared);
  if (const auto* refusal = std::get_if<v1::CannotPrepare>(&input.body))
    return on_cannot_prepare(anchor, *refusal);
  if (const auto* progress = std::get_if<v1::SessionProgress>(&input.body))
    return on_progress(anchor, *progress);
  if (auto* report = std::get_if<ReportIn>(&input.body)) return on_report(spool, std::move(*report), credit);
  if (auto* statement = std::get_if<StatementIn>(&input.body))
    return on_statement(spool, std::move(*statement), credit);
  if (auto* knock = std::get_if<StoredKnock>(&input.body)) return on_knock(spool, std::move(*knock), credit);
  if (const auto* knocks = std::get_if<KnocksIn>(&input.body)) return on_knocks(*knocks);
  if (auto* mesh = std::get_if<MeshRecord>(&input.body)) return on_mesh(spool, std::move(*mesh), credit);
  if (const auto* heartbeat = std::get_if<v1::Heartbeat>(&input.body)) {
    show(anchor).spool_dropped = heartbeat->spool_dropped();
    return;
  }
  count("anchor_messages_unexpected");
  act(act::End{link, LinkEnd::kProtocol, "a message that makes no sense after Hello"});
}

void RoundEngine::on_cannot_prepare(const AnchorId& anchor, const v1::CannotPrepare& refusal) {
  ActiveRound* active = find(bytes_of(refusal.round_id()));
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (seat) run(*active, active->round.on_cannot_prepare(*seat, steady(), wall()));
}

void RoundEngine::on_prepared(const AnchorId& anchor, const v1::Prepared& prepared) {
  ActiveRound* active = find(bytes_of(prepared.round_id()));
  const auto key = X25519Public::from_bytes(bytes_of(prepared.anchor_public()));
  if (active == nullptr || !key) return count("prepared_unexpected");
  const auto seat = active->round.seat_of(anchor);
  if (seat) run(*active, active->round.on_prepared(*seat, *key, steady(), wall()));
}

void RoundEngine::on_progress(const AnchorId& anchor, const v1::SessionProgress& seen) {
  ActiveRound* active = find(bytes_of(seen.round_id()));
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (!seat) return;
  AnchorProgress& event = active->progress[*seat];
  event.pings_sent = seen.pings_sent();
  event.pongs_received = seen.pongs_received();
  event.rtt_min = Nanoseconds{seen.rtt_min_ns()};
  event.refusals = seen.refusals();
  if (seen.refusal() >= 1 && seen.refusal() <= kRejectReasonLast)
    event.refusal = name_of(static_cast<RejectReason>(seen.refusal()));
  // Whoever watches hears the newest a few times a second, however often an anchor tells it.
  const SteadyTime now = steady();
  if (now - active->progress_told[*seat] < kProgressInterval) return;
  active->progress_told[*seat] = now;
  const bool refused_alone = seen.refusals() > 0 && seen.sessions() == 0 && seen.pings_sent() == 0;
  progress(*active, *seat, refused_alone ? event.stage : seen.pongs_received() == 0 ? "open" : "pinging");
}

void RoundEngine::on_report(const SpoolRef& spool, ReportIn&& report, const ReadCredit& credit) {
  ActiveRound* active = find(report.round.bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(spool.anchor);
  if (active != nullptr && !seat) return drop(spool, v1::AnchorMessage::kReport, Dropped::kNoSeat);
  if (seat && ++active->reports_of[*seat] > AnchorLimits::kKeptOfSeat)
    return drop(spool, v1::AnchorMessage::kReport, Dropped::kSurplus);
  // The first report of an anchor counts; the store keeps the others, this process does not need them.
  const bool counts = seat && std::none_of(active->evidence.reports.begin(), active->evidence.reports.end(),
                                           [&](const auto& known) { return known.first == spool.anchor; });
  store_then_acknowledge(
      spool, v1::AnchorMessage::kReport,
      [round = report.round, spool, raw = report.bytes, now = wall()](Store& s) {
        return s.rounds().append_report(round, spool, raw, now);
      },
      {}, credit, counts ? active : nullptr);
  if (!seat) return;  // late: the store knows whether this anchor had a part in it
  if (counts) active->evidence.reports.emplace_back(spool.anchor, std::move(report.bytes));
  progress(*active, *seat, "reported");
  run(*active, active->round.on_report(*seat, report.summary, steady()));
  if (ActiveRound* const still = find(report.round.bytes)) end_knock_wait(*still, *seat, report.summary);
}

/// One anchor alone could say that it measured the chip, and so have the round end before its knock.
void RoundEngine::end_knock_wait(ActiveRound& active, std::size_t seat, const ReportSummary& report) {
  if (!active.inbound_address.empty() || report.finished_sessions == 0) return;
  active.measured_by.insert(seat);
  std::vector<const AnchorFacts*> facts;
  facts.reserve(active.anchors.size());
  for (const AnchorFacts& anchor : active.anchors) facts.push_back(&anchor);
  const auto perspectives = number_perspectives(facts);
  std::set<std::uint32_t> say_so;
  for (const std::size_t one : active.measured_by) say_so.insert(perspectives[one]);
  if (say_so.size() <= active.evidence.accused_beyond()) return;
  active.round.end_knock_wait(steady());
  arm(active);
}

void RoundEngine::on_statement(const SpoolRef& spool, StatementIn&& seen, const ReadCredit& credit) {
  ActiveRound* active = find(seen.round.bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(spool.anchor);
  if (active != nullptr && !seat) return drop(spool, v1::AnchorMessage::kStatement, Dropped::kNoSeat);
  if (seat && ++active->statements_of[*seat] > AnchorLimits::kKeptOfSeat)
    return drop(spool, v1::AnchorMessage::kStatement, Dropped::kSurplus);
  store_then_acknowledge(
      spool, v1::AnchorMessage::kStatement,
      [round = seen.round, spool, raw = seen.bytes, now = wall()](Store& s) {
        return s.rounds().append_statement(round, spool, raw, now);
      },
      {}, credit, active);
  if (!seat) return;
  const ByteVector& raw = seen.bytes;
  // Whoever carries a statement may have made it up. So one that does not count neither ends the round nor
  // takes the place of one that does.
  if (refuse_statement(raw, active->evidence)) return doubt_statement(*active, *seat, raw);
  auto& statements = active->evidence.statements;
  if (statements.size() >= kStatementsKept ||
      std::find(statements.begin(), statements.end(), raw) != statements.end())
    return;
  statements.push_back(raw);
  run(*active, active->round.on_statement(steady()));
}

void RoundEngine::doubt_statement(ActiveRound& active, std::size_t seat, ByteVector statement) {
  count("statements_doubted");
  if (active.round.state() != Round::State::kClosing || !active.doubted.emplace(seat, statement).second)
    return;
  std::vector<const AnchorFacts*> facts;
  facts.reserve(active.anchors.size());
  for (const AnchorFacts& anchor : active.anchors) facts.push_back(&anchor);
  const auto perspectives = number_perspectives(facts);
  std::set<std::uint32_t> say_so;
  for (const auto& entry : active.doubted) say_so.insert(perspectives[entry.first]);
  if (say_so.size() <= active.evidence.accused_beyond())
    return run(active, active.round.on_doubted_statement(steady()));
  active.evidence.statements.push_back(std::move(statement));
  run(active, active.round.on_statement(steady()));
}

void RoundEngine::on_knock(const SpoolRef& spool, StoredKnock&& knock, const ReadCredit& credit) {
  knock.received = wall();
  if (const auto round = round_of_chip_.find(knock.chip); round != round_of_chip_.end()) {
    // One that was spooled for long is of an earlier round; so much may the anchor's clock be off.
    constexpr std::chrono::minutes kClocksApart{5};
    ActiveRound& active = *rounds_.at(round->second);
    if (knock.seen + kClocksApart >= active.intent.intent) {
      ++active.heard.proofs;
      active.heard.last_proof = knock.received;
    }
  }
  store_then_acknowledge(
      spool, v1::AnchorMessage::kKnock,
      [record = std::move(knock), spool](Store& s) { return s.mesh().append_knock(record, spool.spool_id); },
      {.rows = 1, .patient = true}, credit);
}

void RoundEngine::on_knocks(const KnocksIn& knocks) {
  const SteadyTime now = steady();
  for (const KnockHeard& one : knocks.heard) {
    const Nanoseconds age = std::min<Nanoseconds>(one.age, std::chrono::minutes{1});
    if (one.knocks > 0)
      changes_.knocks.emplace_back(one.chip,
                                   knock_book_.heard(one.chip, one.knocks, now - age, wall() - age));
    const auto round = round_of_chip_.find(one.chip);
    if (round == round_of_chip_.end()) continue;
    ActiveRound& active = *rounds_.at(round->second);
    if (now - age < active.begun) continue;
    active.heard.knocks += one.knocks;
    active.heard.elsewhere += one.elsewhere;
    active.heard.proofs_refused += one.proofs_refused;
    if (one.knocks > 0) active.heard.last_knock = std::max(active.heard.last_knock, wall() - age);
  }
}

}  // namespace chiploc
