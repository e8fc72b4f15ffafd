#include "server/service/sent_policy.hpp"

#include "server/policy/policy_file.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPolicyBytes = std::size_t{64} << 10;  // its sections have some fifty lines

using PolicyParser = PolicyFile (*)(std::string_view, const std::filesystem::path&);

Checked<PolicyFile> policy_read_by(PolicyParser parse, const v1::PolicyFile& file, const ApiLimits& limits) {
  const auto name = check_text("policy.name", file.name(), limits);
  if (!name) return Fail{name.error()};
  if (file.content().size() > kPolicyBytes) {
    return Fail{
        ApiFault{ApiFaultCode::kBadField,
                 "policy.content: more than " + std::to_string(kPolicyBytes) + " bytes; leave comments out"}};
  }
  PolicyFile read = parse(file.content(), name->empty() ? "policy" : *name);
  if (read.faults.empty()) return read;
  std::string text;
  for (const std::string& fault : read.faults) text += (text.empty() ? "" : "\n") + fault;
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}

}  // namespace

Checked<Policy> sent_policy(const v1::PolicyFile& file, const ApiLimits& limits) {
  auto read = policy_read_by(parse_policy, file, limits);
  if (!read) return Fail{read.error()};
  return std::move(read->policy);
}

Checked<PolicyFile> policy_to_activate(const v1::PolicyFile& file, const ApiLimits& limits) {
  auto read = policy_read_by(parse_policy_to_activate, file, limits);
  if (read && !read->has_policy) {
    return Fail{ApiFault{ApiFaultCode::kBadField,
                         (file.name().empty() ? "policy" : file.name()) +
                             ":1: policy: missing; a policy says by what verdicts are decided: add [policy], "
                             "chiploc policy show has the one in force"}};
  }
  return read;
}

}  // namespace chiploc
