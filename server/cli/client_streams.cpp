// The calls whose answer comes in pieces.
#include <optional>
#include <utility>

#include "server/cli/client_state.hpp"

namespace chiploc {

Client::Answer<std::string> Client::report(const v1::GetReportRequest& request,
                                           std::chrono::milliseconds deadline,
                                           const std::function<void(const std::string&)>& each) {
  grpc::ClientContext context;
  state_->say_why(context);
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  const auto reader = state_->stub->GetReport(&context, request);
  v1::ReportPiece piece;
  std::string signature;
  while (reader->Read(&piece)) {
    each(piece.content());
    signature = piece.signature();
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return Fail{state_->fault_of(status)};
  if (signature.empty())
    return Fail{CliFault{ExitCode::kInternal,
                         "the coordinator sent a report without its signature; look at its log"}};
  return signature;
}

Client::Answer<v1::Verdict> Client::verify(const v1::VerifyRequest& request,
                                           std::chrono::milliseconds deadline,
                                           const std::function<void(const v1::VerifyEvent&)>& each) {
  grpc::ClientContext context;
  state_->say_why(context);
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  const auto reader = state_->stub->Verify(&context, request);
  v1::VerifyEvent event;
  std::optional<v1::Verdict> verdict;
  while (reader->Read(&event)) {
    if (event.has_verdict()) verdict = event.verdict();
    each(event);
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return Fail{state_->fault_of(status)};
  if (!verdict) {
    return Fail{
        CliFault{ExitCode::kInternal, "the coordinator ended the round without a verdict; look at its log"}};
  }
  return *verdict;
}

WatchEnd Client::watch(const v1::WatchRequest& request,
                       const std::function<bool(const v1::WatchEvent&)>& each) {
  grpc::ClientContext context;
  state_->say_why(context);
  const auto reader = state_->stub->Watch(&context, request);
  v1::WatchEvent event;
  while (reader->Read(&event)) {
    if (!each(event)) context.TryCancel();
  }
  const grpc::Status status = reader->Finish();
  if (status.ok())
    return {{ExitCode::kUnreachable, "the coordinator at " + state_->settings.server + " ended the watch"},
            true};
  CliFault fault = state_->fault_of(status);
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (fault.answer_lost) fault.text = "the connection with " + state_->settings.server + " broke off";
      return {std::move(fault), true};
    case grpc::StatusCode::DEADLINE_EXCEEDED:  // of a proxy: we set none
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {std::move(fault), true};
    default:
      return {std::move(fault), false};
  }
}

}  // namespace chiploc
