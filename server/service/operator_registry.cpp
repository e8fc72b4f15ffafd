// The use cases that show the registry in parts: GetLicence, GetTerritory, CompleteName, ListImports and Export.
#include <set>
#include <utility>

#include "server/registry/export.hpp"
#include "server/registry/names.hpp"
#include "server/registry/removal.hpp"
#include "server/service/chip_choice.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/record_views.hpp"
#include "server/service/report_records.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// Names that begin with a text, whatever the case; a few, each once.
class Completions {
 public:
  static constexpr std::size_t kMost = 200;
  explicit Completions(std::string_view prefix) : prefix_{folded(prefix)} {}
  void offer(const std::string& name) {
    if (name.size() < prefix_.size() || folded(std::string_view{name}.substr(0, prefix_.size())) != prefix_)
      return;
    names_.insert(name);
    if (names_.size() > kMost) names_.erase(std::prev(names_.end()));
  }
  template <class Table>
  void offer_all(const Table& table) {
    for (const auto& [name, record] : table) offer(name);
  }
  [[nodiscard]] const std::set<std::string>& names() const { return names_; }

 private:
  std::string prefix_;
  std::set<std::string> names_;
};

constexpr std::size_t kIdDigits = 4;

void offer_chips(const Registry& registry, const std::string& prefix, Completions& out) {
  for (const auto& [id, chip] : registry.chips()) out.offer(chip->serial);
  if (prefix.size() < kIdDigits) return;
  for (const ChipRecord* chip : registry.chips_fitting(prefix, Completions::kMost).first)
    out.offer(device_id_of(*chip));
}

}  // namespace

Answer<v1::GetLicenceResponse> OperatorUseCases::get_licence(const v1::GetLicenceRequest& request,
                                                             const Caller& caller) {
  const auto text = check_text("licence", request.licence(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto licence = find_licence(*registry, *text);
  if (!licence) return Fail{licence.error()};
  ChipWish wish;
  wish.licence = *licence;
  const WallTime now = parts_.now();
  const auto counted = count_chips(*registry, parts_.reader.verdicts(), wish, now);
  if (!counted) return Fail{fault_of(counted.error())};
  v1::GetLicenceResponse response;
  *response.mutable_licence() = view_of(**licence, registry->chips_of_licence((*licence)->id));
  response.set_standing(standing_of(**licence, now));
  add_states(counted->by_state, *response.mutable_chips_by_state());
  response.set_expired(counted->expired);
  constexpr int kConditionsShown = 100;
  for (const std::string& condition : registry->licence_conditions((*licence)->id)) {
    if (response.conditions_size() < kConditionsShown)
      *response.add_conditions() = view_of(*registry->condition(condition));
  }
  response.set_orders(registry->licence_orders((*licence)->id).size());
  for (const std::string& name : (*licence)->places.territories) {
    if (const TerritoryRecord* territory = registry->territory(name))
      *response.add_territories() = view_of(*territory);
  }
  return response;
}

Answer<v1::GetTerritoryResponse> OperatorUseCases::get_territory(const v1::GetTerritoryRequest& request,
                                                                 const Caller& caller) {
  constexpr std::size_t kUsesShown = 100;
  const auto text = check_text("territory", request.territory(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto territory = find_territory(*registry, *text);
  if (!territory) return Fail{territory.error()};
  v1::GetTerritoryResponse response;
  *response.mutable_territory() = view_of(**territory);
  response.set_geojson((*territory)->geojson);
  const RecordUses uses = uses_of(*registry, ImportKind::kTerritories, (*territory)->name, kUsesShown);
  for (const std::string& user : uses.first) response.add_used_by(user);
  response.set_used_by_total(uses.total);
  return response;
}

Answer<v1::CompleteNameResponse> OperatorUseCases::complete_name(const v1::CompleteNameRequest& request,
                                                                 const Caller& caller) {
  const auto prefix = check_text("prefix", request.prefix(), parts_.limits);
  if (!prefix) return Fail{prefix.error()};
  const Registry::Snapshot registry = registry_for(caller);
  Completions found{*prefix};
  switch (request.kind()) {
    case v1::SERIAL_NAMES:
      offer_chips(*registry, *prefix, found);
      break;
    case v1::LICENCE_NAMES:
      found.offer_all(registry->licences());
      break;
    case v1::HOLDER_NAMES:
      for (const auto& [id, licence] : registry->licences()) found.offer(licence->holder);
      break;
    case v1::ANCHOR_NAMES:
      found.offer_all(registry->anchors());
      break;
    case v1::TERRITORY_NAMES:
      found.offer_all(registry->territories());
      break;
    case v1::MAKER_NAMES:
      found.offer_all(registry->makers());
      break;
    case v1::MODEL_NAMES:
      found.offer_all(registry->models());
      break;
    case v1::ENTITY_NAMES:
      found.offer_all(registry->entities());
      break;
    case v1::SITE_NAMES:
      found.offer_all(registry->sites());
      break;
    case v1::ORDER_NAMES:
      found.offer_all(registry->orders());
      break;
    case v1::DELIVERY_NAMES:
      found.offer_all(registry->deliveries());
      break;
    case v1::CONDITION_NAMES:
      found.offer_all(registry->conditions());
      break;
    case v1::CASE_NAMES: {
      auto names = open_case_names(*prefix, caller, Completions::kMost);
      if (!names) return Fail{names.error()};
      for (const std::string& name : *names) found.offer(name);
      break;
    }
    default:
      return Fail{ApiFault{ApiFaultCode::kBadField, "kind: is none; use SERIAL_NAMES to CASE_NAMES"}};
  }
  v1::CompleteNameResponse response;
  for (const std::string& name : found.names()) response.add_names(name);
  return response;
}

Answer<v1::ListImportsResponse> OperatorUseCases::list_imports(const v1::ListImportsRequest& request,
                                                               const Caller&) {
  const auto limit =
      check_page_size(request.limit(), parts_.limits.imports_page, parts_.limits.imports_page_max);
  if (!limit) return Fail{limit.error()};
  const auto entries = parts_.reader.registry().imports(*limit);
  if (!entries) return Fail{fault_of(entries.error())};
  v1::ListImportsResponse response;
  for (const ImportJournalEntry& entry : *entries) *response.add_imports() = view_of(entry);
  return response;
}

Answer<v1::ExportResponse> OperatorUseCases::export_table(const v1::ExportRequest& request,
                                                          const Caller& caller) {
  const auto kind = check_kind("kind", request.kind());
  if (!kind) return Fail{kind.error()};
  const auto after = read_key_token(request.page_token());
  if (!after) return Fail{after.error()};
  const Registry::Snapshot registry = registry_for(caller);
  ExportPage page = export_rows(*registry, *kind, *after, parts_.limits.export_bytes);
  v1::ExportResponse response;
  for (std::string& row : page.rows) response.add_rows(std::move(row));
  if (page.next) response.set_next_page_token(key_token(*page.next));
  response.set_registry_version(registry->version());
  return response;
}

}  // namespace chiploc
