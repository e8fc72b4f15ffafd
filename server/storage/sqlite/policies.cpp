#include "server/storage/sqlite/policies.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::size_t kPolicyTextMax = std::size_t{64} << 10;
constexpr std::size_t kPoliciesMax = 1'000;

constexpr std::string_view kPolicyColumns = R"sql(
  SELECT number, at_unix_ns, activated_by, by_sha256, reason, policy_sha256, toml FROM policies )sql";

PolicyActivation policy_of(const Query& row) {
  PolicyActivation one;
  one.number = row.count(0);
  one.at = row.time(1);
  one.by.name = row.text(2);
  if (!row.is_null(3)) one.by.certificate = row.id<Digest>(3);
  one.reason = row.text(4);
  one.sha256 = row.id<Digest>(5);
  one.toml = row.text(6);
  return one;
}

}  // namespace

Stored<std::vector<PolicyActivation>> read_policies(Database& db, std::size_t limit) {
  auto rows = db.query(std::string{kPolicyColumns} + "ORDER BY number DESC LIMIT ?");
  rows.bind(std::uint64_t{std::min(limit, kPoliciesMax)});
  std::vector<PolicyActivation> out;
  while (rows.next()) out.push_back(policy_of(rows));
  if (rows.failed()) return Fail{db.fault("read the policies")};
  return out;
}

std::optional<PolicyActivation> read_policy(Database& db, std::int64_t number) {
  auto row = db.query(std::string{kPolicyColumns} + "WHERE number = ?");
  if (!row.bind(number).next()) return std::nullopt;
  return policy_of(row);
}

Stored<PolicyActivation> SqlitePolicies::activate(const PolicyActivation& activation) {
  if (activation.toml.size() > kPolicyTextMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "a policy's text has more than 64 KiB"}};
  return writer_.atomically([&]() -> Stored<PolicyActivation> {
    auto row = writer_.db().query(R"sql(
      INSERT INTO policies (at_unix_ns, activated_by, by_sha256, reason, policy_sha256, toml)
      VALUES (?, ?, ?, ?, ?, ?)
      RETURNING number)sql");
    row.bind(activation.at).bind(activation.by.name);
    activation.by.certificate ? row.bind(*activation.by.certificate) : row.bind_null();
    row.bind(activation.reason).bind(activation.sha256).bind(activation.toml);
    if (!row.next()) return Fail{writer_.db().fault("save the policy")};
    PolicyActivation out = activation;
    out.number = row.count(0);
    if (row.next() || row.failed()) return Fail{writer_.db().fault("save the policy")};
    return out;
  });
}

}  // namespace chiploc
