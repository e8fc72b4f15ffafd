#pragma once
// What must hold for every import file, whatever is in it. The first byte chooses the kind; the rest is the
// file.

#include <algorithm>
#include <cstdlib>

#include "server/registry/export.hpp"
#include "server/registry/import.hpp"
#include "server/registry/record_history.hpp"

namespace chiploc {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// The authority that signed the list in the seeds `revocations`.
inline constexpr const char* kFuzzAuthority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhDCCASugAwIBAgIQZ3+gXzxWP9RFCAQUn7puSTAKBggqhkjOPQQDAjASMRAw\n"
    "DgYDVQQDDAdGdXp6IENBMB4XDTI2MDkxOTE0MTMyMFoXDTM2MDkxNjE0MTMyMFow\n"
    "EjEQMA4GA1UEAwwHRnV6eiBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFeJ\n"
    "/pGInUmUrYocaTsZqu93aZI/bOmjSmzKCaYwAm3hFkXdmZ8c5vjsljsTxAvaFnml\n"
    "N89k1vChQD28DCAMaoSjYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD\n"
    "AgEGMB0GA1UdDgQWBBS+8QZuel+sYmz9G05x2tVY4VBBvTAfBgNVHSMEGDAWgBS+\n"
    "8QZuel+sYmz9G05x2tVY4VBBvTAKBggqhkjOPQQDAgNHADBEAiAspYfDKQ6Ih0gr\n"
    "G/etY5oRJ1HULZxTcrOQmBA+zuBdFQIgW1eFqpiQwt5YhplhRDY5hb2jKBwpLXNR\n"
    "54ftoq6b+mY=\n"
    "-----END CERTIFICATE-----\n";

/// What an import meets: for most kinds nothing, for revocation lists the maker that they have to belong to, for
/// what came with orders one of everything that they name.
inline Registry::Snapshot fuzz_base(ImportKind kind) {
  static const Registry::Snapshot base = [] {
    Registry registry;
    registry.put(Maker{"Acme", {kFuzzAuthority}});
    return std::make_shared<const Registry>(std::move(registry));
  }();
  static const Registry::Snapshot ordered = [] {
    const Date day{std::chrono::year{2026}, std::chrono::month{1}, std::chrono::day{1}};
    Registry registry{*base};
    registry.put(LicenceRecord{"L-1", "Holder", {{*CountryCode::from_text("DE")}, {}}, day, day, "", 9});
    registry.put(EntityRecord{
        "A", {EntityRole::kExporter, EntityRole::kBuyer, EntityRole::kEndUser, EntityRole::kOperator}});
    registry.put(SiteRecord{"s-1"});
    registry.put(OrderRecord{"O-1", "L-1", "A", "A", "A", "", 9, day});
    registry.put(OrderRecord{"O-2", "L-1", "A", "A", "A", "A", 9, day});
    return std::make_shared<const Registry>(std::move(registry));
  }();
  if (kind >= ImportKind::kModels) return ordered;
  return kind == ImportKind::kRevocations ? base : nullptr;
}

/// The first byte's kind. These letters came later: the inputs kept before mean what they meant.
inline ImportKind fuzz_kind(std::uint8_t first) {
  switch (first) {
    case 'T':
      return ImportKind::kTerritories;
    case 'M':
      return ImportKind::kModels;
    case 'E':
      return ImportKind::kEntities;
    case 'S':
      return ImportKind::kSites;
    case 'O':
      return ImportKind::kOrders;
    case 'D':
      return ImportKind::kDeliveries;
    case 'C':
      return ImportKind::kConditions;
    default:
      return static_cast<ImportKind>(1 + first % 6);
  }
}

inline int fuzz_import(const std::uint8_t* data, std::size_t size, ImportFormat format) {
  if (size == 0) return 0;
  ImportOptions options;
  options.now = WallTime{std::chrono::seconds{1'790'000'000}};
  options.limits.rows = 200;
  options.limits.field_bytes = 2'000;
  options.limits.crl_bytes = 4'000;
  options.limits.area_bytes = 4'000;
  options.limits.faults = 10;
  options.hold_of = [](std::string_view order) {
    return order == "O-2" ? std::optional{OrderHold{WallTime{}, "held"}} : std::nullopt;
  };
  const auto kind = fuzz_kind(data[0]);
  const ImportFile file{kind, "fuzz", format, {reinterpret_cast<const char*>(data) + 1, size - 1}};
  const ImportPlan plan = plan_import(fuzz_base(kind), {file}, options);
  require(plan.ok() == (plan.registry != nullptr));
  require(plan.faults.size() == std::min<std::size_t>(plan.faults_total, options.limits.faults));
  // A lone CR ends a line of CSV too; JSON knows LF only, so this bounds both.
  const auto lines = 1 + std::count_if(file.content.begin(), file.content.end(),
                                       [](char c) { return c == '\n' || c == '\r'; });
  for (const ImportFault& fault : plan.faults) {
    require(static_cast<std::ptrdiff_t>(fault.line) <= lines);
    require(!fault.problem.empty() && fault.problem.size() < 1'000);
  }
  if (!plan.ok()) return 0;
  require(each_history_entry(plan, [](const HistoryEntry& entry) {
    require(entry.before || entry.after);
    return entry.field.empty() || entry.after->size() <= kHistoryValueBytes;
  }));
  const ImportPlan again = plan_import(plan.registry, {file}, options);
  require(again.ok() && again.added == 0 && again.changed == 0);
  // What is exported is read back as the same.
  std::string rows;
  for (const std::string& row : export_rows(*plan.registry, kind, "", SIZE_MAX).rows)
    rows += (rows.empty() ? "[" : ",") + row;
  if (rows.empty() || kind < ImportKind::kModels) return 0;
  options.limits.rows = 1'000;
  const ImportPlan back =
      plan_import(plan.registry, {{kind, "back", ImportFormat::kJson, rows + "]"}}, options);
  require(back.ok() && back.added == 0 && back.changed == 0);
  return 0;
}

}  // namespace chiploc
