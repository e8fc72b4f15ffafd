#pragma once
// For the sources of the client alone: what it holds.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "proto/v1/operator_service.grpc.pb.h"
#include "server/cli/client.hpp"

namespace chiploc {

struct Client::State {
  Settings settings;
  std::string remark;
  bool of_entity = false;
  std::chrono::seconds call_deadline;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::OperatorService::Stub> stub;

  void say_why(grpc::ClientContext& context) const {
    if (!settings.why.empty()) context.AddMetadata("chiploc-reason", settings.why);
  }
  [[nodiscard]] CliFault fault_of(const grpc::Status& status) const;
  [[nodiscard]] std::string unreachable(const std::string& message) const;
};

}  // namespace chiploc
