#pragma once
#include <atomic>
#include <deque>
#include <memory>

#include "proto/v1/anchor_service.grpc.pb.h"
#include "server/coordinator/coordinator.hpp"
#include "server/grpc/certificate_gate.hpp"

namespace chiploc {

/// Which of a stream's messages wait for the coordinator. One thread at a time.
class ReadWindow {
 public:
  /// Takes a message of so many bytes.
  void taken(std::size_t bytes);
  /// The oldest was dealt with, or another: they count as they came.
  void handled();
  [[nodiscard]] bool full() const;
  [[nodiscard]] std::size_t messages() const { return sizes_.size(); }

 private:
  std::deque<std::size_t> sizes_;
  std::size_t bytes_ = 0;
};

/// The gRPC end of the anchors' streams: identities, queues and statuses, no rules of rounds.
///
/// Threads    gRPC's own; each stream hands its messages to the Coordinator, which posts them to its thread.
/// Bounds     kQueueMax messages wait for a slow anchor, then send() refuses. Messages are read as bytes and
///            looked at before they are parsed: one over AnchorLimits::kMessageBytes ends the stream
///            (RESOURCE_EXHAUSTED), since gRPC's own limit is one for all services of a server and has to let
///            imports pass. While AnchorLimits::kPendingMessages or kPendingBytes of a stream wait for the
///            coordinator, it is read no further: HTTP/2's flow control stops that anchor and no other.
/// Owns       nothing of the Coordinator, which must outlive the server that this is registered with.
class AnchorService final
    : public v1::AnchorService::WithRawCallbackMethod_Attach<v1::AnchorService::Service> {
 public:
  static constexpr std::size_t kQueueMax = 8192;

  /// `gate`: cuts streams of revoked certificates; null: none are.
  explicit AnchorService(Coordinator& coordinator, CertificateGate* gate = nullptr)
      : coordinator_{coordinator}, gate_{gate} {}

  /// How often a stream was read no further, and the most messages of one that waited. Thread-safe.
  [[nodiscard]] std::uint64_t pauses() const { return readings_->pauses; }
  [[nodiscard]] std::size_t waiting_most() const { return readings_->waiting_most; }
  struct Readings {
    std::atomic<std::uint64_t> pauses{0};
    std::atomic<std::size_t> waiting_most{0};
  };

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attach(
      grpc::CallbackServerContext* context) override;

 private:
  Coordinator& coordinator_;
  CertificateGate* gate_;
  std::shared_ptr<Readings> readings_ = std::make_shared<Readings>();  ///< streams may outlive this
};

}  // namespace chiploc
