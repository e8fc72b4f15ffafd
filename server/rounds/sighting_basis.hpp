#pragma once
#include <optional>

#include "proto/crypto/digest.hpp"
#include "server/registry/registry.hpp"
#include "server/verifier/sighting.hpp"

namespace chiploc {

/// What a sighting rests on, as the store keeps it: format 1, SHA-256 of the device key
/// (SubjectPublicKeyInfo), then for each anchor its id, latitude, longitude and uncertainty (IEEE 754,
/// big-endian).
[[nodiscard]] ByteVector basis_bytes(const Sighting& sighting, const Digest& device_key);

/// Why a sighting of `basis` cannot be held against a chip with `device_key` now; nothing if it can.
enum class BasisFault {
  kUnknown,        ///< of before it was recorded, or not readable
  kKeyChanged,     ///< the chip has another key now: where the old one was says nothing of this one
  kAnchorChanged,  ///< an anchor has another place, uncertainty or key in the registry, or is gone from it
};
/// A place that rested on an anchor where it is not now believed to be is no place: nothing follows from it,
/// least of all that the chip has travelled.
[[nodiscard]] std::optional<BasisFault> basis_fault(Bytes basis, const Digest& device_key,
                                                    const Registry& registry);
/// Stable lower_snake_case name, for counters.
[[nodiscard]] std::string_view name_of(BasisFault fault);

}  // namespace chiploc
