#include "server/service/caller.hpp"

#include "server/registry/fields.hpp"
#include "server/service/said.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> wrong_role(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kWrongRole, std::move(text)}};
}

/// "a", "a or b", "a, b or c".
template <class Wanted, class Word>
std::string either_of(const Wanted& wanted, const Word& word) {
  std::vector<std::string> words;
  for (const RoleName& known : kRoles) {
    if (wanted(known)) words.push_back(word(known));
  }
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::string not_a_person(const std::string& unit) {
  return "the role " + shown(unit) + " may not use this service; use a certificate whose OU is " +
         either_of([](const RoleName& known) { return known.person; },
                   [](const RoleName& known) { return std::string{known.unit}; });
}

/// "the role reader may not import; use a registrar's or an admin's certificate".
std::string not_this_role(Role role, const AccessRule& rule) {
  const auto whose = [](const RoleName& known) {
    return (known.unit.front() == 'a' || known.unit.front() == 'o' ? "an " : "a ") + std::string{known.unit} +
           "'s";
  };
  const std::string_view what = rule.what.empty() ? "ask this, which names chips and holders" : rule.what;
  return "the role " + std::string{unit_of(role)} + " may not " + std::string{what} + "; use " +
         either_of([&](const RoleName& known) { return rule.may.has(known.role); }, whose) + " certificate";
}

bool is_person(Role role) {
  for (const RoleName& known : kRoles) {
    if (known.role == role) return known.person;
  }
  return false;
}

/// The holder that the certificate is limited to. An O without a colon is a name for people and limits nothing;
/// one that cannot be followed must not widen what is seen.
Answer<std::optional<std::string>> holder_of(const Identity& identity) {
  std::optional<std::string> holder;
  for (const std::string& organization : identity.organizations) {
    if (organization.find(':') == std::string::npos) continue;
    const bool known = organization.starts_with(kHolderEntity) && organization.size() > kHolderEntity.size();
    if (!known || holder) {
      return wrong_role(
          "the certificate's O " + shown(organization) +
          (holder ? " names a second entity" : " names an entity of no kind that is known here") +
          "; have it issued again with one O, holder:NAME, or without a colon in it");
    }
    holder = organization.substr(kHolderEntity.size());
  }
  return holder;
}

}  // namespace

Answer<Caller> admit(const AccessRule* rule, const Identity& identity,
                     const std::optional<std::string>& reason) {
  if (rule == nullptr) return wrong_role("nobody may make this call: it has no access rule");
  const auto role = role_of_unit(identity.unit);
  if (rule->may.has(Role::kAnchor)) {
    if (role != Role::kAnchor) {
      return wrong_role("the client certificate of '" + identity.common_name + "' has the role '" +
                        identity.unit + "'; only 'anchor' may " + std::string{rule->what});
    }
    return Caller{identity.common_name, *role, std::nullopt, identity.certificate, true, {}, {},
                  rule->method,         {}};
  }
  if (!role || !is_person(*role)) return wrong_role(not_a_person(identity.unit));
  if (!rule->may.has(*role)) return wrong_role(not_this_role(*role, *rule));
  auto holder = holder_of(identity);
  if (!holder) return Fail{holder.error()};
  if (role == Role::kOperator && !*holder) {
    return wrong_role("the role operator is a holder's own, and this " +
                      std::string{identity.account ? "token" : "certificate"} +
                      " names none; have it issued with the entity holder:NAME");
  }
  if (*holder && !rule->by_entity) {
    return wrong_role("a certificate of " + std::string{kHolderEntity} + shown(**holder) + " may not " +
                      std::string{rule->what} +
                      ", which is about more than this holder's chips; use one without a holder");
  }
  if (reason) {
    if (auto fault = said_wrongly(kReasonField.data(), *reason, kReasonMax)) return Fail{*std::move(fault)};
  }
  const bool whole = rule->whole.has(*role) || (reason && whole_with_reason(*rule).has(*role));
  return Caller{identity.common_name, *role,  std::move(*holder), identity.certificate,      whole,
                identity.account,     reason, rule->method,       identity.whole_certificate};
}

Answer<Done> require(const Caller& caller, const AccessRule& rule) {
  if (rule.may.has(caller.role)) return Done{};
  return wrong_role(not_this_role(caller.role, rule));
}

}  // namespace chiploc
