#pragma once
#include <string>

#include "server/registry/registry.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

/// What a licence and the prohibited list of this registry claim: groups taken apart into countries, names
/// into areas. Import and the store refuse names that no territory has, so none is met here; one would claim
/// nothing.
[[nodiscard]] Claim claim_of(const Registry& registry, const LicenceRecord& licence, WallTime now);

/// The site that a licence is for: the name of its area, where it names one area and nothing else; else
/// empty.
[[nodiscard]] std::string site_of(const Claim& claim);

}  // namespace chiploc
