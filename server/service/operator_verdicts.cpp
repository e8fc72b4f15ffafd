// The use cases that show verdicts: ListVerdicts and GetVerdict.
#include <utility>

#include "server/service/name_lookup.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// Limits a query to the chips of a licence, or of a holder: by an index where they are few, else row by row.
void limit_to(const Registry& registry, const LicenceRecord* licence,
              const std::optional<std::string>& holder, VerdictQuery& query) {
  const auto wanted = [&registry, licence, holder](const ChipRecord& chip) {
    if (licence != nullptr && chip.licence != licence->id) return false;
    if (!holder) return true;
    const LicenceRecord* own = registry.licence(chip.licence);
    return own != nullptr && own->holder == *holder;
  };
  std::vector<ChipId> few;
  for (const auto& [id, chip] : registry.chips()) {
    if (few.size() > VerdictQuery::kChipsMax) break;
    if (wanted(*chip)) few.push_back(id);
  }
  if (few.size() <= VerdictQuery::kChipsMax && query.chips.empty() && !few.empty())
    query.chips = std::move(few);
  query.wanted = [&registry, wanted](const ChipId& id) {
    const ChipRecord* chip = registry.chip(id);
    return chip != nullptr && wanted(*chip);
  };
}

Answer<Done> limit_by_names(const v1::ListVerdictsRequest& request, const Registry& registry,
                            const ApiLimits& limits, VerdictQuery& query) {
  const auto chip = check_text("chip", request.chip(), limits);
  const auto licence = check_text("licence", request.licence(), limits);
  const auto holder = check_text("holder", request.holder(), limits);
  for (const auto* text : {&chip, &licence, &holder}) {
    if (!*text) return Fail{text->error()};
  }
  if (!chip->empty()) {
    const auto found = registry.find_chip(*chip);
    if (!found) return Fail{fault_of(found.error(), *chip, registry)};
    query.chips = {(*found)->id};
  }
  if (licence->empty() && holder->empty()) return Done{};
  const LicenceRecord* of_licence = nullptr;
  if (!licence->empty()) {
    const auto found = find_licence(registry, *licence);
    if (!found) return Fail{found.error()};
    of_licence = *found;
  }
  std::optional<std::string> of_holder;
  if (!holder->empty()) {
    const auto found = find_holder(registry, *holder);
    if (!found) return Fail{found.error()};
    of_holder = *found;
  }
  limit_to(registry, of_licence, of_holder, query);
  return Done{};
}

}  // namespace

Answer<v1::ListVerdictsResponse> OperatorUseCases::list_verdicts(const v1::ListVerdictsRequest& request,
                                                                 const Caller& caller) {
  const ApiLimits& limits = parts_.limits;
  const auto size = check_page_size(request.page_size(), limits.verdicts_page, limits.verdicts_page_max);
  if (!size) return Fail{size.error()};
  const auto states = check_states(request.states());
  if (!states) return Fail{states.error()};
  const auto after = read_verdict_token(request.page_token());
  if (!after) return Fail{after.error()};
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!until) return Fail{until.error()};

  const Registry::Snapshot registry = registry_for(caller);
  VerdictQuery query{.states = *states,
                     .after = *after,
                     .limit = *size,
                     .wanted = chips_of(*registry, caller),
                     .since = *since,
                     .until = *until,
                     .oldest_first = request.oldest_first(),
                     .count = request.with_total()};
  if (request.expired()) query.expired_by = parts_.now();
  if (const auto limited = limit_by_names(request, *registry, limits, query); !limited)
    return Fail{limited.error()};
  const auto page = parts_.reader.verdicts().list_verdicts(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListVerdictsResponse response;
  for (const VerdictRow& row : page->rows) {
    auto verdict = read_verdict(row.summary, VerdictRecord::kFlat);
    if (!verdict) return Fail{verdict.error()};
    *response.add_verdicts() = std::move(*verdict);
  }
  if (page->next) response.set_next_page_token(verdict_token(*page->next));
  if (request.with_total()) {
    response.set_total(page->matching);
    response.set_total_more(page->matching_more);
  }
  return response;
}

Answer<v1::GetVerdictResponse> OperatorUseCases::get_verdict(const v1::GetVerdictRequest& request,
                                                             const Caller& caller) {
  const auto text = check_text("verdict", request.verdict(), parts_.limits);
  if (!text) return Fail{text.error()};
  if (request.with_evidence()) {
    const auto allowed = require(caller, evidence_rule());
    if (!allowed) return Fail{allowed.error()};
  }
  const Registry::Snapshot registry = registry_for(caller);
  const auto record = find_verdict(*text, *registry, parts_.reader, chips_of(*registry, caller));
  if (!record) return Fail{record.error()};
  auto verdict = read_verdict(record->bytes, record->format);
  if (!verdict) return Fail{verdict.error()};
  v1::GetVerdictResponse response;
  *response.mutable_verdict() = std::move(*verdict);
  const auto intent = parts_.reader.rounds().intent(record->round);
  if (!intent) return Fail{fault_of(intent.error())};
  if (*intent) *response.mutable_requested_by() = requester_of(**intent);
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
