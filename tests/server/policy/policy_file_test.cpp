#include "server/policy/policy_file.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using Faults = std::vector<std::string>;

TEST_CASE("policy file: the keys of chiplocd.toml, and what is absent is the default") {
  const PolicyFile read = parse_policy("[policy]\nfaults = 2\nspeed = \"fibre\"\npings = 8\n", "/etc/p.toml");
  CHECK(read.faults.empty());
  CHECK(read.policy.fault_budget == 2);
  CHECK(read.policy.speed == kLightInFibre);
  CHECK(read.policy.speed_name == "fibre");
  CHECK(read.policy.lifetime == 24h);
  CHECK(read.policy.version == "policy-1 fibre faults=2 pings=8 lifetime_s=86400");
  const PolicyFile empty = parse_policy("", "p.toml");
  CHECK(empty.faults.empty());
  CHECK(differences(empty.policy, Policy{}).empty());
}

TEST_CASE("policy file: each fault names its file and line") {
  const auto faults = [](const std::string& text) { return parse_policy(text, "/etc/p.toml").faults; };
  const auto begins = [](const Faults& all, const std::string& head) {
    return all.size() == 1 && all[0].compare(0, head.size(), head) == 0;
  };
  CHECK(begins(faults("[policy]\nfaults = 17\n"), "/etc/p.toml:2: policy.faults: "));
  CHECK(begins(faults("[policy]\n\nspeed = \"warp\"\n"), "/etc/p.toml:3: policy.speed: "));
  CHECK(begins(faults("[policy]\nverdict_lifetime_s = 1\n"), "/etc/p.toml:2: policy.verdict_lifetime_s: "));
  CHECK(begins(faults("[policy]\nfault = 1\n"), "/etc/p.toml:2: policy.fault: "));
  const auto daemons = faults("[policy]\n[tls]\nca = \"x\"\n");  // the whole file in place of its section's
  REQUIRE(daemons.size() == 2);
  CHECK(daemons[0].find("chiplocd") != std::string::npos);
  CHECK(begins({daemons[1]}, "/etc/p.toml:2: tls"));
  CHECK(begins(faults("[policy\n"), "/etc/p.toml:1: "));
  CHECK(load_policy("/nowhere/p.toml").faults.size() == 1);
}

}  // namespace
}  // namespace chiploc
