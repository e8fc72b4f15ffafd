#include "server/grpc/status.hpp"

#include <set>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using grpc::StatusCode;

TEST_CASE("status: every reason of a request has its code and keeps its sentence", "[api][status]") {
  const auto code = [](ApiFaultCode fault) {
    const grpc::Status status = to_status(ApiFault{fault, "what, and what to do"});
    CHECK(status.error_message() == "what, and what to do");
    return status.error_code();
  };
  CHECK(code(ApiFaultCode::kNoCertificate) == StatusCode::UNAUTHENTICATED);
  CHECK(code(ApiFaultCode::kWrongRole) == StatusCode::PERMISSION_DENIED);
  CHECK(code(ApiFaultCode::kBadField) == StatusCode::INVALID_ARGUMENT);
  CHECK(code(ApiFaultCode::kNoSuchVerdict) == StatusCode::NOT_FOUND);
  CHECK(code(ApiFaultCode::kImportBusy) == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(code(ApiFaultCode::kStoreBusy) == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(code(ApiFaultCode::kEvidenceDamaged) == StatusCode::DATA_LOSS);
}

TEST_CASE("status: every reason of the store has its code", "[api][status]") {
  const auto code = [](StoreFaultCode fault) { return to_status(StoreFault{fault, "text"}).error_code(); };
  CHECK(code(StoreFaultCode::kFull) == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(code(StoreFaultCode::kBusy) == StatusCode::UNAVAILABLE);
  CHECK(code(StoreFaultCode::kNewerSchema) == StatusCode::FAILED_PRECONDITION);
  CHECK(code(StoreFaultCode::kForeign) == StatusCode::FAILED_PRECONDITION);
  CHECK(code(StoreFaultCode::kPermission) == StatusCode::FAILED_PRECONDITION);
  CHECK(code(StoreFaultCode::kCorrupt) == StatusCode::DATA_LOSS);
  CHECK(code(StoreFaultCode::kInputOutput) == StatusCode::INTERNAL);
  CHECK(code(StoreFaultCode::kNotFound) == StatusCode::NOT_FOUND);
  CHECK(code(StoreFaultCode::kConflict) == StatusCode::ABORTED);
  CHECK(code(StoreFaultCode::kAmbiguous) == StatusCode::INVALID_ARGUMENT);
  CHECK(code(StoreFaultCode::kInvalid) == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("status: every reason of a round has its code and a sentence of its own", "[api][status]") {
  const std::pair<RoundFault, StatusCode> expected[] = {
      {RoundFault::kUnknownChip, StatusCode::NOT_FOUND},
      {RoundFault::kAlreadyRunning, StatusCode::ABORTED},
      {RoundFault::kTooManyRounds, StatusCode::RESOURCE_EXHAUSTED},
      {RoundFault::kNoAnchors, StatusCode::FAILED_PRECONDITION},
      {RoundFault::kIntentNotRecorded, StatusCode::INTERNAL},
      {RoundFault::kVerdictNotRecorded, StatusCode::INTERNAL},
      {RoundFault::kShuttingDown, StatusCode::UNAVAILABLE},
      {RoundFault::kDeadlineTooShort, StatusCode::INVALID_ARGUMENT}};
  std::set<std::string> sentences;
  for (const auto& [fault, code] : expected) {
    CHECK(to_status(fault).error_code() == code);
    sentences.insert(to_status(fault).error_message());
  }
  CHECK(sentences.size() == std::size(expected));
}

TEST_CASE("status: a chip that is not found is named, cleaned, with the remedy", "[api][status]") {
  Registry registry;
  for (const char* id : {"9f3a0000000000000000000000000001", "9f3a0000000000000000000000000002"}) {
    ChipRecord chip;
    chip.id = ChipId::from_hex_text(id).value();
    registry.put(std::move(chip));
  }
  const auto status = [&](ChipLookupFault fault, std::string_view text) {
    return to_status(fault, text, registry);
  };
  CHECK(status(ChipLookupFault::kNotFound, "9f\x1b[2J").error_code() == StatusCode::NOT_FOUND);
  CHECK(status(ChipLookupFault::kNotFound, "9f\x1b[2J").error_message().find('\x1b') == std::string::npos);
  CHECK(status(ChipLookupFault::kAmbiguous, "9f3a").error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(status(ChipLookupFault::kAmbiguous, "9f3a").error_message() ==
        "\"9f3a\" fits 2 chips: 9f3a0000000000000000000000000001, 9f3a0000000000000000000000000002; give the "
        "id of one, or as "
        "many of its first digits as no other has");
  CHECK(status(ChipLookupFault::kPrefixTooShort, "9f").error_code() == StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace chiploc
