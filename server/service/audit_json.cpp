#include "server/service/audit_json.hpp"

namespace chiploc {

Json json_of(const v1::AuditRecord& record) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"number", record.number()},
          {"at", iso_time(record.at_unix_ns())},
          {"name", record.name()},
          {"role", record.role()},
          {"reason", or_null(record.reason())},
          {"method", record.method()},
          {"subject", record.subject()},
          {"records", record.records()},
          {"issuer", or_null(record.issuer())},
          {"account", or_null(record.account())},
          {"certificate_sha256", or_null(hex_of(record.certificate_sha256()))}};
}

}  // namespace chiploc
