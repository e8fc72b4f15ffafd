// The use cases that show verdicts: ListVerdicts and GetVerdict.
#include <utility>

#include "server/registry/fields.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// The verdict that a person named: an id, a prefix of one, or a chip.
///
/// A short prefix may fit a verdict and a chip as well, and in a large fleet one day it will. Guessing would
/// show another chip's verdict to somebody who asked for this one, so that is a fault.
class VerdictLookup {
 public:
  VerdictLookup(const Registry& registry, StoreReader& reader) : registry_{registry}, reader_{reader} {}

  [[nodiscard]] Answer<VerdictRecord> find(const std::string& text) {
    const auto chip = registry_.find_chip(text);
    auto verdict = reader_.verdicts().find_verdict(text);
    const bool several = !verdict && verdict.error().code == StoreFaultCode::kAmbiguous;
    if (!verdict && !several && verdict.error().code != StoreFaultCode::kInvalid)
      return Fail{fault_of(verdict.error())};
    const bool one = verdict && verdict->has_value();
    if (chip && (one || several))
      return refused(ApiFaultCode::kBadField, shown(text) + " fits a chip and a verdict; give more digits");
    if (several)
      return refused(ApiFaultCode::kBadField, shown(text) + " fits several verdicts; give more digits");
    if (one) return std::move(**verdict);
    if (chip) return newest_of((*chip)->id);
    if (chip.error() == ChipLookupFault::kNotFound) {
      return refused(ApiFaultCode::kNotFound, "no verdict and no chip " + shown(text) + "; list them first");
    }
    return Fail{fault_of(chip.error(), text, registry_)};
  }

 private:
  static Fail<ApiFault> refused(ApiFaultCode code, std::string text) {
    return Fail{ApiFault{code, std::move(text)}};
  }
  [[nodiscard]] Answer<VerdictRecord> newest_of(const ChipId& chip) {
    auto newest = reader_.verdicts().newest_verdict(chip);
    if (!newest) return Fail{fault_of(newest.error())};
    if (*newest) return std::move(**newest);
    return refused(
        ApiFaultCode::kNotFound,
        "chip " + chip.hex() + " has no verdict yet; measure it with: chiploc verify " + chip.hex());
  }

  const Registry& registry_;
  StoreReader& reader_;
};

}  // namespace

Answer<v1::ListVerdictsResponse> OperatorUseCases::list_verdicts(const v1::ListVerdictsRequest& request,
                                                                 const Caller&) {
  const ApiLimits& limits = parts_.limits;
  const auto text = check_text("chip", request.chip(), limits);
  if (!text) return Fail{text.error()};
  const auto size = check_page_size(request.page_size(), limits.verdicts_page, limits.verdicts_page_max);
  if (!size) return Fail{size.error()};
  const auto states = check_states(request.states());
  if (!states) return Fail{states.error()};
  const auto after = read_verdict_token(request.page_token());
  if (!after) return Fail{after.error()};

  VerdictQuery query{std::nullopt, *states, *after, *size};
  if (!text->empty()) {
    const Registry::Snapshot registry = parts_.registry.get();
    const auto chip = registry->find_chip(*text);
    if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
    query.chip = (*chip)->id;
  }
  const auto page = parts_.reader.verdicts().list_verdicts(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListVerdictsResponse response;
  for (const VerdictRow& row : page->rows) {
    auto verdict = read_verdict(row.summary);
    if (!verdict) return Fail{verdict.error()};
    *response.add_verdicts() = std::move(*verdict);
  }
  if (page->next) response.set_next_page_token(verdict_token(*page->next));
  return response;
}

Answer<v1::GetVerdictResponse> OperatorUseCases::get_verdict(const v1::GetVerdictRequest& request,
                                                             const Caller& caller) {
  const auto text = check_text("verdict", request.verdict(), parts_.limits);
  if (!text) return Fail{text.error()};
  if (request.with_evidence()) {
    const auto allowed = require_admin(caller, "see the evidence of a round");
    if (!allowed) return Fail{allowed.error()};
  }
  const Registry::Snapshot registry = parts_.registry.get();
  const auto record = VerdictLookup{*registry, parts_.reader}.find(*text);
  if (!record) return Fail{record.error()};
  auto verdict = read_verdict(record->bytes);
  if (!verdict) return Fail{verdict.error()};
  v1::GetVerdictResponse response;
  *response.mutable_verdict() = std::move(*verdict);
  if (!request.with_evidence()) return response;

  const auto stored = parts_.reader.rounds().evidence(record->round);
  if (!stored) return Fail{fault_of(stored.error())};
  if (!*stored) {
    return Fail{ApiFault{ApiFaultCode::kDamaged,
                         "the store has a verdict without its round; restore the database from its backup"}};
  }
  auto evidence = view_of(**stored);
  if (!evidence) return Fail{evidence.error()};
  *response.mutable_evidence() = std::move(*evidence);
  return response;
}

}  // namespace chiploc
