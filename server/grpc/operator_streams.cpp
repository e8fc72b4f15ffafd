// The methods that answer by a stream.
#include <memory>
#include <utility>

#include "server/grpc/operator_service.hpp"
#include "server/grpc/peer.hpp"
#include "server/grpc/report_stream.hpp"
#include "server/grpc/status.hpp"
#include "server/grpc/verify_stream.hpp"
#include "server/grpc/watch_stream.hpp"

namespace chiploc {
namespace {

template <class Stream>
void cut_when_revoked(CertificateGate* gate, const grpc::CallbackServerContext& context,
                      const std::shared_ptr<Stream>& stream) {
  if (gate == nullptr) return;
  stream->hold(
      gate->enter(*context.auth_context(), [watched = std::weak_ptr{stream}](const grpc::Status& status) {
        if (const auto open = watched.lock()) open->cut(status);
      }));
}

}  // namespace

grpc::ServerWriteReactor<v1::ReportPiece>* OperatorService::GetReport(Context* context,
                                                                      const v1::GetReportRequest* request) {
  const auto caller = caller_of(*context->auth_context(), *v1::GetReportRequest::descriptor());
  const auto stream = ReportStream::make();
  cut_when_revoked(gate_, *context, stream);
  // Nothing in a report is sealed (proto/v1), so there is nothing to redact.
  const auto done = [stream, &counters = cases_.counters()](Answer<MadeReport> report) {
    if (report) return stream->send(std::move(*report));
    counters.count(report.error());
    stream->finish(to_status(report.error()));
  };
  if (caller) {
    cases_.get_report(*request, *caller, done);
  } else {
    done(Fail{caller.error()});
  }
  return stream->reactor();
}

grpc::ServerWriteReactor<v1::VerifyEvent>* OperatorService::Verify(Context* context,
                                                                   const v1::VerifyRequest* request) {
  const auto caller =
      caller_of(*context->auth_context(), *v1::VerifyRequest::descriptor(), reason_of(*context));
  const auto stream = VerifyStream::make(caller ? *caller : Caller{}, cases_.counters().progress_dropped);
  cut_when_revoked(gate_, *context, stream);
  const Answer<Done> begun =
      caller ? cases_.verify(*request, *caller, stream->watcher()) : Answer<Done>{Fail{caller.error()}};
  if (!begun) {
    cases_.counters().count(begun.error());
    stream->finish(to_status(begun.error()));
  }
  return stream->reactor();
}

grpc::ServerWriteReactor<v1::WatchEvent>* OperatorService::Watch(Context* context,
                                                                 const v1::WatchRequest* request) {
  const auto caller =
      caller_of(*context->auth_context(), *v1::WatchRequest::descriptor(), reason_of(*context));
  const auto stream = WatchStream::make();
  cut_when_revoked(gate_, *context, stream);
  auto place =
      caller ? cases_.watch(*request, *caller) : Answer<std::shared_ptr<Watching>>{Fail{caller.error()}};
  if (place) {
    stream->start(*std::move(place));
  } else {
    cases_.counters().count(place.error());
    stream->cut(to_status(place.error()));
  }
  return stream->reactor();
}

}  // namespace chiploc
