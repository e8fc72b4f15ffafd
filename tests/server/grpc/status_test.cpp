#include "server/grpc/status.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using grpc::StatusCode;

TEST_CASE("status: every fault has its code and keeps its sentence", "[grpc]") {
  const auto code = [](ApiFaultCode fault) {
    const grpc::Status status = to_status(ApiFault{fault, "what, and what to do"});
    CHECK(status.error_message() == "what, and what to do");
    return status.error_code();
  };
  CHECK(code(ApiFaultCode::kNoCertificate) == StatusCode::UNAUTHENTICATED);
  CHECK(code(ApiFaultCode::kWrongRole) == StatusCode::PERMISSION_DENIED);
  CHECK(code(ApiFaultCode::kBadField) == StatusCode::INVALID_ARGUMENT);
  CHECK(code(ApiFaultCode::kNotFound) == StatusCode::NOT_FOUND);
  CHECK(code(ApiFaultCode::kConflict) == StatusCode::ABORTED);
  CHECK(code(ApiFaultCode::kExhausted) == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(code(ApiFaultCode::kNotReady) == StatusCode::FAILED_PRECONDITION);
  CHECK(code(ApiFaultCode::kUnavailable) == StatusCode::UNAVAILABLE);
  CHECK(code(ApiFaultCode::kDamaged) == StatusCode::DATA_LOSS);
  CHECK(code(ApiFaultCode::kInternal) == StatusCode::INTERNAL);
}

}  // namespace
}  // namespace chiploc
