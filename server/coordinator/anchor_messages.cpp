// Coordinator, second part: what anchors' streams bring.
#include <algorithm>
#include <asio/post.hpp>
#include <set>

#include "proto/base/safe_text.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/coordinator.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

/// Attached{}.hello is kept and shown: not more of it than a person reads.
constexpr std::size_t kVersionMax = 64;
/// Half of what an honest anchor keeps between two notes (ProberOptions::progress_interval).
constexpr Nanoseconds kProgressInterval = std::chrono::milliseconds{100};

/// What a message asks of the coordinator and the store, in the units of AnchorDoor::rate.
struct WorkOf {
  double operator()(const MeshRecord& mesh) const { return 1.0 + static_cast<double>(mesh.pairs.size()); }
  double operator()(const StoredKnock&) const { return 64.0; }  // one signature, and kept long
  double operator()(const ReportIn&) const { return 4.0; }
  double operator()(const StatementIn&) const { return 16.0; }
  template <class Other>
  double operator()(const Other&) const {
    return 1.0;
  }
};

}  // namespace

// ---------------------------------------------------------------------------------------- attaching
void Coordinator::attach(std::shared_ptr<AnchorLink> link, v1::Hello hello, std::string certificate_name) {
  const Registry::Snapshot registry = registry_();
  const AnchorRecord* record = registry->anchor(hello.anchor());
  const auto key =
      record == nullptr ? std::nullopt : std::optional{PublicKey::from_raw_ed25519(record->public_key)};
  if (key && *key) {
    const std::scoped_lock lock{doors_mutex_};
    doors_[link.get()] = std::make_shared<AnchorDoor>(AnchorDoor{record->id, key->value()});
  }
  asio::post(io_, [this, link = std::move(link), hello = std::move(hello),
                   name = std::move(certificate_name)] { do_attach(link, hello, name); });
}

std::shared_ptr<AnchorDoor> Coordinator::door_of(const AnchorLink* link) {
  const std::scoped_lock lock{doors_mutex_};
  const auto found = doors_.find(link);
  return found == doors_.end() ? nullptr : found->second;
}

void Coordinator::on_message(std::shared_ptr<AnchorLink> link, v1::AnchorMessage message) {
  const auto door = door_of(link.get());
  const ReadCredit credit = read_credit(link);
  if (!door) return;  // refused, or about to be: what it still sends is not for this coordinator
  auto input = check_message(message, door->id, door->key, *registry_());
  if (!input) {
    // Constant work, and nothing of it reaches the coordinator's thread; but not for nothing either.
    const Nanoseconds wait = door->rate.take(4.0, steady_now());
    drop(*link, door->id, message.body_case(), input.error(), message.spool_id());
    if (wait.count() > 0) {
      asio::post(io_, [this, credit, wait] { hold(credit, wait); });
    }
    return;
  }
  const Nanoseconds wait = door->rate.take(std::visit(WorkOf{}, input->body), steady_now());
  asio::post(io_, [this, link = std::move(link), door, credit, wait,
                   input = std::make_shared<AnchorInput>(std::move(input).value())] {
    do_message(link, *door, std::move(*input), credit);
    if (wait.count() > 0) hold(credit, wait);
  });
}

void Coordinator::hold(const ReadCredit& credit, Nanoseconds how_long) {
  count("anchor_reads_delayed");
  auto timer = std::make_shared<asio::steady_timer>(io_, how_long);
  timer->async_wait([timer, credit](const asio::error_code&) {});
}

void Coordinator::drop(AnchorLink& link, const AnchorId& anchor, v1::AnchorMessage::BodyCase kind,
                       Dropped reason, std::uint64_t spool_id) {
  const std::string name = std::string{name_of(kind)} + "_" + std::string{name_of(reason)};
  std::uint64_t times = 0;
  {
    const std::scoped_lock lock{shown_mutex_};
    ++shown_.counters["dropped_" + name];
    AnchorStatus& shown = shown_anchors_[anchor];
    shown.anchor = anchor;
    times = ++shown.dropped[name];
  }
  // The first, the tenth, the hundredth, ...: whoever sends much does not write the log.
  while (times % 10 == 0) times /= 10;
  if (times == 1) spdlog::warn("anchor.message_dropped anchor={} what={}", anchor.hex(), name);
  if (spool_id == 0) return;
  v1::CoordinatorMessage message;  // it would be dropped for ever: the anchor may forget it
  message.mutable_acknowledge()->set_spool_id(spool_id);
  link.send(message);
}

void Coordinator::detach(std::shared_ptr<AnchorLink> link) {
  const auto door = door_of(link.get());
  {
    const std::scoped_lock lock{doors_mutex_};
    doors_.erase(link.get());
  }
  if (door) asio::post(io_, [this, link = std::move(link), door] { do_detach(link, *door); });
}

void Coordinator::do_attach(std::shared_ptr<AnchorLink> link, const v1::Hello& hello,
                            const std::string& certificate_name) {
  const auto refuse = [&](LinkEnd why, const std::string& text) {
    spdlog::warn("anchor.refused anchor=\"{}\" reason=\"{}\"", log_text(certificate_name), log_text(text));
    count("anchors_refused");
    link->end(why, text);
  };
  if (draining_) return refuse(LinkEnd::kShuttingDown, "chiplocd is stopping; reconnect later");
  if (hello.protocol_version() != kProtocolVersion) {
    return refuse(LinkEnd::kUnsupportedVersion, "protocol version " +
                                                    std::to_string(hello.protocol_version()) +
                                                    " is not supported; this coordinator speaks version " +
                                                    std::to_string(kProtocolVersion));
  }
  if (hello.anchor() != certificate_name) {
    return refuse(LinkEnd::kWrongCertificate, "the client certificate is for '" + certificate_name +
                                                  "', not for '" + hello.anchor() + "'");
  }
  const Registry::Snapshot registry = registry_();
  const AnchorRecord* record = registry->anchor(hello.anchor());
  if (record == nullptr || !same_bytes(record->id.bytes, bytes_of(hello.anchor_id()))) {
    return refuse(LinkEnd::kNotRegistered,
                  "anchor '" + hello.anchor() + "' is not registered with this report key; import it first");
  }
  auto key = PublicKey::from_raw_ed25519(record->public_key);
  if (!key || hello.mesh_public().size() != X25519Public::kSize) {
    return refuse(LinkEnd::kProtocol,
                  "the mesh key has " + std::to_string(hello.mesh_public().size()) + " bytes, not 32");
  }
  if (const auto known = attached_.find(record->id); known != attached_.end()) {
    known->second.link->end(LinkEnd::kReplaced, "a newer stream of this anchor has come");
    attached_.erase(known);
  }
  const std::string version = hello.software_version().substr(0, kVersionMax);
  spdlog::info("anchor.attached anchor={} version=\"{}\"", log_text(hello.anchor()), log_text(version));
  Attached& entry =
      attached_.emplace(record->id, Attached{link, hello, wall_now(), 0, *key, {}}).first->second;
  entry.hello.set_software_version(version);
  {
    const std::scoped_lock lock{shown_mutex_};
    AnchorStatus& shown = shown_anchors_[record->id];
    shown.anchor = record->id;
    shown.connected = true;
    shown.software_version = version;
    shown.last_seen = wall_now();
    shown.spool_dropped = 0;
    shown_.anchors_connected = static_cast<std::uint32_t>(attached_.size());
  }
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_protocol_version(kProtocolVersion);
  welcome.mutable_welcome()->set_coordinator_id(string_of(id_.bytes));
  link->send(welcome);
  peers_changed();
}

void Coordinator::do_detach(const std::shared_ptr<AnchorLink>& link, const AnchorDoor& door) {
  const AnchorId id = door.id;
  if (attached(door, link) == nullptr) return;  // replaced meanwhile, or never welcomed
  spdlog::info("anchor.detached anchor={}", log_text(attached_.at(id).hello.anchor()));
  attached_.erase(id);
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[id].connected = false;
    shown_.anchors_connected = static_cast<std::uint32_t>(attached_.size());
  }
  peers_changed();
  std::vector<RoundId> ids;
  for (const auto& [round_id, active] : rounds_) ids.push_back(round_id);
  for (const RoundId& round_id : ids) {
    ActiveRound* active = find(round_id.bytes);
    if (active == nullptr) continue;
    if (const auto seat = active->round.seat_of(id)) {
      progress(*active, *seat, "absent");
      run(*active, active->round.on_cannot_prepare(*seat, steady_now(), wall_now()));
    }
  }
}

Coordinator::Attached* Coordinator::attached(const AnchorDoor& door,
                                             const std::shared_ptr<AnchorLink>& link) {
  const auto found = attached_.find(door.id);
  return found == attached_.end() || found->second.link != link ? nullptr : &found->second;
}

void Coordinator::send(const AnchorId& anchor, const v1::CoordinatorMessage& message) {
  const auto found = attached_.find(anchor);
  if (found == attached_.end() || !found->second.link->send(message)) count("anchor_messages_lost");
}

// ----------------------------------------------------------------------------------------- messages
void Coordinator::do_message(const std::shared_ptr<AnchorLink>& link, const AnchorDoor& door,
                             AnchorInput&& input, const ReadCredit& credit) {
  Attached* anchor = attached(door, link);
  if (anchor == nullptr) return;  // refused or replaced: what it still sends is not for this table
  anchor->last_seen = wall_now();
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[door.id].last_seen = anchor->last_seen;
  }
  const SpoolRef spool{door.id, input.spool_id};
  if (const auto* prepared = std::get_if<v1::Prepared>(&input.body)) return on_prepared(door.id, *prepared);
  if (const auto* refusal = std::get_if<v1::CannotPrepare>(&input.body))
    return on_cannot_prepare(door.id, *refusal);
  if (const auto* progress = std::get_if<v1::SessionProgress>(&input.body))
    return on_progress(door.id, *progress);
  if (auto* report = std::get_if<ReportIn>(&input.body))
    return on_report(*anchor, spool, std::move(*report), credit);
  if (auto* statement = std::get_if<StatementIn>(&input.body))
    return on_statement(*anchor, spool, std::move(*statement), credit);
  if (auto* knock = std::get_if<StoredKnock>(&input.body)) return on_knock(spool, std::move(*knock), credit);
  if (auto* mesh = std::get_if<MeshRecord>(&input.body)) return on_mesh(spool, std::move(*mesh), credit);
  if (const auto* heartbeat = std::get_if<v1::Heartbeat>(&input.body)) {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[door.id].spool_dropped = heartbeat->spool_dropped();
    return;
  }
  count("anchor_messages_unexpected");
  link->end(LinkEnd::kProtocol, "a message that makes no sense after Hello");
}

void Coordinator::on_cannot_prepare(const AnchorId& anchor, const v1::CannotPrepare& refusal) {
  ActiveRound* active = find(bytes_of(refusal.round_id()));
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (seat) run(*active, active->round.on_cannot_prepare(*seat, steady_now(), wall_now()));
}

void Coordinator::on_prepared(const AnchorId& anchor, const v1::Prepared& prepared) {
  ActiveRound* active = find(bytes_of(prepared.round_id()));
  const auto key = X25519Public::from_bytes(bytes_of(prepared.anchor_public()));
  if (active == nullptr || !key) return count("prepared_unexpected");
  if (const auto seat = active->round.seat_of(anchor)) {
    run(*active, active->round.on_prepared(*seat, *key, steady_now(), wall_now()));
  }
}

void Coordinator::on_progress(const AnchorId& anchor, const v1::SessionProgress& seen) {
  ActiveRound* active = find(bytes_of(seen.round_id()));
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (!seat) return;
  AnchorProgress& event = active->progress[*seat];
  event.pings_sent = seen.pings_sent();
  event.pongs_received = seen.pongs_received();
  event.rtt_min = Nanoseconds{seen.rtt_min_ns()};
  // Whoever watches hears the newest a few times a second, however often an anchor tells it.
  const SteadyTime now = steady_now();
  if (now - active->progress_told[*seat] < kProgressInterval) return;
  active->progress_told[*seat] = now;
  progress(*active, *seat, seen.pongs_received() == 0 ? "open" : "pinging");
}

/// The anchor may forget it: it is in the store, or would be refused for ever.
void Coordinator::acknowledge(const AnchorId& anchor, std::uint64_t spool_id) {
  if (spool_id == 0) return;
  v1::CoordinatorMessage message;
  message.mutable_acknowledge()->set_spool_id(spool_id);
  send(anchor, message);
}

void Coordinator::store_then_acknowledge(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind,
                                         std::function<Stored<Appended>(Store&)> work, StoreThread::Load load,
                                         const ReadCredit& credit) {
  auto appended = std::make_shared<Stored<Appended>>(Appended::kNew);
  const auto committed_here = [this, spool, kind, appended](const Stored<Done>& committed) {
    const bool unknown = !*appended && appended->error().code == StoreFaultCode::kNotFound;
    if (!committed || (!*appended && !unknown)) {
      // No acknowledgement: the anchor keeps it and sends it again.
      note_store(committed ? &appended->error() : &committed.error());
      return count("store_failures");
    }
    note_store(nullptr);
    const bool surplus = *appended && **appended == Appended::kSurplus;
    if (!unknown && !surplus) return acknowledge(spool.anchor, spool.spool_id);
    const auto found = attached_.find(spool.anchor);
    if (found == attached_.end()) return;
    drop(*found->second.link, spool.anchor, kind, surplus ? Dropped::kSurplus : Dropped::kNoSeat,
         spool.spool_id);
  };
  const bool posted =
      store_.post([appended, work = std::move(work)](Store& s) { *appended = work(s); },
                  [this, committed_here, credit](const Stored<Done>& committed) {
                    asio::post(io_, [committed_here, committed, credit] { committed_here(committed); });
                  },
                  load);
  if (!posted) count("store_refused");
}

void Coordinator::on_report(Attached& from, const SpoolRef& spool, ReportIn&& report,
                            const ReadCredit& credit) {
  ActiveRound* active = find(report.round.bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(spool.anchor);
  if (active != nullptr && !seat)
    return drop(*from.link, spool.anchor, v1::AnchorMessage::kReport, Dropped::kNoSeat, spool.spool_id);
  if (seat && ++active->reports_of[*seat] > AnchorLimits::kKeptOfSeat)
    return drop(*from.link, spool.anchor, v1::AnchorMessage::kReport, Dropped::kSurplus, spool.spool_id);
  store_then_acknowledge(
      spool, v1::AnchorMessage::kReport,
      [round = report.round, spool, raw = report.bytes](Store& s) {
        return s.rounds().append_report(round, spool, raw, wall_now());
      },
      {}, credit);
  if (!seat) return;  // late: the store knows whether this anchor had a part in it
  auto& reports = active->evidence.reports;
  // The first report of an anchor counts; the store keeps the others, this process does not need them.
  if (std::none_of(reports.begin(), reports.end(), [&](const auto& r) { return r.first == spool.anchor; }))
    reports.emplace_back(spool.anchor, std::move(report.bytes));
  progress(*active, *seat, "reported");
  run(*active, active->round.on_report(*seat, report.summary, steady_now()));
}

void Coordinator::on_statement(Attached& from, const SpoolRef& spool, StatementIn&& seen,
                               const ReadCredit& credit) {
  ActiveRound* active = find(seen.round.bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(spool.anchor);
  if (active != nullptr && !seat)
    return drop(*from.link, spool.anchor, v1::AnchorMessage::kStatement, Dropped::kNoSeat, spool.spool_id);
  if (seat && ++active->statements_of[*seat] > AnchorLimits::kKeptOfSeat)
    return drop(*from.link, spool.anchor, v1::AnchorMessage::kStatement, Dropped::kSurplus, spool.spool_id);
  store_then_acknowledge(
      spool, v1::AnchorMessage::kStatement,
      [round = seen.round, spool, raw = seen.bytes](Store& s) {
        return s.rounds().append_statement(round, spool, raw, wall_now());
      },
      {}, credit);
  if (!seat) return;
  const ByteVector& raw = seen.bytes;
  // Whoever carries a statement may have made it up. So one that does not count neither ends the round nor
  // takes the place of one that does.
  if (refuse_statement(raw, active->evidence)) return doubt_statement(*active, *seat, raw);
  auto& statements = active->evidence.statements;
  constexpr std::size_t kStatementsKept = 4;  // two tell a clone; more add nothing
  if (statements.size() >= kStatementsKept ||
      std::find(statements.begin(), statements.end(), raw) != statements.end())
    return;
  statements.push_back(raw);
  run(*active, active->round.on_statement(steady_now()));
}

void Coordinator::doubt_statement(ActiveRound& active, std::size_t seat, ByteVector statement) {
  count("statements_doubted");
  if (active.round.state() != Round::State::kClosing || !active.doubted.emplace(seat, statement).second)
    return;
  std::vector<const AnchorFacts*> facts;
  for (const AnchorFacts& anchor : active.anchors) facts.push_back(&anchor);
  const auto perspectives = number_perspectives(facts);
  std::set<std::uint32_t> say_so;
  for (const auto& entry : active.doubted) say_so.insert(perspectives[entry.first]);
  if (say_so.size() <= active.evidence.fault_budget)
    return run(active, active.round.on_doubted_statement(steady_now()));
  active.evidence.statements.push_back(std::move(statement));
  run(active, active.round.on_statement(steady_now()));
}

void Coordinator::on_knock(const SpoolRef& spool, StoredKnock&& knock, const ReadCredit& credit) {
  knock.received = wall_now();
  store_then_acknowledge(
      spool, v1::AnchorMessage::kKnock,
      [record = std::move(knock), spool](Store& s) { return s.mesh().append_knock(record, spool.spool_id); },
      {.rows = 1, .patient = true}, credit);
}

}  // namespace chiploc
