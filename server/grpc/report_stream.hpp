#pragma once
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "proto/v1/operator_service.pb.h"
#include "server/grpc/certificate_gate.hpp"
#include "server/service/made_report.hpp"

namespace chiploc {

/// One report on its way to one person: from its file on disk, a piece at a time, the next when gRPC has taken the last.
/// Memory holds one piece. Whoever goes away ends the stream; the file goes with it.
class ReportStream : public std::enable_shared_from_this<ReportStream> {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

  [[nodiscard]] static std::shared_ptr<ReportStream> make();
  ~ReportStream();

  /// What gRPC drives; it deletes itself when the call is over. Ask once.
  [[nodiscard]] grpc::ServerWriteReactor<v1::ReportPiece>* reactor();
  /// Sends the report. Either this or finish(), once, from any thread.
  void send(MadeReport report);
  /// Ends without one.
  void finish(const grpc::Status& status);
  /// Ends now, in the middle: the certificate does not count any more.
  void cut(const grpc::Status& status);
  /// Keeps this until the call is over.
  void hold(CertificateGate::Stream entered);

 private:
  class Reactor;
  struct State;
  ReportStream();
  void pump();
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
