#pragma once
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "proto/v1/operator_service.pb.h"
#include "server/grpc/certificate_gate.hpp"
#include "server/service/watch_feed.hpp"

namespace chiploc {

/// One person watching what is committed. Holds one piece at a time, shared with all who get the same; the next comes when
/// gRPC has taken its last event.
class WatchStream final : public Watcher, public std::enable_shared_from_this<WatchStream> {
 public:
  static std::shared_ptr<WatchStream> make();
  ~WatchStream() override;

  /// What gRPC drives; it deletes itself when the call is over. Ask once.
  [[nodiscard]] grpc::ServerWriteReactor<v1::WatchEvent>* reactor();
  /// Begins to watch there.
  void start(std::shared_ptr<Watching> place);
  /// Ends it now. The first call counts.
  void cut(const grpc::Status& status);
  /// Keeps this until the call is over.
  void hold(CertificateGate::Stream entered);

  void send(WatchedPiece piece) override;
  void end(const ApiFault& fault) override;

 private:
  class Reactor;
  struct State;
  WatchStream();
  void pump();
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
