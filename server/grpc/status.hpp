#pragma once
#include <grpcpp/support/status.h>

#include "server/service/fault.hpp"

namespace chiploc {

// Faults become statuses here and nowhere else.
//
//     kNoCertificate  UNAUTHENTICATED        kExhausted    RESOURCE_EXHAUSTED
//     kWrongRole      PERMISSION_DENIED      kNotReady     FAILED_PRECONDITION
//     kBadField       INVALID_ARGUMENT       kUnavailable  UNAVAILABLE
//     kNotFound       NOT_FOUND              kDamaged      DATA_LOSS
//     kConflict       ABORTED                kInternal     INTERNAL
[[nodiscard]] grpc::Status to_status(const ApiFault& fault);

}  // namespace chiploc
