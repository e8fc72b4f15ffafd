#include "server/registry/import.hpp"

#include <algorithm>
#include <array>

#include "proto/crypto/digest.hpp"
#include "server/registry/importer.hpp"

namespace chiploc {
namespace {

/// Kinds in the order in which they can be checked: what others refer to comes first.
constexpr std::array kOrder{ImportKind::kMakers,
                            ImportKind::kModels,
                            ImportKind::kTerritories,
                            ImportKind::kEntities,
                            ImportKind::kSites,
                            ImportKind::kLicences,
                            ImportKind::kConditions,
                            ImportKind::kOrders,
                            ImportKind::kDeliveries,
                            ImportKind::kAnchors,
                            ImportKind::kProhibitedTerritories,
                            ImportKind::kRevocations,
                            ImportKind::kChips};

std::size_t field_bytes_of(ImportKind kind, const ImportLimits& limits) {
  switch (kind) {
    case ImportKind::kRevocations:
      return limits.crl_bytes;
    case ImportKind::kTerritories:
      return limits.area_bytes;
    case ImportKind::kMakers:
      return limits.ca_bytes;
    case ImportKind::kChips:
      return limits.chain_bytes;
    default:
      return limits.field_bytes;
  }
}

/// What makes a row of a drawing as map programs write it.
constexpr std::string_view kBeforeDrawing = R"([{"name": "my-site", "countries": [], "geojson": )";
constexpr std::string_view kBehindDrawing = "}]";

bool begins_as_object(std::string_view content) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && content[first] == '{';
}

}  // namespace

Importer::Importer(const Registry& base, Registry::Snapshot snapshot, const std::vector<ImportFile>& files,
                   const ImportOptions& options)
    : base_{base}, files_{files}, options_{options}, next_{base} {
  budget_ = {options.limits.rows, options.limits.rows, options.limits.field_bytes};
  plan_.base_version = base_.version();
  plan_.base = std::move(snapshot);
  for (const ImportFile& file : files_) {
    logs_.emplace_back(file.name, options.limits.faults);
    plan_.files.push_back({file.kind, file.name, sha256(bytes_of(file.content)), 0});
  }
}

ImportPlan Importer::run() {
  for (std::size_t f = 0; f < files_.size(); ++f) check_file(f);
  for (const ImportKind kind : kOrder) {
    const ImportPlan::Counts before{plan_.added, plan_.changed, plan_.unchanged};
    for (std::size_t f = 0; f < files_.size(); ++f) {
      if (files_[f].kind == kind) read_file(f);
    }
    if (kind == ImportKind::kProhibitedTerritories) finish_prohibited();
    const ImportPlan::Counts counts{plan_.added - before.added, plan_.changed - before.changed,
                                    plan_.unchanged - before.unchanged};
    if (counts.added + counts.changed + counts.unchanged > 0) plan_.by_kind[kind] = counts;
  }
  verify_certificates();
  check_anchors();
  check_lost_roles();
  check_moved_orders();
  check_delivery_amounts();
  check_chip_amounts();
  check_uncovered();
  check_sizes();
  return finish();
}

void Importer::check_file(std::size_t f) {
  const ImportFile& file = files_[f];
  if (columns_of(file.kind).all.empty()) {
    fault({f, 0}, "",
          "kind of file " + std::to_string(static_cast<int>(file.kind)) +
              " is not known; give makers, models, chips, entities, sites, licences, conditions, orders, "
              "deliveries, anchors, territories, prohibited territories or revocations");
  }
  if (file.format != ImportFormat::kCsv && file.format != ImportFormat::kJson)
    fault({f, 0}, "", "format is not known; give csv or json");
  if (file.content.size() > options_.limits.file_bytes) {
    fault({f, 0}, "",
          "has " + std::to_string(file.content.size()) + " bytes; at most " +
              std::to_string(options_.limits.file_bytes) + " are allowed, import in several files");
  }
}

void Importer::read_file(std::size_t f) {
  read_rows_of(f);
  if (logs_[f].total() > 0 && plan_.files[f].rows == 0) unread_.insert(files_[f].kind);
}

void Importer::read_rows_of(std::size_t f) {
  if (logs_[f].total() > 0) return;
  const ImportFile& file = files_[f];
  const auto take = [&](Row row) {
    ++plan_.files[f].rows;
    take_row(f, row);
  };
  if (file.kind == ImportKind::kTerritories && file.format == ImportFormat::kJson &&
      begins_as_object(file.content)) {
    return fault(
        {f, 1}, "",
        "is an object, as a drawing in GeoJSON is; import takes rows with a name for each. If it is a "
        "drawing, write " +
            std::string{kBeforeDrawing} + " before it and " + std::string{kBehindDrawing} +
            " behind it, with a name of your own; features that are to be several territories "
            "take a row each");
  }
  budget_.field_bytes = field_bytes_of(file.kind, options_.limits);
  if (file.kind == ImportKind::kChips) return read_chips(f);
  read_rows(f, logs_[f], take);
}

void Importer::read_rows(std::size_t f, FaultLog& faults, const RowSink& take) {
  const ImportFile& file = files_[f];
  const KindColumns columns = columns_of(file.kind);
  if (file.format == ImportFormat::kJson) {
    read_json(file.content, columns.all, json_form_of, budget_, faults, take, columns.optional);
  } else {
    read_csv(file.content, columns.all, budget_, faults, take, OtherColumns::kRefuse, columns.optional);
  }
}

void Importer::take_row(std::size_t f, const Row& row) {
  faulty_.clear();
  switch (files_[f].kind) {
    case ImportKind::kMakers:
      return take_maker(f, row);
    case ImportKind::kLicences:
      return take_licence(f, row);
    case ImportKind::kAnchors:
      return take_anchor(f, row);
    case ImportKind::kProhibitedTerritories:
      return take_prohibited(f, row);
    case ImportKind::kRevocations:
      return take_revocations(f, row);
    case ImportKind::kTerritories:
      return take_territory(f, row);
    case ImportKind::kChips:
      return;  // read_chips
    case ImportKind::kModels:
      return take_model(f, row);
    case ImportKind::kEntities:
      return take_entity(f, row);
    case ImportKind::kSites:
      return take_site(f, row);
    case ImportKind::kConditions:
      return take_condition(f, row);
    case ImportKind::kOrders:
      return take_order(f, row);
    case ImportKind::kDeliveries:
      return take_delivery(f, row);
  }
}

void Importer::fault(Place place, std::string_view field, std::string problem) {
  logs_[place.file].add(place.line, field, std::move(problem));
}

bool Importer::first_with_key(std::size_t f, const Row& row, const std::string& key,
                              std::string_view as_given) {
  const Place place{f, row.line};
  const auto [at, fresh] = places_[files_[f].kind].emplace(key, place);
  if (fresh) return true;
  constexpr std::size_t kWhole = 64;  // the longest id, of which no digit may be missing
  fault(place, row.columns.front(),
        (as_given.size() <= kWhole ? "\"" + std::string{as_given} + "\"" : shown(as_given)) + " stands in " +
            files_[at->second.file].name + " line " + std::to_string(at->second.line) +
            " already; keep one of the two");
  return false;
}

Importer::Place Importer::place_of(ImportKind kind, const std::string& key) { return places_[kind][key]; }

ImportPlan Importer::finish() {
  for (FaultLog& log : logs_) {
    plan_.faults_total += log.total();
    for (ImportFault& fault : log.take()) {
      if (plan_.faults.size() < options_.limits.faults) plan_.faults.push_back(std::move(fault));
    }
  }
  if (!plan_.ok()) {
    ImportPlan refused;
    refused.faults = std::move(plan_.faults);
    refused.faults_total = plan_.faults_total;
    refused.base_version = plan_.base_version;
    refused.base = std::move(plan_.base);
    refused.files = std::move(plan_.files);
    return refused;
  }
  next_.set_version(base_.version() + 1);
  plan_.registry = std::make_shared<const Registry>(std::move(next_));
  return std::move(plan_);
}

ImportPlan plan_import(const Registry::Snapshot& base, const std::vector<ImportFile>& files,
                       const ImportOptions& options) {
  static const Registry kEmpty;
  return Importer{base ? *base : kEmpty, base, files, options}.run();
}

}  // namespace chiploc
