// Coordinator: the mesh. Who pings whom, and what their round trips teach.
#include <algorithm>
#include <asio/post.hpp>
#include <cmath>

#include "proto/base/safe_text.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/coordinator/coordinator.hpp"

#include <spdlog/spdlog.h>

namespace chiploc {
namespace {

/// Changes that come within this are told together.
constexpr std::chrono::milliseconds kPeersGather{200};
/// Anchors that are told in one turn of the thread: each list has kMeshPeersMax entries.
constexpr std::size_t kPeersTurn = 16;

}  // namespace

void Coordinator::peers_changed() {
  if (peers_waiting_) return;
  peers_waiting_ = true;
  peers_timer_.expires_after(kPeersGather);
  peers_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) send_peers();
  });
}

void Coordinator::send_peers() {
  peers_waiting_ = false;
  if (draining_) return;
  const Registry::Snapshot registry = registry_();
  auto all = std::make_shared<std::vector<v1::Peer>>();
  for (const auto& [id, anchor] : attached_) {
    const AnchorRecord* record = registry->anchor(id);
    if (record == nullptr) continue;
    v1::Peer& peer = all->emplace_back();
    peer.set_anchor(record->name);
    peer.set_anchor_id(string_of(id.bytes));
    peer.set_mesh_public(anchor.hello.mesh_public());
    peer.set_address(to_text(record->endpoint));
  }
  send_peers_to(std::move(all), 0);
}

void Coordinator::send_peers_to(std::shared_ptr<const std::vector<v1::Peer>> all, std::size_t first) {
  // A change that came meanwhile is told by the next pass.
  const std::size_t end = std::min(all->size(), first + kPeersTurn);
  for (std::size_t self = first; self < end; ++self) {
    const auto id = AnchorId::from_bytes(bytes_of((*all)[self].anchor_id()));
    const auto found = id ? attached_.find(*id) : attached_.end();
    if (found == attached_.end()) continue;
    v1::CoordinatorMessage message;
    message.mutable_peers();
    for (const std::size_t peer : mesh_peers(all->size(), self, options_.mesh_peers))
      *message.mutable_peers()->add_peers() = (*all)[peer];
    std::string sent = message.SerializeAsString();
    if (sent == found->second.peers_sent) continue;
    if (found->second.link->send(message)) {
      found->second.peers_sent = std::move(sent);
    } else {
      count("anchor_messages_lost");
    }
  }
  if (end < all->size())
    asio::post(io_, [this, all = std::move(all), end]() mutable { send_peers_to(std::move(all), end); });
}

void Coordinator::on_mesh(const SpoolRef& spool, MeshRecord&& mesh, const ReadCredit& credit) {
  follow_registry();
  calibration_worker_.add(mesh, registry_());
  mesh.received = wall_now();
  const std::size_t rows = 1 + mesh.pairs.size();
  store_then_acknowledge(
      spool, v1::AnchorMessage::kMesh,
      [record = std::move(mesh)](Store& s) { return s.mesh().append_mesh(record); },
      {.rows = rows, .patient = true}, credit);
}

void Coordinator::on_calibration(std::shared_ptr<const LearntMesh> learnt) {
  follow_registry();
  // Begun before a place was corrected: another one is under way.
  if (!same_places(*learnt->registry, *registry_followed_)) return;
  calibration_ = std::move(learnt);
  count("mesh_refits");
  place_learner_.mesh_changed();
  const std::scoped_lock lock{shown_mutex_};
  shown_.calibration_version = calibration_->line.version;
}

void Coordinator::on_places(const LearntPlaces& learnt) {
  follow_registry();
  if (learning_from_ && !same_places(*learning_from_, *registry_followed_))
    return place_learner_.mesh_changed();
  places_ = learnt.model;
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
      spdlog::warn("mesh.anchor_misplaced anchor={} problem=\"{}\"", log_text(name_of(id)),
                   log_text(problem, 1'000));
  }
  shown_place_problems_ = std::move(problems);
}

}  // namespace chiploc
