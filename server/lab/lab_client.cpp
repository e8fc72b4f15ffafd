#include "server/lab/lab_client.hpp"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <utility>

#include "proto/v1/operator_service.grpc.pb.h"
#include "server/lab/lab_registry.hpp"

namespace chiploc {

struct LabClient::State {
  std::unique_ptr<v1::OperatorService::Stub> stub;
  std::mutex mutex;
  bool cancelled = false;
  std::set<grpc::ClientContext*> calls;
};

namespace {

LabCallFault fault_of(const grpc::Status& status) {
  const grpc::StatusCode code = status.error_code();
  const bool again = code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::ABORTED ||
                     code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                     code == grpc::StatusCode::FAILED_PRECONDITION;
  return {.again = again,
          .text = status.error_message().empty() ? "gRPC status " + std::to_string(code)
                                                 : status.error_message()};
}

}  // namespace

LabClient::LabClient(std::unique_ptr<State> state) : state_{std::move(state)} {}
LabClient::~LabClient() = default;

Result<std::unique_ptr<LabClient>, std::string> LabClient::open(const std::string& address,
                                                                const TlsFiles& files) {
  const auto material = load_tls(files);
  if (!material) return Fail{material.error()};
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("chiplocd");
  // The first attempts come before the coordinator listens; gRPC's default would then wait a second and more.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  auto state = std::make_unique<State>();
  state->stub = v1::OperatorService::NewStub(
      grpc::CreateCustomChannel(address, channel_credentials(material.value()), arguments));
  return std::unique_ptr<LabClient>{new LabClient{std::move(state)}};
}

/// A call's context, known to cancel() for as long as the call lasts.
class Call {
 public:
  Call(std::mutex& mutex, std::set<grpc::ClientContext*>& calls, const bool& cancelled,
       std::chrono::milliseconds deadline)
      : mutex_{mutex}, calls_{calls} {
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    const std::lock_guard lock{mutex_};
    calls_.insert(&context);
    if (cancelled) context.TryCancel();
  }
  ~Call() {
    const std::lock_guard lock{mutex_};
    calls_.erase(&context);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  grpc::ClientContext context;

 private:
  std::mutex& mutex_;
  std::set<grpc::ClientContext*>& calls_;
};

LabClient::Answer<v1::GetStatusResponse> LabClient::status(std::chrono::milliseconds deadline) {
  Call call{state_->mutex, state_->calls, state_->cancelled, deadline};
  call.context.set_wait_for_ready(true);
  v1::GetStatusResponse response;
  const grpc::Status status = state_->stub->GetStatus(&call.context, {}, &response);
  if (!status.ok()) return Fail{fault_of(status)};
  return response;
}

LabClient::Answer<v1::CreateSignInCodeResponse> LabClient::sign_in_code(std::chrono::milliseconds deadline) {
  Call call{state_->mutex, state_->calls, state_->cancelled, deadline};
  v1::CreateSignInCodeResponse response;
  const grpc::Status status = state_->stub->CreateSignInCode(&call.context, {}, &response);
  if (!status.ok()) return Fail{fault_of(status)};
  return response;
}

LabClient::Answer<v1::ListAnchorsResponse> LabClient::anchors(std::chrono::milliseconds deadline) {
  Call call{state_->mutex, state_->calls, state_->cancelled, deadline};
  call.context.set_wait_for_ready(true);
  v1::ListAnchorsResponse response;
  const grpc::Status status = state_->stub->ListAnchors(&call.context, {}, &response);
  if (!status.ok()) return Fail{fault_of(status)};
  return response;
}

LabClient::Answer<v1::ImportResponse> LabClient::import(const v1::ImportRequest& request,
                                                        std::chrono::milliseconds deadline) {
  Call call{state_->mutex, state_->calls, state_->cancelled, deadline};
  call.context.set_wait_for_ready(true);
  v1::ImportResponse response;
  const grpc::Status status = state_->stub->Import(&call.context, request, &response);
  if (!status.ok()) return Fail{fault_of(status)};
  return response;
}

LabClient::Answer<v1::Verdict> LabClient::verify(const std::string& chip,
                                                 std::chrono::milliseconds deadline) {
  Call call{state_->mutex, state_->calls, state_->cancelled, deadline};
  v1::VerifyRequest request;
  request.set_chip(chip);
  const auto reader = state_->stub->Verify(&call.context, request);
  v1::VerifyEvent event;
  v1::Verdict verdict;
  bool decided = false;
  while (reader->Read(&event)) {
    if (!event.has_verdict()) continue;
    verdict = std::move(*event.mutable_verdict());
    decided = true;
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return Fail{fault_of(status)};
  if (!decided) return Fail{LabCallFault{.again = false, .text = "the round ended without a verdict"}};
  return verdict;
}

void LabClient::cancel() {
  const std::lock_guard lock{state_->mutex};
  state_->cancelled = true;
  for (grpc::ClientContext* context : state_->calls) context->TryCancel();
}

namespace {
/// Of a kind of which a lab may have none.
bool may_be_missing(LabRegistryFile::Kind kind) {
  using Kind = LabRegistryFile::Kind;
  constexpr Kind kAlways[] = {Kind::kMakers, Kind::kLicences, Kind::kAnchors, Kind::kChips,
                              Kind::kProhibited};
  return std::find(std::begin(kAlways), std::end(kAlways), kind) == std::end(kAlways);
}
}  // namespace

Result<v1::ImportRequest, std::string> import_request(const std::filesystem::path& registry) {
  using Kind = LabRegistryFile::Kind;
  constexpr std::pair<v1::ImportKind, Kind> kFiles[] = {{v1::MAKERS, Kind::kMakers},
                                                        {v1::MODELS, Kind::kModels},
                                                        {v1::TERRITORIES, Kind::kTerritories},
                                                        {v1::ENTITIES, Kind::kEntities},
                                                        {v1::LICENCES, Kind::kLicences},
                                                        {v1::SITES, Kind::kSites},
                                                        {v1::ORDERS, Kind::kOrders},
                                                        {v1::DELIVERIES, Kind::kDeliveries},
                                                        {v1::ANCHORS, Kind::kAnchors},
                                                        {v1::CHIPS, Kind::kChips},
                                                        {v1::PROHIBITED_TERRITORIES, Kind::kProhibited}};
  v1::ImportRequest request;
  for (const auto& [kind, which] : kFiles) {
    const char* const name = file_name(which);
    if (!std::filesystem::exists(registry / name) && may_be_missing(which)) continue;
    std::ifstream in{registry / name, std::ios::binary};
    v1::ImportFile& file = *request.add_files();
    file.set_kind(kind);
    file.set_name(name);
    file.set_format("json");
    file.set_content(std::string{std::istreambuf_iterator<char>{in}, {}});
    if (!in) return Fail{"cannot read " + (registry / name).string()};
  }
  return request;
}

}  // namespace chiploc
