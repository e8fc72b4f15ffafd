// Names of kinds and forms.
#include <algorithm>
#include <array>

#include "server/reports/report.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kReportKinds> kKindNames{"act", "fleet", "order", "operator"};
constexpr std::array<std::string_view, kReportForms> kFormNames{"json", "csv", "geojson", "pdf"};

template <class Names>
std::optional<std::size_t> place_in(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string_view name_of(ReportKind kind) { return kKindNames.at(static_cast<std::size_t>(kind) - 1); }
std::optional<ReportKind> report_kind_of(std::string_view name) {
  const auto at = place_in(kKindNames, name);
  return at ? std::optional{static_cast<ReportKind>(*at + 1)} : std::nullopt;
}
std::string_view name_of(ReportForm form) { return kFormNames.at(static_cast<std::size_t>(form) - 1); }
std::optional<ReportForm> report_form_of(std::string_view name) {
  const auto at = place_in(kFormNames, name);
  return at ? std::optional{static_cast<ReportForm>(*at + 1)} : std::nullopt;
}

}  // namespace chiploc
