#include "server/grpc/status.hpp"

namespace chiploc {
namespace {

grpc::StatusCode code_of(ApiFaultCode code) {
  switch (code) {
    case ApiFaultCode::kNoCertificate:
      return grpc::StatusCode::UNAUTHENTICATED;
    case ApiFaultCode::kWrongRole:
      return grpc::StatusCode::PERMISSION_DENIED;
    case ApiFaultCode::kBadField:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ApiFaultCode::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ApiFaultCode::kConflict:
      return grpc::StatusCode::ABORTED;
    case ApiFaultCode::kExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ApiFaultCode::kNotReady:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ApiFaultCode::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case ApiFaultCode::kDamaged:
      return grpc::StatusCode::DATA_LOSS;
    case ApiFaultCode::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status to_status(const ApiFault& fault) { return {code_of(fault.code), fault.text}; }

}  // namespace chiploc
