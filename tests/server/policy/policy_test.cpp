#include "server/policy/policy.hpp"

#include "proto/v1/records.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

const Policy kFibre{
    .speed = kLightInFibre, .speed_name = "fibre", .fault_budget = 2, .lifetime = 3600s, .version = "a"};

TEST_CASE("policy: what is written is read, whole") {
  for (const Policy& policy : {Policy{}, kFibre}) {
    const auto read = policy_from(to_record(policy));
    REQUIRE(read);
    CHECK(*read == policy);
    CHECK(digest_of(*read) == digest_of(policy));
  }
}

TEST_CASE("policy: every field changes the digest, and the bytes are those of every build") {
  CHECK(to_hex(policy_bytes(Policy{})) == "08011a0676616375756d21b6f3fdd4414c12412801308080bc8ac9d213");
  std::vector<Policy> all(5);
  all[1] = Policy{.speed = kLightInFibre, .speed_name = "fibre"};
  all[2].fault_budget = 0;
  all[3].lifetime = 1h;
  all[4].version = "b";
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(digest_of(all[i]) != digest_of(all[j]));
  }
}

TEST_CASE("policy: what is asked of each kind is there where it is more, and the bytes of others stay") {
  for (const unsigned to_clear : {0U, 1U, 2U}) {
    for (const unsigned to_accuse : {0U, 1U, 3U}) {
      const Policy policy{.fault_budget = 2, .more_to_clear = to_clear, .more_to_accuse = to_accuse};
      const v1::Policy record = to_record(policy);
      CHECK(record.faults_to_clear() == (to_clear == 0 ? 0U : 2 + to_clear));
      CHECK(record.faults_to_accuse() == (to_accuse == 0 ? 0U : 2 + to_clear + to_accuse));
      const auto read = policy_from(record);
      REQUIRE(read);
      CHECK(*read == policy);
      CHECK(read->faults_to_clear() == 2 + to_clear);
      CHECK(read->faults_to_accuse() == 2 + to_clear + to_accuse);
      const bool plain = to_clear + to_accuse == 0;
      CHECK((digest_of(policy) == digest_of(Policy{.fault_budget = 2})) == plain);
      CHECK(kinds_text(policy).empty() == plain);
    }
  }
  CHECK(kinds_text({.fault_budget = 0, .more_to_accuse = 2}) ==
        "wrong perspectives that a verdict withstands: a clearance 0, an accusation 2");
}

TEST_CASE("policy: what is out of bounds is refused by name") {
  const auto fault_after = [](const std::function<void(v1::Policy&)>& change) {
    v1::Policy record = to_record(Policy{});
    change(record);
    const auto read = policy_from(record);
    return read ? std::string{} : read.error().substr(0, read.error().find(':'));
  };
  CHECK(fault_after([](v1::Policy&) {}).empty());
  CHECK(fault_after([](v1::Policy& p) { p.set_format(0); }) == "policy.format");
  CHECK(fault_after([](v1::Policy& p) { p.set_speed_name("fibre"); }) == "policy.speed_name");
  CHECK(fault_after([](v1::Policy& p) { p.set_speed_km_s(1e9); }) == "policy.speed_name");
  CHECK(fault_after([](v1::Policy& p) { p.set_fault_budget(17); }) == "policy.fault_budget");
  CHECK(fault_after([](v1::Policy& p) { p.set_lifetime_ns(1); }) == "policy.lifetime_ns");
  // Less than is asked of all, or of a clearance; and what its absence would say as well.
  CHECK(fault_after([](v1::Policy& p) { p.set_faults_to_clear(17); }) == "policy.faults_to_clear");
  CHECK(fault_after([](v1::Policy& p) { p.set_faults_to_clear(1); }) == "policy.faults_to_clear");
  CHECK(fault_after([](v1::Policy& p) { p.set_faults_to_accuse(17); }) == "policy.faults_to_accuse");
  CHECK(fault_after([](v1::Policy& p) { p.set_faults_to_accuse(1); }) == "policy.faults_to_accuse");
  CHECK(fault_after([](v1::Policy& p) { p.set_faults_to_accuse(2); }).empty());
  CHECK(fault_after([](v1::Policy& p) {
          p.set_faults_to_clear(3);
          p.set_faults_to_accuse(2);
        }) == "policy.faults_to_accuse");
  CHECK(fault_after([](v1::Policy& p) {
          p.set_fault_budget(3);
          p.set_faults_to_clear(2);
        }) == "policy.faults_to_clear");
  CHECK(fault_after([](v1::Policy& p) { p.set_version(std::string(2'000, 'v')); }) == "policy.version");
}

TEST_CASE("policy: a difference is said in words, and a name alone is none") {
  CHECK(differences(Policy{}, Policy{.version = "other"}).empty());
  CHECK(differences(Policy{}, kFibre) == std::vector<std::string>{"speed vacuum -> fibre", "faults 1 -> 2",
                                                                  "verdict_lifetime_s 86400 -> 3600"});
  CHECK(differences(Policy{}, Policy{.fault_budget = 1, .more_to_accuse = 1}) ==
        std::vector<std::string>{"faults_to_accuse 1 -> 2"});
  CHECK(differences(Policy{.fault_budget = 0, .more_to_clear = 2}, Policy{}) ==
        std::vector<std::string>{"faults 0 -> 1", "faults_to_clear 2 -> 1", "faults_to_accuse 2 -> 1"});
}

}  // namespace
}  // namespace chiploc
