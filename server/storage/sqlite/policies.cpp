#include "server/storage/sqlite/policies.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::size_t kPolicyTextMax = std::size_t{64} << 10;
constexpr std::size_t kPoliciesMax = 1'000;

}  // namespace

Stored<std::vector<PolicyActivation>> read_policies(Database& db, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT number, at_unix_ns, activated_by, by_sha256, reason, policy_sha256, toml
    FROM policies ORDER BY number DESC LIMIT ?)sql");
  rows.bind(std::uint64_t{std::min(limit, kPoliciesMax)});
  std::vector<PolicyActivation> out;
  while (rows.next()) {
    PolicyActivation& one = out.emplace_back();
    one.number = rows.count(0);
    one.at = rows.time(1);
    one.by.name = rows.text(2);
    if (!rows.is_null(3)) one.by.certificate = rows.id<Digest>(3);
    one.reason = rows.text(4);
    one.sha256 = rows.id<Digest>(5);
    one.toml = rows.text(6);
  }
  if (rows.failed()) return Fail{db.fault("read the policies")};
  return out;
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
