// RoundEngine: the anchors' streams. Who may attach, and what is sent to whom.
#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {

/// Attached{}.hello is kept and shown: not more of it than a person reads.
constexpr std::size_t kVersionMax = 64;

/// A process whose place was taken is back within its reconnect wait (UplinkOptions::retry_max, 10 s) and the time
/// to connect. Two that run take turns faster than this; of one that was stopped nothing is heard any more.
constexpr Nanoseconds kBackWithin = std::chrono::seconds{30};

struct Refusal {
  LinkEnd why{};
  std::string text;
};

/// Why this stream is not that of the registered anchor `record`; nullopt: it is.
std::optional<Refusal> refuse(const v1::Hello& hello, const std::string& certificate_name,
                              const AnchorRecord* record) {
  if (hello.protocol_version() != kProtocolVersion) {
    return Refusal{LinkEnd::kUnsupportedVersion, "protocol version " +
                                                     std::to_string(hello.protocol_version()) +
                                                     " is not supported; this coordinator speaks version " +
                                                     std::to_string(kProtocolVersion)};
  }
  if (hello.anchor() != certificate_name) {
    return Refusal{LinkEnd::kWrongCertificate, "the client certificate is for '" + certificate_name +
                                                   "', not for '" + hello.anchor() + "'"};
  }
  if (record == nullptr || !same_bytes(record->id.bytes, bytes_of(hello.anchor_id()))) {
    return Refusal{LinkEnd::kNotRegistered,
                   "anchor '" + hello.anchor() + "' is not registered with this report key; import it first"};
  }
  if (!PublicKey::from_raw_ed25519(record->public_key) || hello.mesh_public().size() != X25519Public::kSize) {
    return Refusal{LinkEnd::kProtocol,
                   "the mesh key has " + std::to_string(hello.mesh_public().size()) + " bytes, not 32"};
  }
  return std::nullopt;
}

}  // namespace

void RoundEngine::attach(LinkId link, const v1::Hello& hello, const std::string& certificate_name,
                         const std::string& peer) {
  const Registry::Snapshot registry = registry_();
  const AnchorRecord* record = registry->anchor(hello.anchor());
  auto refusal = draining_
                     ? std::optional{Refusal{LinkEnd::kShuttingDown, "chiplocd is stopping; reconnect later"}}
                     : refuse(hello, certificate_name, record);
  if (refusal) {
    log(LogLevel::kWarning, "anchor.refused",
        {{"anchor", log_text(certificate_name), true}, {"reason", log_text(refusal->text), true}});
    count("anchors_refused");
    return act(act::End{link, refusal->why, std::move(refusal->text)});
  }
  Attached entry{link, hello, PublicKey::from_raw_ed25519(record->public_key).value(), {}, peer, {}, 0};
  if (const auto known = attached_.find(record->id); known != attached_.end()) {
    take_place(record->id, known->second, entry);
    attached_.erase(known);
  }
  const std::string version = hello.software_version().substr(0, kVersionMax);
  log(LogLevel::kInfo, "anchor.attached",
      {{"anchor", log_text(hello.anchor())},
       {"version", log_text(version), true},
       {"address", log_text(peer), true}});
  entry.hello.set_software_version(version);
  attached_.emplace(record->id, std::move(entry));
  AnchorStatus& shown = show(record->id);
  shown.connected = true;
  shown.software_version = version;
  shown.last_seen = wall();
  shown.spool_dropped = 0;
  show().anchors_connected = static_cast<std::uint32_t>(attached_.size());
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_protocol_version(kProtocolVersion);
  welcome.mutable_welcome()->set_coordinator_id(string_of(id_.bytes));
  send(record->id, std::move(welcome));
  peers_changed();
}

/// A newer stream of an anchor: of the same process, whose line was cut, or of another. One that started anew
/// never comes back; so when a process does whose place another took, there are two of them.
void RoundEngine::take_place(const AnchorId& anchor, const Attached& old, Attached& now) {
  if (old.hello.mesh_public() == now.hello.mesh_public()) {
    now.displaced = old.displaced;
    now.returns = old.returns;
    return act(act::End{old.link, LinkEnd::kReplaced, "a newer stream of this anchor has come"});
  }
  now.displaced = old.hello.mesh_public();
  now.returns = old.returns;
  act(act::End{old.link, LinkEnd::kReplaced,
               "another process with this anchor's name and key has attached, from " + now.peer +
                   " (this one is at " + old.peer +
                   "); if both run, stop one of them: each anchor has a name and a key of its own"});
  if (old.displaced != now.hello.mesh_public()) return;
  count("anchors_twice");
  note_twice(anchor, old, now);
  ++now.returns;
  if ((now.returns & (now.returns - 1)) != 0) return;  // the first, second, fourth .. time
  log(LogLevel::kWarning, "anchor.twice",
      {{"anchor", log_text(now.hello.anchor())},
       {"at", log_text(now.peer), true},
       {"and_at", log_text(old.peer), true},
       {"times", std::to_string(now.returns)},
       {"doing",
        "each takes the other's place and rounds fail; stop one of the two, or give it a name and key of its own",
        true}});
}

/// For the anchor's list, whoever watches a round that it has a part in, and why such a round is silent.
void RoundEngine::note_twice(const AnchorId& anchor, const Attached& old, const Attached& now) {
  twice_.insert_or_assign(anchor, Twice{now.hello.anchor(), steady()});
  AnchorStatus& shown = show(anchor);
  shown.twice = wall();
  shown.twice_at = {now.peer, old.peer};
  for (const RoundId& id : rounds_in_order()) {
    ActiveRound* const active = find(id.bytes);
    const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
    if (!seat || active->progress[*seat].twice) continue;
    active->progress[*seat].twice = true;
    progress(*active, *seat, active->progress[*seat].stage);
  }
}

bool RoundEngine::runs_twice(const AnchorId& anchor, SteadyTime since) const {
  const auto found = twice_.find(anchor);
  return found != twice_.end() && since - found->second.last <= kBackWithin;
}

std::vector<std::string> RoundEngine::anchors_twice(const ActiveRound& active) const {
  std::set<std::string> out;
  const auto look = [&](const AnchorId& anchor) {
    if (runs_twice(anchor, active.begun)) out.insert(twice_.at(anchor).name);
  };
  for (const AnchorFacts& anchor : active.anchors) look(anchor.id);
  for (const AnchorId& anchor : active.rendezvous) look(anchor);
  return {out.begin(), out.end()};
}

void RoundEngine::detach(LinkId link, const AnchorId& anchor) {
  const Attached* const known = attached(anchor, link);
  if (known == nullptr) return;  // replaced meanwhile, or never welcomed
  log(LogLevel::kInfo, "anchor.detached", {{"anchor", log_text(known->hello.anchor())}});
  attached_.erase(anchor);
  show(anchor).connected = false;
  show().anchors_connected = static_cast<std::uint32_t>(attached_.size());
  peers_changed();
  for (const RoundId& id : rounds_in_order()) {
    ActiveRound* active = find(id.bytes);
    const auto seat = active == nullptr ? std::nullopt : active->round.seat_of(anchor);
    if (!seat) continue;
    progress(*active, *seat, "absent");
    run(*active, active->round.on_cannot_prepare(*seat, steady(), wall()));
  }
  bury_doomed();
}

RoundEngine::Attached* RoundEngine::attached(const AnchorId& anchor, LinkId link) {
  const auto found = attached_.find(anchor);
  return found == attached_.end() || found->second.link != link ? nullptr : &found->second;
}

void RoundEngine::send(const AnchorId& anchor, v1::CoordinatorMessage message) {
  const auto found = attached_.find(anchor);
  if (found == attached_.end()) return count("anchor_messages_lost");
  act(act::Send{found->second.link, std::move(message)});
}

void RoundEngine::on_not_sent(const act::Send& lost) {
  count("anchor_messages_lost");
  if (!lost.message.has_peers()) return;
  for (auto& [id, anchor] : attached_) {
    if (anchor.link == lost.link) anchor.peers_sent.clear();  // told again with the next change
  }
}

/// The anchor may forget it: it is in the store, or would be refused for ever.
void RoundEngine::acknowledge(const AnchorId& anchor, std::uint64_t spool_id) {
  if (spool_id == 0) return;
  v1::CoordinatorMessage message;
  message.mutable_acknowledge()->set_spool_id(spool_id);
  send(anchor, std::move(message));
}

void RoundEngine::drop(const SpoolRef& spool, v1::AnchorMessage::BodyCase kind, Dropped reason) {
  const std::string name = drop_name(kind, reason);
  count("dropped_" + name);
  if (worth_a_line(++show(spool.anchor).dropped[name]))
    log(LogLevel::kWarning, "anchor.message_dropped", {{"anchor", spool.anchor.hex()}, {"what", name}});
  acknowledge(spool.anchor, spool.spool_id);
}

}  // namespace chiploc
