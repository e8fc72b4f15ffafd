// What an activated policy decides beside verdicts.
#include "proto/crypto/digest.hpp"
#include "server/service/policy_json.hpp"
#include "tests/server/service/put_in_force.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
TEST_CASE("policy: sections of an activated one count, others stay chiplocd.toml's", "[service][policy]") {
  ServiceWorld world;
  const std::string text = "[policy]\nfaults = 2\n[orders]\nhold_least = 5\n[scheduler]\ncadence_s = 60\n";
  const auto first = put_in_force(world, text);
  REQUIRE(first);
  const std::vector<std::string> told(first->differences().begin(), first->differences().end());
  CHECK(told == std::vector<std::string>{"faults 0 -> 2", "scheduler.cadence_s 0 -> 60",
                                         "orders.hold_least 3 -> 5", "[scheduler] of the policy now",
                                         "[orders] of the policy now"});
  CHECK(first->version().find(" text=" + to_hex(sha256(bytes_of(text)).bytes)) != std::string::npos);
  // Whoever goes by them is told, or asks.
  REQUIRE(world.rounds.adopted_rules.size() == 1);
  CHECK(world.rounds.adopted_rules[0].scheduler.cadence[0] == std::chrono::seconds{60});
  CHECK(world.in_force.follow().orders.hold_least == 5);
  CHECK(world.in_force.status().rules.confirmations == StatusRules{}.confirmations);
  const auto now = world.cases.get_policy({}, kReader);
  REQUIRE(now->sections_size() == 5);
  CHECK(now->sections(0).name() == "scheduler");
  CHECK(now->sections(0).activated());
  CHECK(now->sections(0).configured().starts_with("[scheduler]\ncadence_s = 0\n"));
  CHECK_FALSE(now->sections(1).activated());
  CHECK(json_of(*now)["sections"]["orders"]["of"] == "policy");
  CHECK(json_of(*now)["sections"]["cases"]["of"] == "chiplocd.toml");
  // When its chips are measured is no holder's to know.
  const auto holder = world.cases.get_policy({}, Caller{"eve", Role::kReader, "Example Ltd"});
  CHECK(holder->sections().empty());
  CHECK(holder->toml() == "[policy]\nspeed = \"vacuum\"\nfaults = 2\nverdict_lifetime_s = 86400\n");
  CHECK(holder->sha256() == now->sha256());
  // After a restart it is in force, and chiplocd.toml's are for the others.
  PolicyRules configured;
  configured.orders.hold_least = 9;
  configured.cases.attempt_confirmations = 4;
  const auto kept = policy_in_force(Policy{}, configured, *world.reader);
  REQUIRE(kept);
  CHECK(kept->rules.orders.hold_least == 5);
  CHECK(kept->rules.cases.attempt_confirmations == 4);
  CHECK(kept->configured.orders.hold_least == 9);
  CHECK(kept->policy == world.in_force.get().policy);
  // One without them leaves them to chiplocd.toml again, and says so.
  const auto second = put_in_force(world, "[policy]\nfaults = 2\n", "back");
  REQUIRE(second);
  CHECK(second->differences(0) == "scheduler.cadence_s 60 -> 0");
  CHECK(second->differences(second->differences_size() - 1) == "[orders] of chiplocd.toml again");
  CHECK(world.in_force.follow().orders.hold_least == 3);
  CHECK(world.rounds.adopted_rules.back().scheduler.cadence[0] == std::chrono::seconds{0});
  const auto list = world.cases.list_policies({}, kAdmin);
  REQUIRE(list->policies(0).differences_size() == 2);  // what chiplocd.toml has is not on record
  CHECK(list->policies(0).differences(0) == "[scheduler] of chiplocd.toml again");
}

TEST_CASE("policy: countries of transshipment are those of the activated one, for cases too",
          "[service][policy]") {
  ServiceWorld world;
  CHECK(world.in_force.follow().transshipment.empty());
  REQUIRE(put_in_force(world, "[policy]\nfaults = 1\n[scheduler]\ntransshipment = [\"AE\"]\n"));
  REQUIRE(world.in_force.follow().transshipment.size() == 1);
  CHECK(world.in_force.follow().transshipment.front().text() == "AE");
}

}  // namespace chiploc::test
