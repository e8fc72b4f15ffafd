#pragma once
// What must hold for every import file, whatever is in it. The first byte chooses the kind; the rest is the
// file.

#include <algorithm>
#include <cstdlib>

#include "server/registry/import.hpp"

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

/// What an import meets: nothing, or, for revocation lists, the maker that they have to belong to.
inline Registry::Snapshot fuzz_base(ImportKind kind) {
  if (kind != ImportKind::kRevocations) return nullptr;
  static const Registry::Snapshot base = [] {
    Registry registry;
    registry.put(Maker{"Acme", {kFuzzAuthority}});
    return std::make_shared<const Registry>(std::move(registry));
  }();
  return base;
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
  // 'T' came last: the inputs kept before mean what they meant.
  const auto kind = data[0] == 'T' ? ImportKind::kTerritories : static_cast<ImportKind>(1 + data[0] % 6);
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
  const ImportPlan again = plan_import(plan.registry, {file}, options);
  require(again.ok() && again.added == 0 && again.changed == 0);
  return 0;
}

}  // namespace chiploc
