#pragma once
#include <cstdint>
#include <string>

#include "server/service/fault.hpp"

namespace chiploc {

/// What a person may do. A reader sees registry and verdicts without places; an admin sees and does
/// everything.
enum class Role : std::uint8_t { kReader, kAdmin };

/// Who is asking, by the client certificate: CN is the name that goes into the records, OU the role.
struct Caller {
  std::string name;
  Role role = Role::kReader;
};

/// Reads a certificate's OU: "reader" or "admin". Any other (an anchor's, say) is kWrongRole; the text names
/// it.
[[nodiscard]] Answer<Caller> caller_from(const std::string& common_name, const std::string& unit);
/// kWrongRole unless the caller is an admin; `what` completes "a reader may not ...".
[[nodiscard]] Answer<Done> require_admin(const Caller& caller, const std::string& what);

}  // namespace chiploc
