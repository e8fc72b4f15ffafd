#pragma once
#include "proto/crypto/certificate.hpp"
#include "server/registry/registry.hpp"

namespace chiploc {

/// Whether a chip's maker vouches for its certificate at this moment: asked at the start of every round,
/// since import asked once, perhaps a year ago.
///
/// Demands   a path over the chip's own device CAs, if it has any, to one of the maker's authorities, all of
///           it valid at `now`; and, once the maker gave revocation lists, a current one of each authority on
///           the path that covers what it issued and does not name it.
/// Fails     kUntrusted for an unknown maker; the rest as verify_device. A list that is missing or stale is a
///           fault of its own (kCrlUnusable, kCrlStale): it says nothing about the chip.
/// Cost      authorities and lists are in the registry in parsed form; what remains is a few signatures, and
///           a hash over the lists of this path (README.md has figures).
[[nodiscard]] Result<Done, CertificateFault> vouched_for(const Registry& registry, const ChipRecord& chip,
                                                         WallTime now);

}  // namespace chiploc
