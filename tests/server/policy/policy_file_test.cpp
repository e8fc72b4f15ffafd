#include "server/policy/policy_file.hpp"

#include "proto/crypto/digest.hpp"
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
  CHECK(read.policy.version == "policy-2 fibre faults=2 lifetime_s=86400");
  const PolicyFile empty = parse_policy("", "p.toml");
  CHECK(empty.faults.empty());
  CHECK(differences(empty.policy, Policy{}).empty());
}

TEST_CASE("policy file: a policy is written so that it is read back") {
  for (const auto& [speed, name] : {std::pair{kLightInVacuum, "vacuum"}, {kLightInFibre, "fibre"}}) {
    const Policy policy{.speed = speed, .speed_name = name, .fault_budget = 3, .lifetime = 90s};
    PolicyFile read = parse_policy(policy_text(policy), "p.toml");
    CHECK(read.faults.empty());
    CHECK(read.policy.version == version_of(policy));
    read.policy.version.clear();
    CHECK(read.policy == policy);
  }
}

TEST_CASE("policy file: what is asked of a clearance and of an accusation, and what is absent is as before") {
  const auto read = [](const std::string& keys) {
    const PolicyFile file = parse_policy("[policy]\nfaults = 1\n" + keys, "p.toml");
    CHECK(file.faults.empty());
    return file.policy;
  };
  Policy policy = read("faults_to_clear = 2\nfaults_to_accuse = 4\n");
  CHECK(policy.faults_to_clear() == 2);
  CHECK(policy.faults_to_accuse() == 4);
  CHECK(policy.version == "policy-2 vacuum faults=1 faults_to_clear=2 faults_to_accuse=4 lifetime_s=86400");
  CHECK(
      version_of(policy, 12).find("policy-1 vacuum faults=1 faults_to_clear=2 faults_to_accuse=4 pings=12") ==
      0);
  CHECK(version_of(policy, Digest{}).find("policy-3 vacuum faults=1 faults_to_clear=2 faults_to_accuse=4 ") ==
        0);
  CHECK(parse_policy(policy_text(policy), "p.toml").policy == policy);
  policy = read("faults_to_clear = 3\n");
  CHECK(policy.faults_to_accuse() == 3);
  CHECK(policy.version == "policy-2 vacuum faults=1 faults_to_clear=3 lifetime_s=86400");
  policy = read("faults_to_accuse = 3\n");
  CHECK(policy.faults_to_clear() == 1);
  CHECK(policy.faults_to_accuse() == 3);
  // As many as their absence means: the same policy, to the byte.
  CHECK(read("faults_to_clear = 1\nfaults_to_accuse = 1\n") == read(""));
  CHECK(digest_of(read("faults_to_accuse = 1\n")) == digest_of(read("")));
  CHECK(read("").version == "policy-2 vacuum faults=1 lifetime_s=86400");
}

TEST_CASE("policy file: one that is to be put in force has no keys of measuring, each named") {
  const PolicyFile good = parse_policy_to_activate("# why\n[policy]\nfaults = 2\n", "p.toml");
  CHECK(good.faults.empty());
  CHECK(good.policy.fault_budget == 2);
  CHECK(good.policy.version == "policy-2 vacuum faults=2 lifetime_s=86400");
  const PolicyFile all = parse_policy_to_activate(
      "[policy]\npings = 8\nping_interval_ms = 40\nprepare_deadline_ms = 3000\nround_deadline_ms = 15000\n"
      "linger_ms = 2000\nknock_interval_ms = 30000\nknock_wait_ms = 180000\nanchors_per_round = 8\n",
      "p.toml");
  REQUIRE(all.faults.size() == 8);
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(all.faults[i].starts_with("p.toml:" + std::to_string(i + 2) + ": policy."));
    CHECK(all.faults[i].find("is about measuring") != std::string::npos);
  }
  // What a daemon's section may say beside it, it says all of: nothing joins that list unseen.
  TomlReader file = TomlReader::parse("[policy]\n", "p.toml");
  TomlSection section = file.section("policy");
  static_cast<void>(read_policy_keys(section));
  CHECK(file.asked().size() == 5 + 8);
}

TEST_CASE("policy file: with more than [policy] its version names the text, and so the digest does") {
  const std::string text = "[policy]\nfaults = 2\n[orders]\nhold_least = 5\n";
  const PolicyFile read = parse_policy_to_activate(text, "p.toml");
  CHECK(read.faults.empty());
  CHECK(read.has_policy);
  CHECK(read.has == RuleSections{RuleSection::kOrders});
  CHECK(read.rules.orders.hold_least == 5);
  CHECK(read.policy.version ==
        "policy-3 vacuum faults=2 lifetime_s=86400 text=" + to_hex(sha256(bytes_of(text)).bytes));
  CHECK(parse_policy(text, "p.toml").policy == read.policy);
  const PolicyFile commented = parse_policy_to_activate(text + "# why\n", "p.toml");
  CHECK(digest_of(commented.policy) != digest_of(read.policy));
  // [policy] alone: as before there were others, comments and all.
  CHECK(digest_of(parse_policy("[policy]\nfaults = 2\n# why\n", "p").policy) ==
        digest_of(parse_policy("[policy]\nfaults = 2\n", "p").policy));
  CHECK_FALSE(parse_policy("[orders]\n", "p.toml").has_policy);
  const PolicyFile again = parse_policy_to_activate(policy_text(read), "p.toml");
  CHECK(again.faults.empty());
  CHECK(again.has == read.has);
  CHECK(differences(again.rules, read.rules).empty());
}

TEST_CASE("policy file: each fault names its file and line") {
  const auto faults = [](const std::string& text) { return parse_policy(text, "/etc/p.toml").faults; };
  const auto begins = [](const Faults& all, const std::string& head) {
    return all.size() == 1 && all[0].compare(0, head.size(), head) == 0;
  };
  CHECK(begins(faults("[policy]\nfaults = 17\n"), "/etc/p.toml:2: policy.faults: "));
  CHECK(begins(faults("[policy]\n\nspeed = \"warp\"\n"), "/etc/p.toml:3: policy.speed: "));
  CHECK(begins(faults("[policy]\nverdict_lifetime_s = 1\n"), "/etc/p.toml:2: policy.verdict_lifetime_s: "));
  CHECK(begins(
      faults("[policy]\nfaults = 2\nfaults_to_clear = 1\n"),
      "/etc/p.toml:3: policy.faults_to_clear: 1 is less than faults = 2, which is what every verdict has to "
      "withstand; write 2 or more, or leave it out"));
  CHECK(begins(
      faults("[policy]\nfaults = 0\nfaults_to_clear = 2\nfaults_to_accuse = 1\n"),
      "/etc/p.toml:4: policy.faults_to_accuse: 1 is less than the 2 of a clearance: no chip is accused by less "
      "than what clears one; write 2 or more, or leave it out"));
  CHECK(begins(faults("[policy]\nfaults_to_accuse = 17\n"), "/etc/p.toml:2: policy.faults_to_accuse: "));
  CHECK(begins(faults("[policy]\nfaults_to_clear = \"2\"\n"), "/etc/p.toml:2: policy.faults_to_clear: "));
  CHECK(begins(faults("[policy]\nfault = 1\n"), "/etc/p.toml:2: policy.fault: "));
  CHECK(begins(faults("[policy]\n[orders]\nhold = 1\n"), "/etc/p.toml:3: orders.hold: "));
  CHECK(begins(faults("[policy]\n[limits]\nrounds = 1\n"), "/etc/p.toml:2: limits"));
  const auto daemons = faults("[policy]\n[tls]\nca = \"x\"\n");  // the whole file in place of its section's
  REQUIRE(daemons.size() == 2);
  CHECK(daemons[0].find("chiplocd") != std::string::npos);
  CHECK(begins({daemons[1]}, "/etc/p.toml:2: tls"));
  CHECK(begins(faults("[policy\n"), "/etc/p.toml:1: "));
}

}  // namespace
}  // namespace chiploc
