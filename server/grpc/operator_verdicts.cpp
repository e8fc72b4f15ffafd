#include <utility>

#include "server/grpc/operator_service.hpp"
#include "server/registry/fields.hpp"
#include "server/service/redaction.hpp"
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

  /// nullopt, with `status` set, where there is none.
  std::optional<VerdictRecord> find(const std::string& text, grpc::Status& status) {
    const auto chip = registry_.find_chip(text);
    auto verdict = reader_.verdicts().find_verdict(text);
    const bool several = !verdict && verdict.error().code == StoreFaultCode::kAmbiguous;
    if (!verdict && !several && verdict.error().code != StoreFaultCode::kInvalid) {
      status = to_status(verdict.error());
      return std::nullopt;
    }
    const bool one = verdict && verdict->has_value();
    if (chip && (one || several)) {
      return fault({ApiFaultCode::kBadField, shown(text) + " fits a chip and a verdict; give more digits"},
                   status);
    }
    if (several) {
      return fault({ApiFaultCode::kBadField, shown(text) + " fits several verdicts; give more digits"},
                   status);
    }
    if (one) return std::move(**verdict);
    if (chip) return newest_of((*chip)->id, status);
    if (chip.error() == ChipLookupFault::kNotFound) {
      return fault(
          {ApiFaultCode::kNoSuchVerdict, "no verdict and no chip " + shown(text) + "; list them first"},
          status);
    }
    status = to_status(chip.error(), text, registry_);
    return std::nullopt;
  }

 private:
  static std::optional<VerdictRecord> fault(const ApiFault& reason, grpc::Status& status) {
    status = to_status(reason);
    return std::nullopt;
  }
  std::optional<VerdictRecord> newest_of(const ChipId& chip, grpc::Status& status) {
    auto newest = reader_.verdicts().newest_verdict(chip);
    if (!newest) {
      status = to_status(newest.error());
      return std::nullopt;
    }
    if (!*newest) {
      return fault(
          {ApiFaultCode::kNoSuchVerdict,
           "chip " + chip.hex() + " has no verdict yet; measure it with: chiploc verify " + chip.hex()},
          status);
    }
    return std::move(*newest);
  }

  const Registry& registry_;
  StoreReader& reader_;
};

}  // namespace

OperatorService::Reactor* OperatorService::ListVerdicts(Context* context,
                                                        const v1::ListVerdictsRequest* request,
                                                        v1::ListVerdictsResponse* response) {
  return answer(context, [&](const Caller& caller) { return list_verdicts(caller, *request, *response); });
}

grpc::Status OperatorService::list_verdicts(const Caller& caller, const v1::ListVerdictsRequest& request,
                                            v1::ListVerdictsResponse& response) {
  const ApiLimits& limits = parts_.limits;
  const auto text = check_text("chip", request.chip(), limits);
  if (!text) return to_status(text.error());
  const auto size = check_page_size(request.page_size(), limits.verdicts_page, limits.verdicts_page_max);
  if (!size) return to_status(size.error());
  const auto states = check_states(request.states());
  if (!states) return to_status(states.error());
  const auto after = read_verdict_token(request.page_token());
  if (!after) return to_status(after.error());

  VerdictQuery query{std::nullopt, *states, *after, *size};
  if (!text->empty()) {
    const Registry::Snapshot registry = parts_.registry.get();
    const auto chip = registry->find_chip(*text);
    if (!chip) return to_status(chip.error(), *text, *registry);
    query.chip = (*chip)->id;
  }
  const auto page = parts_.reader.verdicts().list_verdicts(query);
  if (!page) return to_status(page.error());
  for (const VerdictRow& row : page->rows) {
    auto verdict = read_verdict(row.summary);
    if (!verdict) return to_status(verdict.error());
    *response.add_verdicts() = visible_to(caller.role, std::move(*verdict));
  }
  if (page->next) response.set_next_page_token(verdict_token(*page->next));
  return grpc::Status::OK;
}

OperatorService::Reactor* OperatorService::GetVerdict(Context* context, const v1::GetVerdictRequest* request,
                                                      v1::GetVerdictResponse* response) {
  return answer(context, [&](const Caller& caller) { return get_verdict(caller, *request, *response); });
}

grpc::Status OperatorService::get_verdict(const Caller& caller, const v1::GetVerdictRequest& request,
                                          v1::GetVerdictResponse& response) {
  const auto text = check_text("verdict", request.verdict(), parts_.limits);
  if (!text) return to_status(text.error());
  if (request.with_evidence()) {
    const auto allowed = require_admin(caller, "see the evidence of a round");
    if (!allowed) return to_status(allowed.error());
  }
  const Registry::Snapshot registry = parts_.registry.get();
  grpc::Status status;
  const auto record = VerdictLookup{*registry, parts_.reader}.find(*text, status);
  if (!record) return status;
  auto verdict = read_verdict(record->bytes);
  if (!verdict) return to_status(verdict.error());
  *response.mutable_verdict() = visible_to(caller.role, std::move(*verdict));
  if (!request.with_evidence()) return grpc::Status::OK;

  const auto stored = parts_.reader.rounds().evidence(record->round);
  if (!stored) return to_status(stored.error());
  if (!*stored) {
    return to_status(
        ApiFault{ApiFaultCode::kEvidenceDamaged,
                 "the store has a verdict without its round; restore the database from its backup"});
  }
  auto evidence = view_of(**stored);
  if (!evidence) return to_status(evidence.error());
  *response.mutable_evidence() = std::move(*evidence);
  return grpc::Status::OK;
}

}  // namespace chiploc
