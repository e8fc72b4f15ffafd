#pragma once
#include <memory>

#include "proto/v1/anchor_service.grpc.pb.h"
#include "server/coordinator/coordinator.hpp"

namespace chiploc {

/// The gRPC end of the anchors' streams: identities, queues and statuses, no rules of rounds.
///
/// Threads    gRPC's own; each stream hands its messages to the Coordinator, which posts them to its thread.
/// Bounds     kQueueMax messages wait for a slow anchor, then send() refuses; one message of at most 4 MiB is
/// read at
///            a time.
/// Owns       nothing of the Coordinator, which must outlive the server that this is registered with.
class AnchorService final : public v1::AnchorService::CallbackService {
 public:
  static constexpr std::size_t kQueueMax = 8192;

  explicit AnchorService(Coordinator& coordinator) : coordinator_{coordinator} {}

  grpc::ServerBidiReactor<v1::AnchorMessage, v1::CoordinatorMessage>* Attach(
      grpc::CallbackServerContext* context) override;

 private:
  Coordinator& coordinator_;
};

}  // namespace chiploc
