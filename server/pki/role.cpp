#include "server/pki/role.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "proto/base/role.hpp"
#include "proto/base/safe_text.hpp"

namespace chiploc {
namespace {

/// An IP address in its shortest form; empty for what is none.
std::string address_text(const std::string& host) {
  std::array<std::uint8_t, 16> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, host.c_str(), address.data()) == 1)
      return ::inet_ntop(family, address.data(), text.data(), text.size());
  }
  return {};
}

bool can_be_shown(std::string_view text) {
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || acts_on_display(*point)) return false;
  }
  return true;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::span<const RoleRule> pki_roles() {
  static const std::vector<RoleRule> kRules = [] {
    std::vector<RoleRule> rules;
    for (const RoleName& role : kRoles) {
      const bool serves = role.role == Role::kCoordinator;
      rules.push_back({role.unit, serves ? CertificatePurpose::kServer : CertificatePurpose::kClient, serves,
                       role.person, role.role == Role::kOperator});
    }
    return rules;
  }();
  return kRules;
}

const RoleRule* pki_role(std::string_view role) {
  const auto rules = pki_roles();
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const RoleRule& rule) { return rule.role == role; });
  return found == rules.end() ? nullptr : &*found;
}

std::string name_problem(std::string_view name) {
  constexpr std::size_t kBytesMax = 64;  // X.520's upper bound of a CN
  if (name.empty() || name.size() > kBytesMax) return "a name has 1 to 64 bytes";
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ' || name.back() == ' ')
    return "a name does not begin with a dot, a dash or a blank, nor end with a blank";
  if (name.find('/') != std::string_view::npos) return "a name has no slash";
  if (ends_with(name, ".pem")) return "a name does not end with .pem, as files do";
  const bool hex = std::all_of(name.begin(), name.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  constexpr std::size_t kSerialDigits = 32;
  if (hex && name.size() == kSerialDigits) return "a name does not look like a serial number";
  return can_be_shown(name) ? "" : "a name is UTF-8 that can be shown";
}

std::string holder_problem(std::string_view holder) {
  constexpr std::size_t kBytesMax = 64 - kHolderEntity.size();  // X.520's upper bound of an O
  if (holder.empty() || holder.size() > kBytesMax)
    return "a holder's name has 1 to " + std::to_string(kBytesMax) + " bytes in a certificate";
  return can_be_shown(holder) ? "" : "a holder's name is UTF-8 that can be shown";
}

IssueRequest leaf_request(const RoleRule& role, const std::string& name,
                          const std::vector<std::string>& hosts, WallTime from, int days) {
  IssueRequest request;
  request.common_name = name;
  request.organizational_unit = role.role;
  request.purpose = role.purpose;
  request.from = from;
  request.days = days;
  if (!role.is_host) return request;
  std::vector<std::string> all{name};
  for (const std::string& host : hosts) {
    if (std::find(all.begin(), all.end(), host) == all.end()) all.push_back(host);
  }
  for (const std::string& host : all) {
    const std::string address = address_text(host);
    (address.empty() ? request.dns_names : request.ip_addresses).push_back(address.empty() ? host : address);
  }
  return request;
}

}  // namespace chiploc
