#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/time.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc::sim {

/// One clock, no threads, events in time order: the same seed gives the same run. Events of one moment run in
/// the order in which they were made.
class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed) : random_{seed} {}

  [[nodiscard]] SteadyTime now() const { return now_; }
  /// The wall clock: the monotonic one plus an offset that a test may step.
  [[nodiscard]] WallTime wall() const { return {kEpoch + now_.since_epoch + wall_offset_}; }
  void step_wall_clock(Nanoseconds by) { wall_offset_ += by; }

  void after(Nanoseconds delay, std::function<void()> event) {
    events_.emplace(std::pair{(now_ + delay).since_epoch, order_++}, std::move(event));
  }
  void run_for(Nanoseconds time) {
    const Nanoseconds end = now_.since_epoch + time;
    while (!events_.empty() && events_.begin()->first.first <= end) {
      auto node = events_.extract(events_.begin());
      now_.since_epoch = node.key().first;
      node.mapped()();
    }
    now_.since_epoch = end;
  }

  void fill(MutableBytes out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  }
  /// Uniform in [0, 1).
  [[nodiscard]] double chance() { return static_cast<double>(random_() >> 11U) / 9007199254740992.0; }

  static constexpr Nanoseconds kEpoch = std::chrono::seconds{1'800'000'000};

 private:
  std::mt19937_64 random_;
  SteadyTime now_{std::chrono::seconds{1000}};
  Nanoseconds wall_offset_{0};
  std::uint64_t order_ = 0;
  std::map<std::pair<Nanoseconds, std::uint64_t>, std::function<void()>> events_;
};

/// What a path does to datagrams, besides its delay.
struct SimPath {
  Nanoseconds delay = std::chrono::milliseconds{5};  ///< one way; nothing ever takes less
  Nanoseconds jitter{0};                             ///< up to this much more; over the spacing it reorders
  double loss = 0;
  double duplication = 0;
};

/// Hosts by endpoint, paths by pair. Datagrams to nobody vanish, as on a real network.
class SimNetwork {
 public:
  using Receiver = std::function<void(Bytes datagram, const Endpoint& from)>;

  SimNetwork(SimWorld& world, SimPath usual) : world_{world}, usual_{usual} {}
  void attach(const Endpoint& at, Receiver receiver) { hosts_[at] = std::move(receiver); }
  void detach(const Endpoint& at) { hosts_.erase(at); }
  /// Both directions.
  void set_path(const Endpoint& a, const Endpoint& b, const SimPath& path) {
    paths_[std::minmax(a, b)] = path;
  }
  [[nodiscard]] const SimPath& path(const Endpoint& a, const Endpoint& b) const {
    const auto found = paths_.find(std::minmax(a, b));
    return found == paths_.end() ? usual_ : found->second;
  }
  /// Sees every datagram as it is sent; for tests that count or forge.
  std::function<void(Bytes datagram, const Endpoint& from, const Endpoint& to)> observer;

  void send(const Endpoint& from, const Endpoint& to, Bytes datagram) {
    if (observer) observer(datagram, from, to);
    const SimPath& path = this->path(from, to);
    const int copies = world_.chance() < path.duplication ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      if (world_.chance() < path.loss) continue;
      const auto extra =
          static_cast<std::int64_t>(world_.chance() * static_cast<double>(path.jitter.count()));
      world_.after(path.delay + Nanoseconds{extra},
                   [this, from, to, bytes = ByteVector(datagram.begin(), datagram.end())] {
                     const auto host = hosts_.find(to);
                     if (host != hosts_.end()) host->second(bytes, from);
                   });
    }
  }

 private:
  SimWorld& world_;
  SimPath usual_;
  std::map<Endpoint, Receiver> hosts_;
  std::map<std::pair<Endpoint, Endpoint>, SimPath> paths_;
};

/// 10.0.a.b:port.
[[nodiscard]] inline Endpoint sim_endpoint(std::uint8_t a, std::uint8_t b, std::uint16_t port) {
  Endpoint out;
  out.address[0] = 10;
  out.address[2] = a;
  out.address[3] = b;
  out.port = port;
  return out;
}

}  // namespace chiploc::sim
