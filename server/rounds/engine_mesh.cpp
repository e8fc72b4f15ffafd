// RoundEngine: the mesh. Who pings whom, and what their round trips teach.
#include <algorithm>
#include <cmath>
#include <span>

#include "proto/base/joined.hpp"
#include "proto/base/safe_text.hpp"
#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {

/// Changes that come within this are told together.
constexpr std::chrono::milliseconds kPeersGather{200};
/// Anchors that are told in one turn: each list has kMeshPeersMax entries.
constexpr std::size_t kPeersTurn = 16;
/// Others that a contradiction names.
constexpr std::size_t kNamedMax = 4;

}  // namespace

void RoundEngine::peers_changed() {
  if (!peers_at_ && !draining_) peers_at_ = steady() + kPeersGather;
}

void RoundEngine::gather_peers() {
  const Registry::Snapshot registry = registry_();
  peers_.clear();
  peers_told_ = 0;
  for (const auto& [id, anchor] : attached_) {
    const AnchorRecord* record = registry->anchor(id);
    if (record == nullptr) continue;
    v1::Peer& peer = peers_.emplace_back();
    peer.set_anchor(record->name);
    peer.set_anchor_id(string_of(id.bytes));
    peer.set_mesh_public(anchor.hello.mesh_public());
    peer.set_address(to_text(record->endpoint));
  }
  if (!peers_.empty()) send_some_peers();
}

void RoundEngine::send_some_peers() {
  // A change that came meanwhile is told by the next pass.
  const std::size_t end = std::min(peers_.size(), peers_told_ + kPeersTurn);
  for (; peers_told_ < end; ++peers_told_) {
    const auto id = AnchorId::from_bytes(bytes_of(peers_[peers_told_].anchor_id()));
    const auto found = id ? attached_.find(*id) : attached_.end();
    if (found == attached_.end()) continue;
    v1::CoordinatorMessage message;
    message.mutable_peers();
    for (const std::size_t peer : mesh_peers(peers_.size(), peers_told_, options_.mesh_peers))
      *message.mutable_peers()->add_peers() = peers_[peer];
    std::string sent = message.SerializeAsString();
    if (sent == found->second.peers_sent) continue;
    found->second.peers_sent = std::move(sent);
    act(act::Send{found->second.link, std::move(message)});
  }
  if (peers_told_ == peers_.size()) peers_.clear();
}

void RoundEngine::on_mesh(const SpoolRef& spool, MeshRecord&& mesh, const ReadCredit& credit) {
  follow_registry();
  MeshRecord window = mesh;
  window.bytes.clear();
  act(act::LearnWindow{std::move(window), registry_()});
  mesh.received = wall();
  const std::size_t rows = 1 + mesh.pairs.size();
  store_then_acknowledge(
      spool, v1::AnchorMessage::kMesh,
      [record = std::move(mesh)](Store& s) { return s.mesh().append_mesh(record); },
      {.rows = rows, .patient = true}, credit);
}

/// What was measured between places of which one is corrected since is compared with nothing, and what was
/// learnt of it is forgotten.
void RoundEngine::follow_registry() {
  Registry::Snapshot now = registry_();
  if (now == registry_followed_) return;
  if (registry_followed_ && registry_followed_->anchors() != now->anchors()) {
    frozen_.reset();  // it names them
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
      places_from_.reset();
      frozen_.reset();
      calibration_ = std::make_shared<const LearntMesh>();
      act(act::ForgetPlaces{now});
    }
  }
  registry_followed_ = std::move(now);
}

void RoundEngine::on_calibration(std::shared_ptr<const LearntMesh> learnt) {
  if (draining_) return;
  follow_registry();
  // Begun before a place was corrected: another one is under way.
  if (!same_places(*learnt->registry, *registry_followed_)) return;
  calibration_ = std::move(learnt);
  frozen_.reset();
  count("mesh_refits");
  act(act::LearnPlaces{});
  show().calibration_version = calibration_->line.version;
}

void RoundEngine::on_places(const LearntPlaces& learnt, std::shared_ptr<const LearntMesh> from) {
  if (draining_) return;
  follow_registry();
  if (from->registry && !same_places(*from->registry, *registry_followed_)) return act(act::LearnPlaces{});
  places_ = learnt.model;
  places_from_ = std::move(from);
  frozen_.reset();
  const Registry::Snapshot registry = registry_();
  const auto name_of = [&registry](const AnchorId& id) {
    const AnchorRecord* anchor = registry->anchor(id);
    return anchor == nullptr ? id.hex() : anchor->name;
  };
  std::map<AnchorId, std::string> problems;
  const auto problem_with = [&](const std::string& others, Kilometers excess, const AnchorId* or_else) {
    return "cannot be where it says: light in fibre is too slow for its round trips with " + others +
           ", by up to " + std::to_string(std::llround(excess.km())) + " km" +
           (or_else == nullptr ? "" : "; or else " + name_of(*or_else) + " cannot");
  };
  for (const MisplacedAnchor& misplaced : learnt.misplaced) {
    const auto named =
        std::span{misplaced.contradicts}.first(std::min(misplaced.contradicts.size(), kNamedMax));
    std::string others = joined(named, ", ", name_of);
    if (misplaced.contradicts.size() > kNamedMax)
      others += " and " + std::to_string(misplaced.contradicts.size() - kNamedMax) + " more";
    problems[misplaced.anchor] =
        problem_with(others, misplaced.excess, misplaced.or_else ? &*misplaced.or_else : nullptr);
  }
  // Of a pair nothing tells which: whoever looks up one of the two has to read it, too.
  for (const MisplacedAnchor& misplaced : learnt.misplaced) {
    if (!misplaced.or_else) continue;
    problems.try_emplace(*misplaced.or_else,
                         problem_with(name_of(misplaced.anchor), misplaced.excess, &misplaced.anchor));
  }
  show().place_model_version = learnt.model ? learnt.model->estimator.version() : "";
  for (const auto& [id, problem] : problems) {
    const auto known = place_problems_.find(id);
    if (known == place_problems_.end() || known->second != problem) {
      log(LogLevel::kWarning, "mesh.anchor_misplaced",
          {{"anchor", log_text(name_of(id))}, {"problem", log_text(problem, 1'000), true}});
    }
  }
  place_problems_ = std::move(problems);
  changes_.place_problems = place_problems_;
}

}  // namespace chiploc
