#include "server/service/operator_use_cases.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/certificate_life.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// The next ids for a page of chips, at most `limit`, behind `after`.
class ChipPages {
 public:
  ChipPages(const Registry& registry, StoreReader& reader, std::string licence,
            std::vector<std::uint32_t> states)
      : registry_{registry}, reader_{reader}, licence_{std::move(licence)}, states_{std::move(states)} {}

  Stored<std::vector<ChipId>> ids(std::optional<ChipId> after, std::size_t limit) {
    return states_.empty() ? from_registry(after, limit) : from_store(after, limit);
  }

 private:
  [[nodiscard]] bool wanted(const ChipRecord& chip) const {
    return licence_.empty() || chip.licence == licence_;
  }

  [[nodiscard]] std::vector<ChipId> from_registry(const std::optional<ChipId>& after,
                                                  std::size_t limit) const {
    std::vector<ChipId> out;
    const auto& chips = registry_.chips();
    for (auto at = after ? chips.upper_bound(*after) : chips.begin(); at != chips.end() && out.size() < limit;
         ++at) {
      if (wanted(*at->second)) out.push_back(at->first);
    }
    return out;
  }

  Stored<std::vector<ChipId>> from_store(std::optional<ChipId> after, std::size_t limit) {
    std::vector<ChipId> out;
    while (out.size() < limit) {
      const auto found = reader_.verdicts().chips_in_states(states_, after, limit);
      if (!found) return Fail{found.error()};
      for (const ChipId& id : *found) {
        const ChipRecord* chip = registry_.chip(id);
        if (chip != nullptr && wanted(*chip) && out.size() < limit) out.push_back(id);
      }
      if (found->size() < limit) break;
      after = found->back();
    }
    return out;
  }

  const Registry& registry_;
  StoreReader& reader_;
  std::string licence_;
  std::vector<std::uint32_t> states_;
};

/// A chip with its standing. Fails only if the store's bytes are damaged.
Result<v1::Chip, ApiFault> chip_with_standing(const ChipRecord& record, const ChipStanding& standing) {
  v1::Chip chip = view_of(record);
  chip.set_rounds(standing.rounds);
  if (!standing.latest) return chip;
  auto verdict = read_verdict(standing.latest->summary, VerdictRecord::kFlat);
  if (!verdict) return Fail{verdict.error()};
  *chip.mutable_last_verdict() = std::move(*verdict);
  return chip;
}

}  // namespace

OperatorUseCases::OperatorUseCases(OperatorParts parts) : parts_{std::move(parts)} {}

Answer<v1::GetStatusResponse> OperatorUseCases::get_status(const v1::GetStatusRequest&, const Caller&) {
  const CoordinatorStatus status = parts_.status.status();
  v1::GetStatusResponse response;
  response.set_software_version(parts_.software_version);
  response.set_borders_version(status.borders_version);
  response.set_policy_version(status.policy_version);
  response.set_calibration_version(status.calibration_version);
  response.set_place_model_version(status.place_model_version);
  response.set_anchors_connected(status.anchors_connected);
  response.set_rounds_in_flight(status.rounds_in_flight);
  response.set_started_unix_ns(status.started.since_epoch.count());
  auto& counters = *response.mutable_counters();
  for (const auto& [name, value] : status.counters) counters[name] = value;
  const StoreThread::Counters store = parts_.store.counters();
  counters["store_refused"] = store.refused;
  counters["store_batches_failed"] = store.batches_failed;
  counters["api_refused_role"] = counters_.refused_role;
  counters["api_refused_request"] = counters_.refused_request;
  counters["api_progress_dropped"] = counters_.progress_dropped;
  counters["api_refused_revoked"] = counters_.refused_revoked;
  counters["streams_cut_revoked"] = counters_.streams_revoked;
  counters["certificate_days_left"] = counters_.certificate_days_left;
  counters["revocation_list_certificates"] = counters_.revocation_list_certificates;
  counters["revocation_list_stale"] = counters_.revocation_list_stale;
  counters["revocation_list_refused"] = counters_.revocation_list_refused;
  const std::vector<AnchorStatus> anchors = parts_.status.anchors();
  counters["anchors_certificate_ending"] = static_cast<std::uint64_t>(
      std::count_if(anchors.begin(), anchors.end(), [now = parts_.now()](const AnchorStatus& anchor) {
        return anchor.certificate && near_end(*anchor.certificate, now);
      }));
  return response;
}

Answer<v1::ListChipsResponse> OperatorUseCases::list_chips(const v1::ListChipsRequest& request,
                                                           const Caller&) {
  const ApiLimits& limits = parts_.limits;
  const auto licence = check_text("licence", request.licence(), limits);
  if (!licence) return Fail{licence.error()};
  const auto size = check_page_size(request.page_size(), limits.chips_page, limits.chips_page);
  if (!size) return Fail{size.error()};
  const auto states = check_states(request.states());
  if (!states) return Fail{states.error()};
  const auto after = read_chip_token(request.page_token());
  if (!after) return Fail{after.error()};

  const Registry::Snapshot registry = parts_.registry.get();
  v1::ListChipsResponse response;
  // One more than the page: it says whether there is another.
  auto ids = ChipPages{*registry, parts_.reader, *licence, *states}.ids(*after, *size + std::size_t{1});
  if (!ids) return Fail{fault_of(ids.error())};
  if (ids->size() > *size) {
    ids->resize(*size);
    response.set_next_page_token(chip_token(ids->back()));
  }
  const auto standings = parts_.reader.verdicts().standings(*ids);
  if (!standings) return Fail{fault_of(standings.error())};
  for (const ChipStanding& standing : *standings) {
    auto chip = chip_with_standing(*registry->chip(standing.chip), standing);
    if (!chip) return Fail{chip.error()};
    *response.add_chips() = std::move(*chip);
  }
  return response;
}

Answer<v1::GetChipResponse> OperatorUseCases::get_chip(const v1::GetChipRequest& request, const Caller&) {
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = parts_.registry.get();
  const auto found = registry->find_chip(*text);
  if (!found) return Fail{fault_of(found.error(), *text, *registry)};
  const ChipRecord& record = **found;
  const auto standings = parts_.reader.verdicts().standings({&record.id, 1});
  if (!standings) return Fail{fault_of(standings.error())};
  const auto newest = parts_.reader.verdicts().newest_verdict(record.id);
  if (!newest) return Fail{fault_of(newest.error())};

  v1::Chip chip = view_of(record);
  chip.set_rounds(standings->front().rounds);
  if (*newest) {
    auto verdict = read_verdict((*newest)->bytes, (*newest)->format);
    if (!verdict) return Fail{verdict.error()};
    *chip.mutable_last_verdict() = std::move(*verdict);
  }
  if (const auto certificate = Certificate::from_der(record.certificate))
    chip.set_certificate_pem(certificate->pem());
  for (const ByteVector& der : record.issuers) {
    if (const auto issuer = Certificate::from_der(der)) chip.add_issuers_pem(issuer->pem());
  }
  if (const auto added = add_counters(record, chip); !added) return Fail{added.error()};
  if (const auto added = add_last_heard(record, chip); !added) return Fail{added.error()};
  v1::GetChipResponse response;
  *response.mutable_chip() = std::move(chip);
  return response;
}

Answer<Done> OperatorUseCases::add_counters(const ChipRecord& record, v1::Chip& chip) {
  constexpr std::size_t kStartsShown = 20;
  const auto certificate = Certificate::from_der(record.certificate);
  const auto key = certificate ? certificate->public_key() : Result<PublicKey, KeyFault>{Fail{KeyFault{}}};
  if (!key) return Done{};
  const auto counters = parts_.reader.rounds().chip_counters(record.id, sha256(key->spki_der()));
  if (!counters) return Fail{fault_of(counters.error())};
  if (counters->last) {
    chip.mutable_counters()->set_boot_count(counters->last->boot_count);
    chip.mutable_counters()->set_round_counter(counters->last->round_counter);
  }
  const auto starts = parts_.reader.rounds().counter_starts(record.id, kStartsShown);
  if (!starts) return Fail{fault_of(starts.error())};
  for (const CounterStart& start : *starts) *chip.add_counter_starts() = view_of(start);
  return Done{};
}

Answer<Done> OperatorUseCases::add_last_heard(const ChipRecord& record, v1::Chip& chip) {
  if (const auto rhythm = parts_.status.knocks_of(record.id)) {
    chip.set_last_knock_unix_ns(rhythm->last.since_epoch.count());
    chip.set_knocks_every_ns(rhythm->every.count());
  }
  const auto proof = parts_.reader.mesh().last_knock(record.id);
  if (!proof) return Fail{fault_of(proof.error())};
  if (*proof) chip.set_last_proof_unix_ns((*proof)->since_epoch.count());
  const auto last = parts_.reader.verdicts().last_of_each_state(record.id);
  if (!last) return Fail{fault_of(last.error())};
  for (const VerdictRow& row : *last) {
    v1::LastOfState& one = *chip.add_last_of_state();
    one.set_state(static_cast<v1::VerdictState>(row.state));
    one.set_decided_unix_ns(row.decided.since_epoch.count());
    one.set_verdict_id(string_of(row.id.bytes));
  }
  return Done{};
}

Answer<v1::ListLicencesResponse> OperatorUseCases::list_licences(const v1::ListLicencesRequest&,
                                                                 const Caller&) {
  const Registry::Snapshot registry = parts_.registry.get();
  v1::ListLicencesResponse response;
  for (const auto& [id, licence] : registry->licences()) {
    *response.add_licences() = view_of(*licence, registry->chips_of_licence(id));
  }
  for (const CountryCode code : registry->prohibited().countries) response.add_prohibited(code.text());
  for (const std::string& name : registry->prohibited().territories) response.add_prohibited(name);
  for (const auto& [name, territory] : registry->territories())
    *response.add_territories() = view_of(*territory);
  return response;
}

Answer<v1::ListAnchorsResponse> OperatorUseCases::list_anchors(const v1::ListAnchorsRequest&, const Caller&) {
  std::map<AnchorId, AnchorStatus> known;
  for (AnchorStatus& status : parts_.status.anchors()) known.emplace(status.anchor, std::move(status));
  const Registry::Snapshot registry = parts_.registry.get();
  v1::ListAnchorsResponse response;
  for (const auto& [name, anchor] : registry->anchors()) {
    const auto status = known.find(anchor->id);
    *response.add_anchors() = view_of(*anchor, status == known.end() ? nullptr : &status->second);
  }
  return response;
}

}  // namespace chiploc
