#include "server/cli/past_policies.hpp"

#include <algorithm>

#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// Empty: not on record.
Result<std::string, CliFault> version_of(Client& client, const v1::Chip& chip, const std::string& verdict) {
  if (chip.last_verdict().verdict_id() == verdict) return chip.last_verdict().policy_version();
  v1::GetVerdictRequest request;
  request.set_verdict(hex_of(verdict));
  const auto answer = client.verdict(request);
  if (!answer) return Fail{answer.error()};
  return answer->verdict().policy_version();
}

}  // namespace

Result<std::vector<std::string>, CliFault> past_policies(Client& client, const v1::Chip& chip) {
  std::vector<std::string> out;
  for (const std::string& verdict : chip.status().rests_on()) {
    auto version = version_of(client, chip, verdict);
    if (!version) return Fail{version.error()};
    if (!version->empty() && std::find(out.begin(), out.end(), *version) == out.end())
      out.push_back(*std::move(version));
  }
  if (out.empty()) return out;
  const auto now = client.policy();
  if (!now) return Fail{now.error()};
  out.erase(std::remove(out.begin(), out.end(), now->version()), out.end());
  return out;
}

Result<StatusNotes, CliFault> status_notes(Client& client, const v1::Chip& chip) {
  auto policies = past_policies(client, chip);
  if (!policies) return Fail{policies.error()};
  return StatusNotes{status_reader(client), *std::move(policies)};
}

StatusFor status_reader(const Client& client) {
  return client.of_entity() ? StatusFor::kEntity : StatusFor::kOverseer;
}

}  // namespace chiploc
