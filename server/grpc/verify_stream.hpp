#pragma once
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "proto/v1/operator_service.pb.h"
#include "server/grpc/certificate_gate.hpp"
#include "server/service/caller.hpp"
#include "server/service/verify_watcher.hpp"

namespace chiploc {

/// One person watching one round. Between the coordinator's thread, which hands events over, and gRPC's
/// threads, which send them one at a time, stands a bounded queue: progress that does not fit is dropped and
/// counted, since only the newest matters; start, verdict and end never are. A watcher who goes away ends the
/// stream and nothing else.
class VerifyStream : public std::enable_shared_from_this<VerifyStream> {
 public:
  static constexpr std::size_t kQueueMax = 1'024;

  /// `caller` decides what is seen of each event. `dropped` counts over all streams and outlives them.
  static std::shared_ptr<VerifyStream> make(Caller caller, std::atomic<std::uint64_t>& dropped);
  ~VerifyStream();

  /// What gRPC drives; it deletes itself when the call is over. Ask once.
  [[nodiscard]] grpc::ServerWriteReactor<v1::VerifyEvent>* reactor();
  /// Callbacks that keep this stream alive.
  [[nodiscard]] VerifyWatcher watcher();
  /// Ends the stream when everything queued has been sent. The first call counts.
  void finish(const grpc::Status& status);
  /// Ends it now: what is queued is not sent any more.
  void cut(const grpc::Status& status);
  /// Keeps this until the call is over.
  void hold(CertificateGate::Stream entered);

 private:
  class Reactor;
  struct State;
  VerifyStream(Caller caller, std::atomic<std::uint64_t>& dropped);
  void push(v1::VerifyEvent event, bool may_drop);
  void pump();
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
