#pragma once
// Calls of a person's stub, for the tests of the operator service.

#include <string>
#include <utility>
#include <vector>

#include "tests/server/grpc/operator_world.hpp"

namespace chiploc::test {

using grpc::StatusCode;

inline const std::string kChipA = chip_id("aaaa1");
inline const std::string kChipB = chip_id("aaaa2");
inline const std::string kChipC = chip_id("bbbb");

/// One unary call: status and response.
template <class Response, class Request, class Call>
std::pair<grpc::Status, Response> call(v1::OperatorService::Stub& stub, Call method, const Request& request,
                                       const std::vector<std::string>& reasons = {}) {
  grpc::ClientContext context;
  for (const std::string& reason : reasons) context.AddMetadata("chiploc-reason", reason);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  return {status, response};
}
using Stub = v1::OperatorService::Stub;

inline v1::GetVerdictRequest verdict_request(const std::string& text, bool evidence = false) {
  v1::GetVerdictRequest request;
  request.set_verdict(text);
  request.set_with_evidence(evidence);
  return request;
}

inline std::pair<grpc::Status, std::vector<v1::VerifyEvent>> verify(Stub& stub, const std::string& chip,
                                                                    std::uint32_t deadline_ms = 0) {
  grpc::ClientContext context;
  v1::VerifyRequest request;
  request.set_chip(chip);
  request.set_deadline_ms(deadline_ms);
  const auto reader = stub.Verify(&context, request);
  std::vector<v1::VerifyEvent> events;
  v1::VerifyEvent event;
  while (reader->Read(&event)) events.push_back(event);
  return {reader->Finish(), events};
}

}  // namespace chiploc::test
