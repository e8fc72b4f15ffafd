#include "server/service/operator_use_cases.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proto/base/certificate_life.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"
#include "server/service/chip_choice.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/research.hpp"
#include "server/service/status_views.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// A chip with its standing. Fails only if the store's bytes are damaged.
Result<v1::Chip, ApiFault> chip_with_standing(const ChipRecord& record, const ChipStanding& standing,
                                              const Registry& registry) {
  v1::Chip chip = view_of(record, registry);
  chip.set_rounds(standing.rounds);
  if (!standing.latest) return chip;
  auto verdict = read_verdict(standing.latest->summary, VerdictRecord::kFlat);
  if (!verdict) return Fail{verdict.error()};
  *chip.mutable_last_verdict() = std::move(*verdict);
  return chip;
}

}  // namespace

OperatorUseCases::OperatorUseCases(OperatorParts parts) : parts_{std::move(parts)} {
  if (!parts_.hold_of && parts_.follow != nullptr)
    parts_.hold_of = [&reader = parts_.reader, follow = parts_.follow](std::string_view order) {
      return holds_in(reader, follow->order_rules())(order);  // by the rules of that moment
    };
  if (!parts_.steady)
    parts_.steady = [] {
      return SteadyTime{
          std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())};
    };
  feed_ = make_feed();
}

Answer<Done> OperatorUseCases::read_pseudonyms(Caller& caller, google::protobuf::Message& request) const {
  if (caller.role != Role::kResearcher) return Done{};
  if (parts_.research == nullptr) {
    return Fail{ApiFault{ApiFaultCode::kNotReady,
                         "this coordinator has no key for pseudonyms, and its log says why; until then no "
                         "researcher is answered"}};
  }
  caller.research = parts_.research;
  return parts_.research->read(request);
}

OperatorUseCases::Wellness OperatorUseCases::wellness() const {
  AuditQuery one;
  one.limit = 1;
  return {parts_.reader.audit().audit_entries(one).has_value(), !parts_.store.crowded()};
}

Answer<v1::GetStatusResponse> OperatorUseCases::get_status(const v1::GetStatusRequest&,
                                                           const Caller& caller) {
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
  counters["watchers_refused"] = counters_.watchers_refused;
  counters["watchers_slow"] = counters_.watchers_slow;
  counters["status_failures"] = counters_.status_failures;
  counters["enrolled"] = counters_.enrolled;
  counters["enrolment_refused"] = counters_.enrolment_refused;
  counters["certificates_renewed"] = counters_.certificates_renewed;
  counters["api_sealed_shown"] = counters_.looks;
  auto& gauges = *response.mutable_gauges();
  if (parts_.notices != nullptr) {
    const NoticeCounters& notices = parts_.notices->counters();
    counters["notices_muted"] = notices.muted;
    counters["notices_delivered"] = notices.delivered;
    counters["notices_failed"] = notices.failed;
    counters["notices_dead"] = notices.dead;
    counters["notices_turns_failed"] = notices.turns_failed;
    counters["notices_pruned_unsent"] = notices.pruned_unsent;
    gauges["alerts_left_out"] = notices.alerts_left_out;
    const auto standings = parts_.reader.outbox().sink_standings();
    if (!standings) return Fail{fault_of(standings.error())};
    std::uint64_t waiting = 0, dead = 0, off = 0;
    for (const SinkStanding& standing : *standings) {
      waiting += standing.waiting;
      dead += standing.dead;
      off += standing.off ? 1U : 0U;
    }
    gauges["notices_waiting"] = waiting;
    gauges["notices_dead_letters"] = dead;
    gauges["notice_sinks_off"] = off;
  }
  gauges["watchers"] = counters_.watchers;
  gauges["certificate_days_left"] = counters_.certificate_days_left;
  gauges["revocation_list_certificates"] = counters_.revocation_list_certificates;
  gauges["revocation_list_stale"] = counters_.revocation_list_stale;
  gauges["revocation_list_refused"] = counters_.revocation_list_refused;
  const std::vector<AnchorStatus> anchors = parts_.status.anchors();
  gauges["anchors_certificate_ending"] = static_cast<std::uint64_t>(
      std::count_if(anchors.begin(), anchors.end(), [now = parts_.now()](const AnchorStatus& anchor) {
        return anchor.certificate && near_end(*anchor.certificate, now);
      }));
  const Registry::Snapshot registry = registry_for(caller);
  response.set_chips(registry->chips().size());
  if (caller.holder) {
    const auto counted = count_chips(*registry, parts_.reader.verdicts(), {}, parts_.now());
    if (!counted) return Fail{fault_of(counted.error())};
    add_states(counted->by_state, *response.mutable_chips_by_state());
  } else {
    const auto counted = parts_.reader.verdicts().chips_by_state();
    if (!counted) return Fail{fault_of(counted.error())};
    add_states(*counted, *response.mutable_chips_by_state());
  }
  const auto statuses = parts_.reader.statuses().chips_by_status(chips_of(*registry, caller));
  if (!statuses) return Fail{fault_of(statuses.error())};
  add_chip_states(*statuses, *response.mutable_chips_by_status());
  return response;
}

namespace {

/// Leaves of the chips that alone are wanted those of one thing more.
void narrow(std::optional<std::vector<ChipId>>& only, std::vector<ChipId> more) {
  if (!only) {
    only = std::move(more);
    return;
  }
  std::vector<ChipId> both;
  std::set_intersection(only->begin(), only->end(), more.begin(), more.end(), std::back_inserter(both));
  only = std::move(both);
}

/// Chips by the order that brought them, the site that they came to, or an entity of both.
Answer<Done> narrow_by_origin(const v1::ListChipsRequest& request, const Registry& registry,
                              const ApiLimits& limits, ChipWish& wish) {
  const auto by = [&](const char* field, const std::string& text, const auto& find,
                      const auto& chips_of) -> Answer<Done> {
    const auto checked = check_text(field, text, limits);
    if (!checked) return Fail{checked.error()};
    if (checked->empty()) return Done{};
    const auto found = find(registry, *checked);
    if (!found) return Fail{found.error()};
    narrow(wish.only, chips_of(**found));
    return Done{};
  };
  auto done = by("of_order", request.of_order(), find_order,
                 [&](const OrderRecord& order) { return registry.order_chips(order.id); });
  if (done)
    done = by("site", request.site(), find_site,
              [&](const SiteRecord& site) { return registry.site_chips(site.name); });
  if (done)
    done = by("entity", request.entity(), find_entity,
              [&](const EntityRecord& entity) { return registry.entity_chips(entity.name); });
  return done;
}

Answer<ChipWish> wish_of(const v1::ListChipsRequest& request, const Registry& registry,
                         const OperatorParts& parts) {
  ChipWish wish;
  const auto licence = check_text("licence", request.licence(), parts.limits);
  if (!licence) return Fail{licence.error()};
  if (!licence->empty()) {
    const auto found = find_licence(registry, *licence);
    if (!found) return Fail{found.error()};
    wish.licence = *found;
  }
  const auto holder = check_text("holder", request.holder(), parts.limits);
  if (!holder) return Fail{holder.error()};
  if (!holder->empty()) {
    auto found = find_holder(registry, *holder);
    if (!found) return Fail{found.error()};
    wish.holder = std::move(*found);
  }
  if (const auto done = narrow_by_origin(request, registry, parts.limits, wish); !done)
    return Fail{done.error()};
  auto states = check_states(request.states());
  if (!states) return Fail{states.error()};
  wish.states = std::move(*states);
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!until) return Fail{until.error()};
  wish.since = *since;
  wish.until = *until;
  if (request.expired()) wish.expired_by = parts.now();
  if (!v1::ChipOrder_IsValid(request.order())) {
    return Fail{ApiFault{ApiFaultCode::kBadField, "order: " + std::to_string(request.order()) +
                                                      " is no order; use BY_SERIAL to BY_EXPIRES"}};
  }
  wish.order = request.order();
  wish.count = request.with_total();
  return wish;
}

}  // namespace

Answer<v1::ListChipsResponse> OperatorUseCases::list_chips(const v1::ListChipsRequest& request,
                                                           const Caller& caller) {
  const ApiLimits& limits = parts_.limits;
  const std::uint32_t most = request.with_regions() ? limits.chips_page_regions : limits.chips_page;
  const auto size = check_page_size(request.page_size(), most, most);
  if (!size) return Fail{size.error()};
  const auto after = read_chip_token(request.page_token());
  if (!after) return Fail{after.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto wish = wish_of(request, *registry, parts_);
  if (!wish) return Fail{wish.error()};
  VerdictReader& verdicts = parts_.reader.verdicts();
  const auto page = choose_chips(*registry, verdicts, *wish, *after, *size);
  if (!page) return Fail{fault_of(page.error())};

  v1::ListChipsResponse response;
  response.set_total(page->total);
  if (page->more) response.set_next_page_token(chip_token(page->rows.back()));
  std::vector<ChipId> ids;
  for (const ChipCursor& row : page->rows) ids.push_back(row.id);
  const auto standings = verdicts.standings(ids);
  if (!standings) return Fail{fault_of(standings.error())};
  for (const ChipStanding& standing : *standings) {
    auto chip = chip_with_standing(*registry->chip(standing.chip), standing, *registry);
    if (!chip) return Fail{chip.error()};
    if (request.with_regions() && standing.latest) {
      const auto whole = verdicts.verdict(standing.latest->id);
      if (!whole) return Fail{fault_of(whole.error())};
      auto verdict =
          *whole ? read_verdict((*whole)->bytes, (*whole)->format) : Answer<v1::Verdict>{v1::Verdict{}};
      if (!verdict) return Fail{verdict.error()};
      *chip->mutable_last_verdict() = std::move(*verdict);
    }
    *response.add_chips() = std::move(*chip);
  }
  return response;
}

Answer<v1::GetChipResponse> OperatorUseCases::get_chip(const v1::GetChipRequest& request,
                                                       const Caller& caller) {
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto found = registry->find_chip(*text);
  if (!found) return Fail{fault_of(found.error(), *text, *registry)};
  const ChipRecord& record = **found;
  const auto standings = parts_.reader.verdicts().standings({&record.id, 1});
  if (!standings) return Fail{fault_of(standings.error())};
  const auto newest = parts_.reader.verdicts().newest_verdict(record.id);
  if (!newest) return Fail{fault_of(newest.error())};

  v1::Chip chip = view_of(record, *registry);
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
  if (const auto added = add_status(record, chip); !added) return Fail{added.error()};
  v1::GetChipResponse response;
  if (*newest) {
    const auto intent = parts_.reader.rounds().intent((*newest)->round);
    if (!intent) return Fail{fault_of(intent.error())};
    if (*intent) *response.mutable_requested_by() = requester_of(**intent);
  }
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
                                                                 const Caller& caller) {
  const Registry::Snapshot registry = registry_for(caller);
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
