#include "server/sim/sim_anchor.hpp"

#include <algorithm>

namespace chiploc::sim {

SimAnchor::SimAnchor(SimWorld& world, SimNetwork& network, const Endpoint& at, const AnchorId& id,
                     ProberOptions options, MeshOptions mesh, ProbeResults* results)
    : world_{world},
      network_{network},
      at_{at},
      host_{world.now(), world.wall()},
      wall_ahead_{world_wall_ahead()} {
  options.simulated = true;
  mesh.simulated = true;
  core_ = std::make_unique<AnchorCore>(
      options, mesh, id, [&world](MutableBytes out) { world.fill(out); }, *this,
      results == nullptr ? static_cast<ProbeResults&>(*this) : *results, world.now());
  network_.attach(at_, [this](Bytes datagram, const Endpoint& from) { receive(datagram, from); });
}

SimAnchor::~SimAnchor() {
  network_.detach(at_);
  *alive_ = false;
}

void SimAnchor::pause(Nanoseconds length) {
  stopped_at_ = running_now();
  world_.after(length, [this, alive = alive_, length] {
    if (!*alive) return;
    stopped_at_.reset();
    lost_ += length;
    std::vector<std::pair<ByteVector, Endpoint>> arrived;
    arrived.swap(arrived_);
    for (const auto& [datagram, from] : arrived) receive(datagram, from);
    core_->on_timer(clock());
    armed_.reset();
    settle();
  });
}

void SimAnchor::settle() {
  if (stopped_at_) return;
  std::vector<Waiting> batch;
  batch.swap(waiting_);
  for (const Waiting& one : batch) {
    if (one.is_ping) {
      core_->on_sending(one.ping, clock());
      // The stamp comes back from the error queue a little later, or (rarely) never.
      if (world_.chance() >= stamp_loss) {
        const WallTime stamp = clock().wall;
        world_.after(std::chrono::microseconds{30}, [this, alive = alive_, ping = one.ping, stamp] {
          if (*alive) core_->on_transmitted(ping, {.kernel = stamp, .card = {}});
        });
      }
    }
    network_.send(at_, one.to, one.bytes);
  }
  const auto next = core_->next_deadline();
  if (!next || (armed_ && *armed_ <= *next && *armed_ > now())) return;
  armed_ = std::max(*next, now());
  // By its own clock: one that is slow is asked again, until it shows the time.
  world_.after(*armed_ - now(), [this, alive = alive_, at = *armed_] {
    if (!*alive || armed_ != at || stopped_at_) return;
    armed_.reset();
    core_->on_timer(clock());
    settle();
  });
}

void SimAnchor::send(const Path& path, Bytes datagram, const PingToken* ping) {
  waiting_.push_back({path.peer, ByteVector(datagram.begin(), datagram.end()), ping != nullptr,
                      ping != nullptr ? *ping : PingToken{}});
}

void SimAnchor::receive(Bytes datagram, const Endpoint& from) {
  if (stopped_at_) {
    arrived_.emplace_back(ByteVector(datagram.begin(), datagram.end()), from);
    return;
  }
  core_->on_datagram(datagram, Path{from, at_}, {.after = clock(), .kernel = clock().wall, .card = {}});
  settle();
}

}  // namespace chiploc::sim
