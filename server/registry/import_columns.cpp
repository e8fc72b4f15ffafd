#include "server/registry/import_columns.hpp"

#include <array>

namespace chiploc {
namespace {

template <std::size_t N>
using Names = std::array<std::string_view, N>;

constexpr Names<2> kMakers{"name", "ca_pem"};
constexpr Names<4> kModels{"name", "maker", "eccn", "note"};
constexpr Names<8> kChips{"id",      "serial", "maker",           "model",
                          "licence", "reach",  "certificate_pem", "delivery"};
constexpr Names<5> kEntities{"name", "roles", "country", "watch_reason", "watch_since"};
constexpr Names<4> kSites{"name", "operator", "place", "address"};
constexpr Names<7> kLicences{"id", "holder", "countries", "valid_from", "valid_to", "end_user", "quantity"};
constexpr Names<8> kConditions{"id",       "licence",         "kind", "due", "share_percent",
                               "evidence", "evidence_sha256", "met"};
constexpr Names<8> kOrders{"id",       "licence",  "exporter", "buyer",
                           "end_user", "quantity", "placed",   "operator"};
constexpr Names<6> kDeliveries{"id", "order", "site", "date", "quantity", "override_reason"};
constexpr Names<9> kAnchors{"name",     "public_key", "lat",     "lon",       "uncertainty_km",
                            "operator", "network",    "address", "rendezvous"};
constexpr Names<1> kProhibited{"country"};
constexpr Names<2> kRevocations{"maker", "crl_pem"};
constexpr Names<3> kTerritories{"name", "countries", "geojson"};

}  // namespace

KindColumns columns_of(ImportKind kind) {
  switch (kind) {
    case ImportKind::kMakers:
      return {kMakers};
    case ImportKind::kModels:
      return {kModels, 1};
    case ImportKind::kChips:
      return {kChips, 1};
    case ImportKind::kEntities:
      return {kEntities, 2};
    case ImportKind::kSites:
      return {kSites, 3};
    case ImportKind::kLicences:
      return {kLicences, 2};
    case ImportKind::kConditions:
      return {kConditions, 4};
    case ImportKind::kOrders:
      return {kOrders, 1};
    case ImportKind::kDeliveries:
      return {kDeliveries, 1};
    case ImportKind::kAnchors:
      return {kAnchors};
    case ImportKind::kProhibitedTerritories:
      return {kProhibited};
    case ImportKind::kRevocations:
      return {kRevocations};
    case ImportKind::kTerritories:
      return {kTerritories};
  }
  return {};
}

std::string_view word_of(ImportKind kind) {
  switch (kind) {
    case ImportKind::kMakers:
      return "maker";
    case ImportKind::kModels:
      return "model";
    case ImportKind::kChips:
      return "chip";
    case ImportKind::kEntities:
      return "entity";
    case ImportKind::kSites:
      return "site";
    case ImportKind::kLicences:
      return "licence";
    case ImportKind::kConditions:
      return "condition";
    case ImportKind::kOrders:
      return "order";
    case ImportKind::kDeliveries:
      return "delivery";
    case ImportKind::kAnchors:
      return "anchor";
    case ImportKind::kProhibitedTerritories:
      return "prohibited place";
    case ImportKind::kRevocations:
      return "set of revocations";
    case ImportKind::kTerritories:
      return "territory";
  }
  return "record";
}

JsonForm json_form_of(std::string_view column) {
  if (column == "countries" || column == "roles") return JsonForm::kTexts;
  if (column == "ca_pem" || column == "crl_pem" || column == "certificate_pem") return JsonForm::kBlocks;
  if (column == "rendezvous") return JsonForm::kTruth;
  if (column == "geojson") return JsonForm::kObject;
  return JsonForm::kText;
}

}  // namespace chiploc
