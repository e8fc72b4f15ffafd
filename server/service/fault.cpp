#include "server/service/fault.hpp"

#include "proto/base/joined.hpp"
#include "server/registry/fields.hpp"
#include "server/service/name_lookup.hpp"

namespace chiploc {
namespace {

ApiFaultCode code_of(StoreFaultCode code) {
  switch (code) {
    case StoreFaultCode::kFull:
      return ApiFaultCode::kExhausted;
    case StoreFaultCode::kBusy:
      return ApiFaultCode::kUnavailable;
    case StoreFaultCode::kOlderSchema:
    case StoreFaultCode::kNewerSchema:
    case StoreFaultCode::kForeign:
    case StoreFaultCode::kPermission:
      return ApiFaultCode::kNotReady;
    case StoreFaultCode::kCorrupt:
      return ApiFaultCode::kDamaged;
    case StoreFaultCode::kInputOutput:
      return ApiFaultCode::kInternal;
    case StoreFaultCode::kNotFound:
      return ApiFaultCode::kNotFound;
    case StoreFaultCode::kConflict:
      return ApiFaultCode::kConflict;
    case StoreFaultCode::kAmbiguous:
    case StoreFaultCode::kInvalid:
      return ApiFaultCode::kBadField;
  }
  return ApiFaultCode::kInternal;
}

/// "3 chips: 00..b2, 00..b3 and 1 more; give the id, or ...".
std::string candidates(std::string_view chip, const Registry& registry) {
  constexpr std::size_t kShown = 8;
  const auto fitting = registry.chips_fitting(chip, kShown);
  const bool counted = fitting.total < Registry::kCandidatesMax;
  std::string out = std::to_string(fitting.total) + (counted ? "" : " or more") + " chips: ";
  out += joined(fitting.first, ", ", [](const auto& record) { return device_id_of(*record); });
  if (fitting.total > fitting.first.size())
    out += " and " + std::to_string(fitting.total - fitting.first.size()) +
           (counted ? " more" : " or more others");
  return out + "; give the id of one, or as many of its first digits as no other has";
}

}  // namespace

ApiFault fault_of(const StoreFault& fault) { return {code_of(fault.code), fault.text}; }

ApiFault fault_of(RoundFault fault) {
  switch (fault) {
    case RoundFault::kUnknownChip:
      return {ApiFaultCode::kNotFound, "the coordinator knows no such chip; import it first"};
    case RoundFault::kAlreadyRunning:
      return {ApiFaultCode::kConflict,
              "a round of this chip is running already; wait for its verdict in the verdict list"};
    case RoundFault::kTooManyRounds:
      return {ApiFaultCode::kExhausted,
              "as many rounds are in flight as may be; try again when some have ended"};
    case RoundFault::kNoAnchors:
      return {ApiFaultCode::kNotReady,
              "no anchor is connected to the coordinator; start anchors and look at the anchor list"};
    case RoundFault::kAnchorsNotReady:
      return {
          ApiFaultCode::kNotReady,
          "anchors are connected, and none was ready in time, so nothing was measured; look at the anchors' logs "
          "and at what their machines are busy with, and try again"};
    case RoundFault::kAnchorsBusy:
      return {ApiFaultCode::kExhausted, "the anchors have as many rounds as they may; try again later"};
    case RoundFault::kIntentNotRecorded:
      return {ApiFaultCode::kInternal,
              "the round's intent could not be recorded, so nothing was measured; look "
              "at chiplocd's log and its disk"};
    case RoundFault::kVerdictNotRecorded:
      return {ApiFaultCode::kInternal,
              "the verdict could not be recorded and does not count; look at chiplocd's log and its disk"};
    case RoundFault::kDeadlineTooShort:
      return {ApiFaultCode::kBadField,
              "deadline_ms is shorter than this chip needs to answer; give more, or 0 for the policy's"};
    case RoundFault::kShuttingDown:
      return {ApiFaultCode::kUnavailable, "chiplocd is shutting down; try again when it has restarted"};
  }
  return {ApiFaultCode::kInternal, "an unknown fault of a round"};
}

ApiFault fault_of(ChipLookupFault fault, std::string_view chip, const Registry& registry) {
  switch (fault) {
    case ChipLookupFault::kNotFound:
      return {ApiFaultCode::kNotFound, "no chip " + shown(chip) + " in the registry" +
                                           nearest_serials(registry, chip) +
                                           "; list them, or import it first"};
    case ChipLookupFault::kAmbiguous:
      return {ApiFaultCode::kBadField, shown(chip) + " fits " + candidates(chip, registry)};
    case ChipLookupFault::kPrefixTooShort:
      return {
          ApiFaultCode::kBadField,
          shown(chip) + " is too short for a chip; give 4 or more digits of its id, or its serial number"};
  }
  return {ApiFaultCode::kInternal, "an unknown fault of a chip"};
}

}  // namespace chiploc
