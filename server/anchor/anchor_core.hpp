#pragma once
#include "server/anchor/mesh.hpp"
#include "server/anchor/prober.hpp"

namespace chiploc {

/// Prober and mesh behind one address: gives each datagram to the one it belongs to. Owns both; no socket,
/// clock or thread.
class AnchorCore final : public ProbeEngine {
 public:
  AnchorCore(const ProberOptions& prober, const MeshOptions& mesh, const AnchorId& self,
             const RandomFill& random, ProbeOutbox& outbox, ProbeResults& results, SteadyTime now)
      : prober_{prober, self, random, outbox, results}, mesh_{mesh, self, random, outbox, results, now} {}

  [[nodiscard]] Prober& prober() { return prober_; }
  [[nodiscard]] Mesh& mesh() { return mesh_; }

  void on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps) override {
    if (!is_of_mesh(datagram)) return prober_.on_datagram(datagram, path, stamps);
    const auto judged = mesh_.on_datagram(datagram, path, stamps);
    if (!judged) prober_.count_reject(datagram, path, judged.error(), stamps.after.steady);
  }
  void on_sending(const PingToken& ping, const ClockReading& before) override {
    if (mesh_.owns(ping.session)) return mesh_.on_sending(ping, before);
    prober_.on_sending(ping, before);
  }
  void on_transmitted(const PingToken& ping, const KernelTransmit& stamps) override {
    if (mesh_.owns(ping.session)) return mesh_.on_transmitted(ping, stamps);
    prober_.on_transmitted(ping, stamps);
  }
  void on_timer(const ClockReading& now) override {
    prober_.on_timer(now);
    mesh_.on_timer(now);
  }
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override {
    const auto a = prober_.next_deadline();
    const auto b = mesh_.next_deadline();
    if (!a || !b) return a ? a : b;
    return *a < *b ? a : b;
  }

 private:
  /// PING and PONG carry their session right after the header.
  [[nodiscard]] bool is_of_mesh(Bytes datagram) const {
    const auto type = read_header(datagram);
    if (!type || (*type != DatagramType::kPing && *type != DatagramType::kPong)) return false;
    if (datagram.size() != Ping::kSize) return false;
    const auto session = SessionId::from_bytes(datagram.subspan(kHeaderSize, SessionId::kSize));
    // A PING can be of nobody but a peer. On no session of the mesh it is refused there as kUnknownSession.
    return *type == DatagramType::kPing || mesh_.owns(*session);
  }

  Prober prober_;
  Mesh mesh_;
};

}  // namespace chiploc
