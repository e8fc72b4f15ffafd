#include "server/grpc/status.hpp"

#include "server/registry/fields.hpp"

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
    case ApiFaultCode::kNoSuchVerdict:
      return grpc::StatusCode::NOT_FOUND;
    case ApiFaultCode::kImportBusy:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ApiFaultCode::kStoreBusy:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ApiFaultCode::kEvidenceDamaged:
      return grpc::StatusCode::DATA_LOSS;
  }
  return grpc::StatusCode::INTERNAL;
}

grpc::StatusCode code_of(StoreFaultCode code) {
  switch (code) {
    case StoreFaultCode::kFull:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case StoreFaultCode::kBusy:
      return grpc::StatusCode::UNAVAILABLE;
    case StoreFaultCode::kNewerSchema:
    case StoreFaultCode::kForeign:
    case StoreFaultCode::kPermission:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case StoreFaultCode::kCorrupt:
      return grpc::StatusCode::DATA_LOSS;
    case StoreFaultCode::kInputOutput:
      return grpc::StatusCode::INTERNAL;
    case StoreFaultCode::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case StoreFaultCode::kConflict:
      return grpc::StatusCode::ABORTED;
    case StoreFaultCode::kAmbiguous:
    case StoreFaultCode::kInvalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
  }
  return grpc::StatusCode::INTERNAL;
}

/// "3 chips: 00..b2, 00..b3 and 1 more; give the id, or ...".
std::string candidates(std::string_view chip, const Registry& registry) {
  constexpr std::size_t kShown = 8;
  const auto fitting = registry.chips_fitting(chip, kShown);
  const bool counted = fitting.total < Registry::kCandidatesMax;
  std::string out = std::to_string(fitting.total) + (counted ? "" : " or more") + " chips: ";
  for (std::size_t i = 0; i < fitting.first.size(); ++i)
    out += (i == 0 ? "" : ", ") + device_id_of(*fitting.first[i]);
  if (fitting.total > fitting.first.size())
    out += " and " + std::to_string(fitting.total - fitting.first.size()) +
           (counted ? " more" : " or more others");
  return out + "; give the id of one, or as many of its first digits as no other has";
}

}  // namespace

grpc::Status to_status(const ApiFault& fault) { return {code_of(fault.code), fault.text}; }

grpc::Status to_status(const StoreFault& fault) { return {code_of(fault.code), fault.text}; }

grpc::Status to_status(RoundFault fault) {
  switch (fault) {
    case RoundFault::kUnknownChip:
      return {grpc::StatusCode::NOT_FOUND, "the coordinator knows no such chip; import it first"};
    case RoundFault::kAlreadyRunning:
      return {grpc::StatusCode::ABORTED,
              "a round of this chip is running already; wait for its verdict in the verdict list"};
    case RoundFault::kTooManyRounds:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED,
              "as many rounds are in flight as may be; try again when some have ended"};
    case RoundFault::kNoAnchors:
      return {grpc::StatusCode::FAILED_PRECONDITION,
              "no anchor is connected to the coordinator; start anchors and look at the anchor list"};
    case RoundFault::kIntentNotRecorded:
      return {grpc::StatusCode::INTERNAL,
              "the round's intent could not be recorded, so nothing was measured; look at chiplocd's log and "
              "its disk"};
    case RoundFault::kVerdictNotRecorded:
      return {grpc::StatusCode::INTERNAL,
              "the verdict could not be recorded and does not count; look at chiplocd's log and its disk"};
    case RoundFault::kDeadlineTooShort:
      return {grpc::StatusCode::INVALID_ARGUMENT,
              "deadline_ms is shorter than this chip needs to answer; give more, or 0 for the policy's"};
    case RoundFault::kShuttingDown:
      return {grpc::StatusCode::UNAVAILABLE, "chiplocd is shutting down; try again when it has restarted"};
  }
  return {grpc::StatusCode::INTERNAL, "an unknown fault of a round"};
}

grpc::Status to_status(ChipLookupFault fault, std::string_view chip, const Registry& registry) {
  switch (fault) {
    case ChipLookupFault::kNotFound:
      return {grpc::StatusCode::NOT_FOUND,
              "no chip " + shown(chip) + " in the registry; list them, or import it first"};
    case ChipLookupFault::kAmbiguous:
      return {grpc::StatusCode::INVALID_ARGUMENT, shown(chip) + " fits " + candidates(chip, registry)};
    case ChipLookupFault::kPrefixTooShort:
      return {
          grpc::StatusCode::INVALID_ARGUMENT,
          shown(chip) + " is too short for a chip; give 4 or more digits of its id, or its serial number"};
  }
  return {grpc::StatusCode::INTERNAL, "an unknown fault of a chip"};
}

}  // namespace chiploc
