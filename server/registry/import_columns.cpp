#include "server/registry/import_columns.hpp"

#include <array>

namespace chiploc {

std::span<const std::string_view> columns_of(ImportKind kind) {
  static constexpr std::array<std::string_view, 2> kMakers{"name", "ca_pem"};
  static constexpr std::array<std::string_view, 7> kChips{"id",      "serial", "maker",          "model",
                                                          "licence", "reach",  "certificate_pem"};
  static constexpr std::array<std::string_view, 5> kLicences{"id", "holder", "countries", "valid_from",
                                                             "valid_to"};
  static constexpr std::array<std::string_view, 9> kAnchors{
      "name", "public_key", "lat", "lon", "uncertainty_km", "operator", "network", "address", "rendezvous"};
  static constexpr std::array<std::string_view, 1> kProhibited{"country"};
  static constexpr std::array<std::string_view, 2> kRevocations{"maker", "crl_pem"};
  static constexpr std::array<std::string_view, 3> kTerritories{"name", "countries", "geojson"};
  switch (kind) {
    case ImportKind::kMakers:
      return kMakers;
    case ImportKind::kChips:
      return kChips;
    case ImportKind::kLicences:
      return kLicences;
    case ImportKind::kAnchors:
      return kAnchors;
    case ImportKind::kProhibitedTerritories:
      return kProhibited;
    case ImportKind::kRevocations:
      return kRevocations;
    case ImportKind::kTerritories:
      return kTerritories;
  }
  return {};
}

JsonForm json_form_of(std::string_view column) {
  if (column == "countries") return JsonForm::kTexts;
  if (column == "ca_pem" || column == "crl_pem" || column == "certificate_pem") return JsonForm::kBlocks;
  if (column == "rendezvous") return JsonForm::kTruth;
  if (column == "geojson") return JsonForm::kObject;
  return JsonForm::kText;
}

}  // namespace chiploc
