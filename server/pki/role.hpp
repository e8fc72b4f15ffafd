#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/issue.hpp"

namespace chiploc {

/// What a certificate of a role is like.
struct RoleRule {
  std::string_view role;       ///< its OU
  CertificatePurpose purpose;  ///< coordinator: serverAuth; all others: clientAuth
  bool is_host;                ///< it may name hosts (subject alternative names), its own name first
  bool is_person;              ///< it may be limited to a holder's rows
  bool needs_holder;           ///< it has to be: nobody lets it in otherwise
};
/// Those of kRoles, in their order.
[[nodiscard]] std::span<const RoleRule> pki_roles();
/// nullptr: no such role.
[[nodiscard]] const RoleRule* pki_role(std::string_view role);

/// Why nobody can be called that; empty for a good name: 1 to 64 bytes of UTF-8 that a folder, a log line and a
/// terminal can show, and that is neither a serial number nor a file's name.
[[nodiscard]] std::string name_problem(std::string_view name);

/// Why no licence's holder can be called that, as far as a certificate is concerned; empty for a good name.
[[nodiscard]] std::string holder_problem(std::string_view holder);

/// What an authority signs for this role and name. A coordinator's own name becomes its first host.
/// Takes     Hosts as DNS names and IP addresses; `from` is the first moment of validity.
[[nodiscard]] IssueRequest leaf_request(const RoleRule& role, const std::string& name,
                                        const std::vector<std::string>& hosts, WallTime from, int days);

}  // namespace chiploc
