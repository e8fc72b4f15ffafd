#include "server/service/verdict_lookup.hpp"

#include <utility>

#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> no_verdict(ApiFaultCode code, std::string text) {
  return Fail{ApiFault{code, std::move(text)}};
}

/// "chip 9f3a..., serial SN-1, licence L-1"
std::string named(const ChipRecord& chip) {
  return "chip " + chip.id.hex() + ", serial " + chip.serial + ", licence " + chip.licence + ",";
}

Answer<VerdictRecord> newest_of(const ChipRecord& chip, StoreReader& reader) {
  auto newest = reader.verdicts().newest_verdict(chip.id);
  if (!newest) return Fail{fault_of(newest.error())};
  if (*newest) return std::move(**newest);
  return no_verdict(ApiFaultCode::kNotFound,
                    named(chip) + " has no verdict yet; measure it with: chiploc verify " + chip.id.hex());
}

}  // namespace

Answer<VerdictRecord> find_verdict(const std::string& text, const Registry& registry, StoreReader& reader,
                                   const ChipFilter& wanted) {
  const auto chip = registry.find_chip(text);
  auto verdict = reader.verdicts().find_verdict(text, wanted);
  const bool several = !verdict && verdict.error().code == StoreFaultCode::kAmbiguous;
  if (!verdict && !several && verdict.error().code != StoreFaultCode::kInvalid)
    return Fail{fault_of(verdict.error())};
  const bool one = verdict && verdict->has_value();
  if (chip && (one || several))
    return no_verdict(ApiFaultCode::kBadField, shown(text) + " fits a chip and a verdict; give more digits");
  if (several)
    return no_verdict(ApiFaultCode::kBadField, shown(text) + " fits several verdicts; give more digits");
  if (one) return std::move(**verdict);
  if (chip) return newest_of(**chip, reader);
  if (chip.error() == ChipLookupFault::kNotFound)
    return no_verdict(ApiFaultCode::kNotFound, "no verdict and no chip " + shown(text) + "; list them first");
  return Fail{fault_of(chip.error(), text, registry)};
}

}  // namespace chiploc
