#pragma once
#include <cstdint>
#include <string>

#include "proto/base/result.hpp"
#include "server/grpc/status.hpp"

namespace grpc {
class AuthContext;
}

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
[[nodiscard]] Result<Caller, ApiFault> caller_of(const grpc::AuthContext& context);
/// The part that needs no connection.
[[nodiscard]] Result<Caller, ApiFault> caller_from(const std::string& common_name, const std::string& unit);
/// kWrongRole unless the caller is an admin; `what` completes "a reader may not ...".
[[nodiscard]] Result<Done, ApiFault> require_admin(const Caller& caller, const std::string& what);

}  // namespace chiploc
