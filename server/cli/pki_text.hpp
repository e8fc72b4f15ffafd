#pragma once
#include <optional>
#include <string>

#include "proto/crypto/certificate.hpp"
#include "server/pki/index.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// How `chiploc pki` shows certificates. `record` is what the authority knows of it; null for one that is not
/// in its index.
[[nodiscard]] Json json_of(const IssuedRecord& record, WallTime now);
[[nodiscard]] Json json_of(const Certificate& certificate, const IssuedRecord* record, WallTime now);
/// Some lines for people: who, which hosts, from when to when, days left, fingerprint, whether it is revoked.
[[nodiscard]] std::string certificate_text(const Certificate& certificate, const IssuedRecord* record,
                                           WallTime now);
[[nodiscard]] Cell state_cell(IssuedState state);
/// Whose rows alone a certificate shows; empty: everybody's.
[[nodiscard]] std::string holder_of(const Certificate& certificate);

}  // namespace chiploc
