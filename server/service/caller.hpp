#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "server/service/access.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

class Certificate;
class Research;

/// Who a person is to the issuer of a token: a name may be given to another one day, these two together never are.
struct TokenAccount {
  std::string issuer, subject;  ///< `iss` and `sub`
  friend bool operator==(const TokenAccount&, const TokenAccount&) = default;
};

/// What a client certificate says of its holder, or a token (server/oidc) in the same words.
struct Identity {
  std::string common_name;                   ///< the name that goes into the records
  std::string unit;                          ///< the role
  std::vector<std::string> organizations{};  ///< every O of the subject
  std::optional<Digest> certificate{};       ///< SHA-256 of its DER; nullopt: it was a token
  std::optional<TokenAccount> account{};     ///< whose token it was; nullopt: it was a certificate
  /// The certificate itself, where this call came with it; null: a token, or a session of the page.
  std::shared_ptr<const Certificate> whole_certificate{};
};

/// Who is calling, and how far this call goes for them.
struct Caller {
  std::string name;
  Role role = Role::kReader;
  /// The entity whose rows alone they see: chips of licences that this holder has. nullopt: everybody's.
  std::optional<std::string> holder{};
  std::optional<Digest> certificate{};
  bool sees_all = false;  ///< of this call's answer: nothing is sealed
  std::optional<TokenAccount> account{};
  /// Why they want to see what is sealed, as they said it with this call. It goes into the audit log.
  std::optional<std::string> reason{};
  std::string_view method{};                               ///< the call, as the rules have it
  std::shared_ptr<const Certificate> whole_certificate{};  ///< as Identity's
  /// Of a researcher: what turns names into pseudonyms (OperatorUseCases::read_pseudonyms); without it they see nothing.
  const Research* research = nullptr;
};

/// The metadata of gRPC, or the field of HTTP, in which a person says why: 1 to kReasonMax bytes.
inline constexpr std::string_view kReasonField = "chiploc-reason";
inline constexpr std::size_t kReasonMax = 200;

/// Lets a certificate's holder make a call or not: by the call's rule, the OU (kRoles, exactly) and the O
/// (kHolderEntity). kWrongRole with a sentence that names the role; also where there is no rule, and where an O
/// names an entity of a kind that is not known here, and for an operator without an entity. `reason` is the field
/// kReasonField of the call; kBadField where it cannot be kept.
[[nodiscard]] Answer<Caller> admit(const AccessRule* rule, const Identity& identity,
                                   const std::optional<std::string>& reason = {});
/// For a field that asks for more than its call does: kWrongRole unless the caller's role is in the rule.
[[nodiscard]] Answer<Done> require(const Caller& caller, const AccessRule& rule);

}  // namespace chiploc
