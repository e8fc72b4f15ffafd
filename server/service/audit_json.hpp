#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// number, at, name, role, reason, method, subject, records, issuer, account, certificate_sha256.
[[nodiscard]] Json json_of(const v1::AuditRecord& record);

}  // namespace chiploc
