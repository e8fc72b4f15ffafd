// The use cases that show verdicts: ListVerdicts and GetVerdict.
#include <utility>

#include "server/service/operator_use_cases.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/service/views.hpp"

namespace chiploc {
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
    auto verdict = read_verdict(row.summary, VerdictRecord::kFlat);
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
  const auto record = find_verdict(*text, *registry, parts_.reader);
  if (!record) return Fail{record.error()};
  auto verdict = read_verdict(record->bytes, record->format);
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
