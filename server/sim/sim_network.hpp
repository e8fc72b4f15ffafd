#pragma once
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "proto/base/endpoint.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

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
  [[nodiscard]] const SimPath& path(const Endpoint& a, const Endpoint& b) const;
  /// Sees every datagram as it is sent; for tests that count or forge.
  std::function<void(Bytes datagram, const Endpoint& from, const Endpoint& to)> observer;

  /// Where there is one it decides when a datagram arrives, instead of paths; nullopt: it is lost.
  std::function<std::optional<SteadyTime>(const Endpoint& from, const Endpoint& to, SteadyTime sent)> fate;

  void send(const Endpoint& from, const Endpoint& to, Bytes datagram);
  [[nodiscard]] std::uint64_t datagrams() const { return datagrams_; }
  /// In them, as UDP's load.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct HashOf {
    std::size_t operator()(const Endpoint& at) const;
    std::size_t operator()(const std::pair<Endpoint, Endpoint>& pair) const;
  };
  void deliver_after(Nanoseconds delay, const Endpoint& from, const Endpoint& to, Bytes datagram);

  SimWorld& world_;
  SimPath usual_;
  std::uint64_t datagrams_ = 0;
  std::uint64_t bytes_ = 0;
  std::unordered_map<Endpoint, Receiver, HashOf> hosts_;
  std::unordered_map<std::pair<Endpoint, Endpoint>, SimPath, HashOf> paths_;
};

/// 10.0.a.b:port.
[[nodiscard]] Endpoint sim_endpoint(std::uint8_t a, std::uint8_t b, std::uint16_t port);

}  // namespace chiploc::sim
