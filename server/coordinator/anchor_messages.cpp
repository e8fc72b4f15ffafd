// Coordinator, second part: what anchors' streams bring.
#include <algorithm>
#include <asio/post.hpp>
#include <cmath>
#include <set>

#include "proto/ticket_seal.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/coordinator.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// What the round machine wants to know of a report. Nobody has checked the report yet, and nothing is
/// decided with this: a report that lies here only makes the close order name its own anchor.
ReportSummary summary_of(const v1::ReportBody& body) {
  ReportSummary out;
  for (const v1::SessionReport& session : body.sessions()) {
    if (session.finished()) ++out.finished_sessions;
    for (const v1::Sample& sample : session.samples()) {
      const Nanoseconds rtt{sample.rtt_ns()};
      if (out.rtt_min == Nanoseconds{0} || rtt < out.rtt_min) out.rtt_min = rtt;
    }
  }
  return out;
}

}  // namespace

// ---------------------------------------------------------------------------------------- attaching
void Coordinator::attach(std::shared_ptr<AnchorLink> link, v1::Hello hello, std::string certificate_name) {
  asio::post(io_, [this, link = std::move(link), hello = std::move(hello),
                   name = std::move(certificate_name)] { do_attach(link, hello, name); });
}

void Coordinator::on_message(std::shared_ptr<AnchorLink> link, v1::AnchorMessage message) {
  asio::post(io_,
             [this, link = std::move(link), message = std::move(message)] { do_message(link, message); });
}

void Coordinator::detach(std::shared_ptr<AnchorLink> link) {
  asio::post(io_, [this, link = std::move(link)] { do_detach(link); });
}

void Coordinator::do_attach(std::shared_ptr<AnchorLink> link, const v1::Hello& hello,
                            const std::string& certificate_name) {
  const auto refuse = [&](LinkEnd why, const std::string& text) {
    spdlog::warn("anchor.refused anchor={} reason=\"{}\"", certificate_name, text);
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
  spdlog::info("anchor.attached anchor={} version={}", hello.anchor(), hello.software_version());
  attached_.emplace(record->id, Attached{link, hello, wall_now(), 0, *key});
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[record->id] = AnchorStatus{record->id, true, hello.software_version(), wall_now(), 0};
    shown_.anchors_connected = static_cast<std::uint32_t>(attached_.size());
  }
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_protocol_version(kProtocolVersion);
  welcome.mutable_welcome()->set_coordinator_id(string_of(id_.bytes));
  link->send(welcome);
  send_peers();
}

void Coordinator::do_detach(const std::shared_ptr<AnchorLink>& link) {
  AnchorId id;
  if (attached(link, id) == nullptr) return;  // replaced meanwhile, or never welcomed
  spdlog::info("anchor.detached anchor={}", attached_.at(id).hello.anchor());
  attached_.erase(id);
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[id].connected = false;
    shown_.anchors_connected = static_cast<std::uint32_t>(attached_.size());
  }
  send_peers();
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

Coordinator::Attached* Coordinator::attached(const std::shared_ptr<AnchorLink>& link, AnchorId& id) {
  for (auto& [anchor, entry] : attached_) {
    if (entry.link == link) {
      id = anchor;
      return &entry;
    }
  }
  return nullptr;
}

void Coordinator::send_peers() {
  const Registry::Snapshot registry = registry_();
  v1::CoordinatorMessage message;
  for (const auto& [id, anchor] : attached_) {
    const AnchorRecord* record = registry->anchor(id);
    if (record == nullptr) continue;
    v1::Peer& peer = *message.mutable_peers()->add_peers();
    peer.set_anchor(record->name);
    peer.set_anchor_id(string_of(id.bytes));
    peer.set_mesh_public(anchor.hello.mesh_public());
    peer.set_address(to_text(record->endpoint));
  }
  for (auto& [id, anchor] : attached_) anchor.link->send(message);
}

void Coordinator::send(const AnchorId& anchor, const v1::CoordinatorMessage& message) {
  const auto found = attached_.find(anchor);
  if (found == attached_.end() || !found->second.link->send(message)) count("anchor_messages_lost");
}

// ----------------------------------------------------------------------------------------- messages
void Coordinator::do_message(const std::shared_ptr<AnchorLink>& link, const v1::AnchorMessage& message) {
  AnchorId id;
  Attached* anchor = attached(link, id);
  if (anchor == nullptr) return;  // refused or replaced: what it still sends is not for this table
  anchor->last_seen = wall_now();
  {
    const std::scoped_lock lock{shown_mutex_};
    shown_anchors_[id].last_seen = anchor->last_seen;
  }
  switch (message.body_case()) {
    case v1::AnchorMessage::kPrepared:
      return on_prepared(id, message.prepared());
    case v1::AnchorMessage::kCannotPrepare:
      if (ActiveRound* active = find(bytes_of(message.cannot_prepare().round_id()))) {
        if (const auto seat = active->round.seat_of(id)) {
          run(*active, active->round.on_cannot_prepare(*seat, steady_now(), wall_now()));
        }
      }
      return;
    case v1::AnchorMessage::kProgress:
      return on_progress(id, message.progress());
    case v1::AnchorMessage::kReport:
      return on_report(id, message.spool_id(), message.report());
    case v1::AnchorMessage::kStatement:
      return on_statement(id, message.spool_id(), message.statement());
    case v1::AnchorMessage::kKnock:
      return on_knock(id, message.spool_id(), message.knock());
    case v1::AnchorMessage::kMesh:
      return on_mesh(id, message.spool_id(), message.mesh(), anchor->report_key);
    case v1::AnchorMessage::kHeartbeat: {
      const std::scoped_lock lock{shown_mutex_};
      shown_anchors_[id].spool_dropped = message.heartbeat().spool_dropped();
      return;
    }
    case v1::AnchorMessage::kHello:
    case v1::AnchorMessage::BODY_NOT_SET:
      break;
  }
  count("anchor_messages_unexpected");
  link->end(LinkEnd::kProtocol, "a message that makes no sense after Hello");
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
  progress(*active, *seat, seen.pongs_received() == 0 ? "open" : "pinging");
}

/// The anchor may forget it: it is in the store, or would be refused for ever.
void Coordinator::acknowledge(const AnchorId& anchor, std::uint64_t spool_id) {
  if (spool_id == 0) return;
  v1::CoordinatorMessage message;
  message.mutable_acknowledge()->set_spool_id(spool_id);
  send(anchor, message);
}

void Coordinator::store_then_acknowledge(const AnchorId& anchor, std::uint64_t spool_id,
                                         std::function<Stored<Appended>(Store&)> work) {
  auto appended = std::make_shared<Stored<Appended>>(Appended::kNew);
  const bool posted = store_.post([appended, work = std::move(work)](Store& s) { *appended = work(s); },
                                  [this, anchor, spool_id, appended](const Stored<Done>& committed) {
                                    asio::post(io_, [this, anchor, spool_id, appended, committed] {
                                      const bool unknown =
                                          !*appended && appended->error().code == StoreFaultCode::kNotFound;
                                      if (!committed || (!*appended && !unknown)) {
                                        // No acknowledgement: the anchor keeps it and sends it again.
                                        note_store(committed ? &appended->error() : &committed.error());
                                        return count("anchor_messages_not_stored");
                                      }
                                      note_store(nullptr);
                                      if (!*appended) count("anchor_messages_of_unknown_rounds");
                                      if (*appended && **appended == Appended::kConflicting)
                                        count("reports_conflicting");
                                      acknowledge(anchor, spool_id);
                                    });
                                  });
  if (!posted) count("store_refused");
}

void Coordinator::on_report(const AnchorId& anchor, std::uint64_t spool_id, const v1::SignedReport& report) {
  v1::ReportBody body;
  const bool readable = body.ParseFromString(report.body());
  const auto round = readable ? RoundId::from_bytes(bytes_of(body.round_id())) : std::nullopt;
  if (!round) {
    count("reports_unreadable");
    return acknowledge(anchor, spool_id);
  }
  const ByteVector raw = vector_of(bytes_of(report.SerializeAsString()));
  store_then_acknowledge(anchor, spool_id, [round = *round, anchor, spool_id, raw](Store& s) {
    return s.append_report(round, SpoolRef{anchor, spool_id}, raw, wall_now());
  });
  ActiveRound* active = find(round->bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (!seat) return;
  auto& reports = active->evidence.reports;
  // The first report of an anchor counts; the store keeps the others, this process does not need them.
  if (std::none_of(reports.begin(), reports.end(), [&](const auto& r) { return r.first == anchor; }))
    reports.emplace_back(anchor, raw);
  progress(*active, *seat, "reported");
  run(*active, active->round.on_report(*seat, summary_of(body), steady_now()));
}

void Coordinator::on_statement(const AnchorId& anchor, std::uint64_t spool_id,
                               const v1::StatementSeen& seen) {
  const auto round = RoundId::from_bytes(bytes_of(seen.round_id()));
  if (!round || seen.statement().empty() || seen.statement().size() > kStatementMax) {
    count("statements_unreadable");
    return acknowledge(anchor, spool_id);
  }
  const ByteVector raw = vector_of(bytes_of(seen.statement()));
  store_then_acknowledge(anchor, spool_id, [round = *round, anchor, spool_id, raw](Store& s) {
    return s.append_statement(round, SpoolRef{anchor, spool_id}, raw, wall_now());
  });
  ActiveRound* active = find(round->bytes);
  const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
  if (!seat) return;
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

void Coordinator::on_knock(const AnchorId& anchor, std::uint64_t spool_id, const v1::KnockSeen& knock) {
  const auto chip = ChipId::from_bytes(bytes_of(knock.chip_id()));
  if (!chip) {
    count("knocks_unreadable");
    return acknowledge(anchor, spool_id);
  }
  const StoredKnock record{.chip = *chip,
                           .anchor = anchor,
                           .seen = WallTime{Nanoseconds{knock.seen_unix_ns()}},
                           .bytes = vector_of(bytes_of(knock.SerializeAsString()))};
  store_then_acknowledge(anchor, spool_id,
                         [record, spool_id](Store& s) { return s.append_knock(record, spool_id); });
}

void Coordinator::on_mesh(const AnchorId& anchor, std::uint64_t spool_id, const v1::SignedMesh& mesh,
                          const PublicKey& key) {
  v1::MeshBody body;
  MeshRecord record;
  record.from = {anchor, spool_id};
  const bool accepted = verify_mesh_report(bytes_of(mesh.body()), bytes_of(mesh.signature()), key) &&
                        body.ParseFromString(mesh.body()) &&
                        same_bytes(anchor.bytes, bytes_of(body.anchor_id()));
  if (!accepted) {
    count("mesh_reports_refused");
    return acknowledge(anchor, spool_id);
  }
  record.window_end = WallTime{Nanoseconds{body.window_end_unix_ns()}};
  record.bytes = vector_of(bytes_of(mesh.SerializeAsString()));
  for (const v1::MeshBody::Pair& pair : body.pairs()) {
    const auto peer = AnchorId::from_bytes(bytes_of(pair.peer_id()));
    if (!peer) continue;
    record.pairs.push_back({.peer = *peer,
                            .sent = pair.sent(),
                            .received = pair.received(),
                            .rtt_min = Nanoseconds{pair.rtt_min_ns()},
                            .rtt_median = Nanoseconds{pair.rtt_median_ns()},
                            .source = static_cast<StampSource>(pair.source())});
  }
  store_then_acknowledge(anchor, spool_id, [record](Store& s) { return s.append_mesh(record); });
  const Registry::Snapshot registry = registry_();
  calibrator_.add(body, *registry);
  calibrator_.refit(*registry);
  place_learner_.mesh_changed();
  const std::scoped_lock lock{shown_mutex_};
  shown_.calibration_version = calibrator_.line().version;
}

void Coordinator::on_places(const LearntPlaces& learnt) {
  calibrator_.set_places(learnt.model);
  const Registry::Snapshot registry = registry_();
  const auto name_of = [&registry](const AnchorId& id) {
    const AnchorRecord* anchor = registry->anchor(id);
    return anchor == nullptr ? id.hex() : anchor->name;
  };
  std::map<AnchorId, std::string> problems;
  for (const MisplacedAnchor& misplaced : learnt.misplaced) {
    std::string others;
    for (std::size_t i = 0; i < std::min<std::size_t>(misplaced.contradicts.size(), 4); ++i)
      others += (i == 0 ? "" : ", ") + name_of(misplaced.contradicts[i]);
    if (misplaced.contradicts.size() > 4)
      others += " and " + std::to_string(misplaced.contradicts.size() - 4) + " more";
    problems[misplaced.anchor] =
        "cannot be where it says: light in fibre is too slow for its round trips with " + others +
        ", by up to " + std::to_string(std::llround(misplaced.excess.km())) + " km" +
        (misplaced.or_else ? "; or else " + name_of(*misplaced.or_else) + " cannot" : "");
  }
  const std::scoped_lock lock{shown_mutex_};
  shown_.place_model_version = learnt.model ? learnt.model->estimator.version() : "";
  for (const auto& [id, problem] : problems) {
    const auto known = shown_place_problems_.find(id);
    if (known == shown_place_problems_.end() || known->second != problem)
      spdlog::warn("mesh.anchor_misplaced anchor={} problem=\"{}\"", name_of(id), problem);
  }
  shown_place_problems_ = std::move(problems);
}

}  // namespace chiploc
