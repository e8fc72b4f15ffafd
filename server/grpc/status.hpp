#pragma once
#include <grpcpp/support/status.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "server/registry/registry.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// What can be wrong with a request before anything is done for it.
enum class ApiFaultCode : std::uint8_t {
  kNoCertificate,   ///< no client certificate that says who is asking
  kWrongRole,       ///< the certificate's role may not do this
  kBadField,        ///< a field is out of its limits
  kNoSuchVerdict,   ///< no verdict fits
  kImportBusy,      ///< imports are waiting already, as many as may
  kStoreBusy,       ///< the store's queue is full
  kEvidenceDamaged  ///< the store gave bytes that are no message of ours
};
struct ApiFault {
  ApiFaultCode code{};
  std::string text;  ///< one sentence: what was wrong, what to do
};

// Reasons become statuses here and nowhere else.
//
//     NOT_FOUND            unknown chip, round or verdict
//     INVALID_ARGUMENT     a field out of its limits, an ambiguous prefix
//     UNAUTHENTICATED      no certificate;  PERMISSION_DENIED  its role may not do this
//     ABORTED              a round of that chip runs already; a registry that moved on
//     RESOURCE_EXHAUSTED   a limit or the disk is full
//     FAILED_PRECONDITION  no anchor connected; a database of another version or owner
//     UNAVAILABLE          shutting down, store busy: try again
//     DATA_LOSS            the store is damaged;  INTERNAL  the disk failed, a round could not be recorded
[[nodiscard]] grpc::Status to_status(const ApiFault& fault);
[[nodiscard]] grpc::Status to_status(const StoreFault& fault);
[[nodiscard]] grpc::Status to_status(RoundFault fault);
/// `chip` is what the person typed.
/// An ambiguous text is answered with the ids that it may mean.
[[nodiscard]] grpc::Status to_status(ChipLookupFault fault, std::string_view chip, const Registry& registry);

}  // namespace chiploc
