#include "server/service/fault.hpp"

#include <set>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("fault: every reason of the store has its code", "[service]") {
  const auto code = [](StoreFaultCode from) {
    const ApiFault fault = fault_of(StoreFault{from, "what, and what to do"});
    CHECK(fault.text == "what, and what to do");
    return fault.code;
  };
  CHECK(code(StoreFaultCode::kFull) == ApiFaultCode::kExhausted);
  CHECK(code(StoreFaultCode::kBusy) == ApiFaultCode::kUnavailable);
  CHECK(code(StoreFaultCode::kOlderSchema) == ApiFaultCode::kNotReady);
  CHECK(code(StoreFaultCode::kNewerSchema) == ApiFaultCode::kNotReady);
  CHECK(code(StoreFaultCode::kForeign) == ApiFaultCode::kNotReady);
  CHECK(code(StoreFaultCode::kPermission) == ApiFaultCode::kNotReady);
  CHECK(code(StoreFaultCode::kCorrupt) == ApiFaultCode::kDamaged);
  CHECK(code(StoreFaultCode::kInputOutput) == ApiFaultCode::kInternal);
  CHECK(code(StoreFaultCode::kNotFound) == ApiFaultCode::kNotFound);
  CHECK(code(StoreFaultCode::kConflict) == ApiFaultCode::kConflict);
  CHECK(code(StoreFaultCode::kAmbiguous) == ApiFaultCode::kBadField);
  CHECK(code(StoreFaultCode::kInvalid) == ApiFaultCode::kBadField);
}

TEST_CASE("fault: every reason of a round has its code and a sentence of its own", "[service]") {
  const std::pair<RoundFault, ApiFaultCode> expected[] = {
      {RoundFault::kUnknownChip, ApiFaultCode::kNotFound},
      {RoundFault::kAlreadyRunning, ApiFaultCode::kConflict},
      {RoundFault::kTooManyRounds, ApiFaultCode::kExhausted},
      {RoundFault::kNoAnchors, ApiFaultCode::kNotReady},
      {RoundFault::kIntentNotRecorded, ApiFaultCode::kInternal},
      {RoundFault::kVerdictNotRecorded, ApiFaultCode::kInternal},
      {RoundFault::kShuttingDown, ApiFaultCode::kUnavailable},
      {RoundFault::kAnchorsNotReady, ApiFaultCode::kNotReady},
      {RoundFault::kDeadlineTooShort, ApiFaultCode::kBadField}};
  std::set<std::string> sentences;
  for (const auto& [fault, code] : expected) {
    CHECK(fault_of(fault).code == code);
    sentences.insert(fault_of(fault).text);
  }
  CHECK(sentences.size() == std::size(expected));
}

TEST_CASE("fault: a chip that is not found is named, cleaned, with the remedy", "[service]") {
  Registry registry;
  for (const char* id : {"9f3a0000000000000000000000000001", "9f3a0000000000000000000000000002"}) {
    ChipRecord chip;
    chip.id = ChipId::from_hex_text(id).value();
    registry.put(std::move(chip));
  }
  const auto of = [&](ChipLookupFault fault, std::string_view text) {
    return fault_of(fault, text, registry);
  };
  CHECK(of(ChipLookupFault::kNotFound, "9f\x1b[2J").code == ApiFaultCode::kNotFound);
  CHECK(of(ChipLookupFault::kNotFound, "9f\x1b[2J").text.find('\x1b') == std::string::npos);
  CHECK(of(ChipLookupFault::kAmbiguous, "9f3a").code == ApiFaultCode::kBadField);
  CHECK(of(ChipLookupFault::kAmbiguous, "9f3a").text ==
        "\"9f3a\" fits 2 chips: 9f3a0000000000000000000000000001, 9f3a0000000000000000000000000002; give "
        "the id of one, or as many of its first digits as no other has");
  CHECK(of(ChipLookupFault::kPrefixTooShort, "9f").code == ApiFaultCode::kBadField);
}

}  // namespace
}  // namespace chiploc
