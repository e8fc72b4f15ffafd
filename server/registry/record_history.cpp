#include "server/registry/record_history.hpp"

#include <nlohmann/json.hpp>

#include "server/registry/record_fields.hpp"

namespace chiploc {
namespace {

/// With whole digests: who compares them later has nothing else.
template <class Record>
Fields history_fields(const Record& record) {
  constexpr std::size_t kWhole = 64;
  if constexpr (requires { fields_of(record, kWhole); }) {
    return fields_of(record, kWhole);
  } else {
    return fields_of(record);
  }
}

/// What is empty is left out.
template <class Record>
std::string whole(const Record& record) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const auto& [name, value] : history_fields(record)) {
    if (!value.empty()) out[name] = cut(value, kHistoryPartBytes);
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

using Each = std::function<bool(const HistoryEntry&)>;

template <class Record>
bool add_changed(ImportKind kind, const Record& now, const Record& was, const Each& each) {
  const Fields after = history_fields(now);
  const Fields before = history_fields(was);
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    if (!each({kind, key_of(now), after[i].first, cut(before[i].second, kHistoryValueBytes),
               cut(after[i].second, kHistoryValueBytes)}))
      return false;
  }
  return true;
}

template <class Record>
bool add_gone(ImportKind kind, const Record* record, const Each& each) {
  return record == nullptr || each({kind, key_of(*record), "", whole(*record), std::nullopt});
}

bool add_removed(const Registry& base, const RemovedRecord& removed, const Each& each) {
  const auto& [kind, name] = removed;
  switch (kind) {
    case ImportKind::kMakers:
      return add_gone(ImportKind::kRevocations, base.revocations(name), each) &&
             add_gone(kind, base.maker(name), each);
    case ImportKind::kModels:
      return add_gone(kind, base.model(name), each);
    case ImportKind::kChips: {
      const auto id = DeviceId::from_text(name);
      return !id || add_gone(kind, base.chip(id->chip_id()), each);
    }
    case ImportKind::kEntities:
      return add_gone(kind, base.entity(name), each);
    case ImportKind::kSites:
      return add_gone(kind, base.site(name), each);
    case ImportKind::kLicences:
      return add_gone(kind, base.licence(name), each);
    case ImportKind::kConditions:
      return add_gone(kind, base.condition(name), each);
    case ImportKind::kOrders:
      return add_gone(kind, base.order(name), each);
    case ImportKind::kDeliveries:
      return add_gone(kind, base.delivery(name), each);
    case ImportKind::kAnchors:
      return add_gone(kind, base.anchor(name), each);
    case ImportKind::kTerritories:
      return add_gone(kind, base.territory(name), each);
    case ImportKind::kRevocations:
    case ImportKind::kProhibitedTerritories:
      return true;
  }
  return true;
}

}  // namespace

bool each_history_entry(const ImportPlan& plan, const Each& each) {
  static const Registry kEmpty;
  const Registry& base = plan.base ? *plan.base : kEmpty;
  bool going = true;
  each_table(plan, [&](ImportKind kind, const auto& records) {
    for (const auto& record : records) {
      if (!going) return;
      const auto* known = known_in(base, *record);
      going = known == nullptr ? each({kind, key_of(*record), "", std::nullopt, whole(*record)})
                               : add_changed(kind, *record, *known, each);
    }
  });
  if (going && plan.prohibited_differs) {
    const PlaceChanges places = changes_between(base.prohibited(), plan.registry->prohibited());
    constexpr ImportKind kKind = ImportKind::kProhibitedTerritories;
    for (const std::string& name : places.gone)
      going = going && each({kKind, "", "country", name, std::nullopt});
    for (const std::string& name : places.come)
      going = going && each({kKind, "", "country", std::nullopt, name});
  }
  return going && (!plan.removed || add_removed(base, *plan.removed, each));
}

}  // namespace chiploc
