#include "server/service/sent_policy.hpp"

#include "server/policy/policy_file.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPolicyBytes = std::size_t{64} << 10;  // the section has some ten lines

using PolicyParser = PolicyFile (*)(std::string_view, const std::filesystem::path&);

Checked<Policy> policy_read_by(PolicyParser parse, const v1::PolicyFile& file, const ApiLimits& limits) {
  const auto name = check_text("policy.name", file.name(), limits);
  if (!name) return Fail{name.error()};
  if (file.content().size() > kPolicyBytes) {
    return Fail{ApiFault{ApiFaultCode::kBadField, "policy.content: more than " +
                                                      std::to_string(kPolicyBytes) +
                                                      " bytes; send the section [policy] alone"}};
  }
  PolicyFile read = parse(file.content(), name->empty() ? "policy" : *name);
  if (read.faults.empty()) return std::move(read.policy);
  std::string text;
  for (const std::string& fault : read.faults) text += (text.empty() ? "" : "\n") + fault;
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}

}  // namespace

Checked<Policy> sent_policy(const v1::PolicyFile& file, const ApiLimits& limits) {
  return policy_read_by(parse_policy, file, limits);
}

Checked<Policy> policy_to_activate(const v1::PolicyFile& file, const ApiLimits& limits) {
  return policy_read_by(parse_policy_to_activate, file, limits);
}

}  // namespace chiploc
