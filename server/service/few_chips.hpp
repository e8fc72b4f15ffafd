#pragma once
#include <optional>
#include <vector>

#include "server/registry/registry.hpp"
#include "server/service/caller.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

/// Whether so many chips are looked up one by one in the store for less than reading everybody's rows takes.
/// Measured on 100,000 chips: a look-up costs some three rows.
[[nodiscard]] inline bool is_few(const Registry& registry, std::size_t chips) {
  constexpr std::size_t kLookUp = 4;
  return chips * kLookUp <= registry.fleet();
}

/// The chips of a registry of these, ascending, where they are few. Null, or empty: any licence, any holder.
/// nullopt: there may be many.
[[nodiscard]] std::optional<std::vector<ChipId>> few_chips(const Registry& registry,
                                                           const LicenceRecord* licence,
                                                           const std::optional<std::string>& holder);

/// The chips that a caller may know: those of the caller's registry, which the filter borrows; or every one.
[[nodiscard]] ChipFilter chips_of(const Registry& registry, const Caller& caller);

}  // namespace chiploc
