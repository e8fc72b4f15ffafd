#include "server/sim/sim_anchor.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace chiploc::sim {

SimAnchor::SimAnchor(SimWorld& world, SimNetwork& network, const Endpoint& at, const AnchorId& id,
                     ProberOptions options, MeshOptions mesh, ProbeResults* results,
                     std::shared_ptr<SimHost> host)
    : world_{world},
      network_{network},
      at_{at},
      host_{host ? std::move(host) : std::make_shared<SimHost>(world)} {
  assert(!host_->stands());
  options.simulated = true;
  mesh.simulated = true;
  core_ = std::make_unique<AnchorCore>(
      options, mesh, id, [&world](MutableBytes out) { world.fill(out); }, *this,
      results == nullptr ? static_cast<ProbeResults&>(*this) : *results, now());
  network_.attach(at_, [this](Bytes datagram, const Endpoint& from) { receive(datagram, from); });
}

SimAnchor::~SimAnchor() {
  network_.detach(at_);
  *alive_ = false;
}

void SimAnchor::pause(Nanoseconds length) {
  host_->stop();
  world_.after(length, [this, alive = alive_, host = host_, length] {
    host->go_on(length);
    if (!*alive) return;
    std::vector<std::pair<ByteVector, Endpoint>> arrived;
    arrived.swap(arrived_);
    for (const auto& [datagram, from] : arrived) receive(datagram, from);
    core_->on_timer(clock());
    armed_.reset();
    settle();
  });
}

void SimAnchor::settle() {
  if (host_->stands()) return;
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
    if (!*alive || armed_ != at || host_->stands()) return;
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
  if (host_->stands()) {
    arrived_.emplace_back(ByteVector(datagram.begin(), datagram.end()), from);
    return;
  }
  core_->on_datagram(datagram, Path{from, at_}, {.after = clock(), .kernel = clock().wall, .card = {}});
  settle();
}

}  // namespace chiploc::sim
