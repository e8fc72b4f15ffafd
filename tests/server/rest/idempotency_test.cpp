#include "server/rest/idempotency.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace idempotency_test {

using Refusal = IdempotencyTable::Refusal;
using Running = IdempotencyTable::Running;

SteadyTime at(int seconds) { return {std::chrono::seconds{seconds}}; }
Digest digest(std::uint8_t byte) {
  Digest out{};
  out.bytes.fill(byte);
  return out;
}
HttpReply reply(std::string body) {
  return {201, {{"content-type", "application/json"}}, std::move(body), nullptr};
}

Refusal refusal(IdempotencyTable& table, const std::string& caller, const std::string& key,
                const Digest& request, SteadyTime now) {
  auto begun = table.begin(caller, key, request, now);
  REQUIRE(std::holds_alternative<Refusal>(begun));
  return std::get<Refusal>(begun);
}
Running running(IdempotencyTable& table, const std::string& caller, const std::string& key,
                SteadyTime now = at(0)) {
  auto begun = table.begin(caller, key, digest(1), now);
  REQUIRE(std::holds_alternative<Running>(begun));
  return std::move(std::get<Running>(begun));
}
bool kept(IdempotencyTable& table, const std::string& caller, const std::string& key,
          SteadyTime now = at(0)) {
  return std::holds_alternative<HttpReply>(table.begin(caller, key, digest(1), now));
}

TEST_CASE("idempotency: the same request has the same answer, and is done once", "[rest]") {
  IdempotencyTable table;
  Running first = running(table, "alice", "k");
  CHECK(refusal(table, "alice", "k", digest(1), at(0)) == Refusal::kRunning);
  CHECK(refusal(table, "alice", "k", digest(2), at(0)) == Refusal::kOtherRequest);
  first.finish(reply("one"), at(1));
  auto again = table.begin("alice", "k", digest(1), at(2));
  REQUIRE(std::holds_alternative<HttpReply>(again));
  CHECK(std::get<HttpReply>(again).status == 201);
  CHECK(std::get<HttpReply>(again).body == "one");
  CHECK(refusal(table, "alice", "k", digest(2), at(2)) == Refusal::kOtherRequest);
  // Another caller's key is another key.
  CHECK(std::holds_alternative<Running>(table.begin("bob", "k", digest(2), at(2))));
}

TEST_CASE("idempotency: what had no answer may be done again", "[rest]") {
  IdempotencyTable table;
  {
    const Running lost = running(table, "alice", "k");
    CHECK(table.size() == 1);
  }
  CHECK(table.size() == 0);
  Running again = running(table, "alice", "k");
  again.drop();
  again.drop();
  again.finish(reply("late"), at(1));  // of what was dropped nothing is kept
  CHECK(table.size() == 0);
}

TEST_CASE("idempotency: answers are kept for a time, counted from when they were given", "[rest]") {
  IdempotencyTable table{{.age_max = std::chrono::seconds{10}}};
  Running first = running(table, "alice", "k", at(0));
  CHECK(refusal(table, "alice", "k", digest(1), at(100)) == Refusal::kRunning);  // it runs as long as it runs
  first.finish(reply("one"), at(100));
  CHECK(kept(table, "alice", "k", at(110)));
  CHECK_FALSE(kept(table, "alice", "k", at(111)));
}

TEST_CASE("idempotency: nobody takes another's room, and what runs is not forgotten", "[rest]") {
  IdempotencyTable table{{.entries_max = 5, .caller_max = 2}};
  running(table, "alice", "a").finish(reply("a"), at(1));
  running(table, "bob", "b").finish(reply("b"), at(2));
  running(table, "bob", "c").finish(reply("c"), at(3));
  running(table, "bob", "d").finish(reply("d"), at(4));  // his own oldest goes
  CHECK(table.size() == 3);
  for (const auto& [caller, key] : {std::pair{"alice", "a"}, {"bob", "c"}, {"bob", "d"}})
    CHECK(kept(table, caller, key));
  const Running one = running(table, "carl", "1");
  const Running two = running(table, "carl", "2");
  CHECK(table.size() == 5);
  CHECK(refusal(table, "carl", "3", digest(1), at(5)) == Refusal::kFull);
  const Running third = running(table, "dora", "1");  // the oldest answer of all goes: alice's
  CHECK(table.size() == 5);
  CHECK(kept(table, "bob", "c"));
  const Running fourth = running(table, "dora", "2");
  const Running fifth = running(table, "erik", "1");
  CHECK(refusal(table, "erik", "2", digest(1), at(5)) == Refusal::kFull);  // all of it runs
}

TEST_CASE("idempotency: answers have a size, each and together", "[rest]") {
  IdempotencyTable table{{.body_max = 10, .bytes_max = 25}};
  running(table, "alice", "large").finish(reply(std::string(11, 'x')), at(1));
  CHECK_FALSE(kept(table, "alice", "large"));
  for (const char* key : {"a", "b", "c"})
    running(table, "alice", key).finish(reply(std::string(10, 'x')), at(2));
  CHECK_FALSE(kept(table, "alice", "a"));
  CHECK(kept(table, "alice", "b"));
  CHECK(kept(table, "alice", "c"));
}

TEST_CASE("idempotency: a key is visible ASCII, and not long", "[rest]") {
  CHECK(is_idempotency_key("8e03978e-40d5-43dd-bc93-6894a57f9324"));
  CHECK(is_idempotency_key("\"quoted\""));
  CHECK(is_idempotency_key(std::string(128, 'x')));
  for (const std::string& key : {std::string{}, std::string(129, 'x'), std::string{"a b"},
                                 std::string{"\xC3\xBC"}, std::string{"a\n"}})
    CHECK_FALSE(is_idempotency_key(key));
}

}  // namespace idempotency_test
}  // namespace chiploc
