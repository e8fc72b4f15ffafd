// The policy in force, and another one over the rounds of a real store.
#include <future>

#include "server/policy/policy_file.hpp"
#include "server/service/policy_json.hpp"
#include "tests/server/service/kept_round.hpp"
#include "tests/server/service/put_in_force.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

std::vector<CountryCode> countries(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

StoredRoundMaker near_brussels() {
  RoundMaker maker;
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("lon", {.lat = 51.51, .lon = -0.13});
  StoredRoundMaker out{std::move(maker)};
  out.posterior_left_out = true;
  out.claim = {.licence = "L-1", .licensed = {}, .prohibited = countries({"RU", "BY"})};
  out.claim.licensed_areas.push_back(out.draw(
      "low countries", R"({"type":"Polygon","coordinates":[[[0,48],[9,48],[9,54],[0,54],[0,48]]]})"));
  return out;
}

constexpr const char* kNoFaults = "[policy]\nfaults = 0\n";
constexpr const char* kFaults = "[policy]\nfaults = 1\n";

WallTime hour(unsigned n) { return wall_from_unix_seconds(std::uint64_t{1'780'000'000} + 3600 * n); }

struct TrialWorld {
  StoredRoundMaker made = near_brussels();
  ServiceWorld world;

  void keep_round(unsigned at, std::uint32_t format = VerdictRecord::kRecord) {
    made.maker.round = random_id<RoundId>();
    const StoredRound round = made.store(made.maker.make({.lat = 50.85, .lon = 4.35}));
    std::promise<bool> durable;
    REQUIRE(world.store.post([&](Store& store) { keep(store, made, round, format, hour(at)); },
                             [&](const Stored<Done>& done) { durable.set_value(done.has_value()); }));
    REQUIRE(durable.get_future().get());
  }
  Answer<v1::ReplayPolicyResponse> ask(const v1::ReplayPolicyRequest& request,
                                       const Caller& caller = kAdmin) {
    std::promise<Answer<v1::ReplayPolicyResponse>> promise;
    world.cases.replay_policy(request, caller, [&](Answer<v1::ReplayPolicyResponse> answer) {
      promise.set_value(std::move(answer));
    });
    return promise.get_future().get();
  }
  static v1::ReplayPolicyRequest request(const char* policy) {
    v1::ReplayPolicyRequest out;
    out.mutable_policy()->set_name("other.toml");
    out.mutable_policy()->set_content(policy);
    return out;
  }
};

std::uint64_t rounds_moved(const v1::ReplayPolicyResponse& answer, v1::VerdictState was,
                           v1::VerdictState is) {
  for (const auto& moved : answer.moved()) {
    if (moved.was() == was && moved.is() == is) return moved.rounds();
  }
  return 0;
}

/// Two rounds that a budget of one verifies, and one that only a budget of none does.
struct ThreeRounds : TrialWorld {
  ThreeRounds() {
    keep_round(1);
    keep_round(2);
    auto anchors = std::move(made.maker.anchors);
    made.maker.anchors.clear();
    made.maker.add_anchor("bru", {.lat = 50.9, .lon = 4.4});
    keep_round(3);
    made.maker.anchors = std::move(anchors);
  }
};

TEST_CASE("policy: the one in force comes as a file that is the same policy again", "[service][policy]") {
  ServiceWorld world{.policy = {.speed = kLightInFibre,
                                .speed_name = "fibre",
                                .fault_budget = 2,
                                .lifetime = std::chrono::hours{3},
                                .version = "v"}};
  const auto answer = world.cases.get_policy({}, kReader);
  REQUIRE(answer);
  CHECK(answer->version() == "v");
  CHECK(answer->sha256() == string_of(digest_of(world.policy).bytes));
  const PolicyFile read = parse_policy(answer->toml(), "p");
  CHECK(read.faults.empty());
  CHECK(differences(world.policy, read.policy).empty());
  CHECK(json_of(*answer)["sha256"] == to_hex(digest_of(world.policy).bytes));
}

TEST_CASE("policy: one that is activated is in force at once, and kept as it was written",
          "[service][policy]") {
  ServiceWorld world;
  const std::string text = "# after the audit\n[policy]\nfaults = 2  # two\n";
  const auto first = put_in_force(world, text);
  REQUIRE(first);
  CHECK(first->number() == 1);
  REQUIRE(first->differences_size() == 1);
  CHECK(first->differences(0) == "faults 0 -> 2");
  CHECK(first->version() == "policy-2 vacuum faults=2 lifetime_s=86400");
  REQUIRE(world.rounds.adopted.size() == 1);
  CHECK(world.rounds.adopted[0].fault_budget == 2);
  CHECK(world.rounds.adopted[0].version == first->version());
  const auto now = world.cases.get_policy({}, kReader);
  CHECK(now->toml() == text);
  CHECK(now->number() == 1);
  CHECK(now->sha256() == first->sha256());
  CHECK(now->activated_unix_ns() == wall_from_unix_seconds(1'790'000'000).since_epoch.count());
  const auto second = put_in_force(world, "[policy]\nfaults = 2\nspeed = \"fibre\"\n", "again");
  REQUIRE(second);
  CHECK(second->number() == 2);
  CHECK(second->differences(0) == "speed vacuum -> fibre");
  CHECK(json_of(*second)["differences"][0] == "speed vacuum -> fibre");
  const auto list = world.cases.list_policies({}, kAdmin);
  REQUIRE(list);
  REQUIRE(list->policies_size() == 2);
  CHECK(list->policies(0).number() == 2);
  CHECK(list->policies(0).differences(0) == "speed vacuum -> fibre");
  CHECK(list->policies(0).reason() == "again");
  const auto& kept = list->policies(1);
  CHECK(kept.toml() == text);
  CHECK(kept.by() == "ada");
  CHECK(kept.certificate_sha256() == string_of(sha256(bytes_of("her certificate")).bytes));
  CHECK(kept.sha256() == first->sha256());
  CHECK(kept.differences().empty());
  CHECK(json_of(kept)["policy"] == text);
  CHECK(json_of(kept)["reason"] == "ticket 4711");
  v1::ListPoliciesRequest one;
  one.set_page_size(1);
  const auto cut = world.cases.list_policies(one, kAdmin);
  REQUIRE(cut->policies_size() == 1);
  CHECK(cut->policies(0).differences_size() == 1);  // from the one before it, which is not shown
  one.set_page_size(100'000);
  CHECK(world.cases.list_policies(one, kAdmin).error().code == ApiFaultCode::kBadField);
}

TEST_CASE("policy: what cannot be put in force changes nothing", "[service][policy]") {
  ServiceWorld world;
  const auto refused = [&](const std::string& toml, const std::string& reason = "why") {
    const auto answer = put_in_force(world, toml, reason);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ApiFaultCode::kBadField);
    return answer.error().text;
  };
  CHECK(refused("[policy]\nfaults = 99\n").starts_with("new.toml:2: policy.faults"));
  CHECK(refused("[policy]\nfaults = 1\npings = 20\n")
            .starts_with("new.toml:3: policy.pings: is about measuring"));
  CHECK(refused("[policy]\n", "").starts_with("reason: "));
  CHECK(refused("[policy]\n[orders]\nhold = 1\n").starts_with("new.toml:3: orders.hold: unknown key"));
  CHECK(refused("[policy]\n[limits]\nrounds = 1\n").starts_with("new.toml:2: limits: unknown"));
  CHECK(refused("[orders]\nhold_least = 5\n").starts_with("new.toml:1: policy: missing"));
  CHECK(refused("faults = 1\n").find("faults") != std::string::npos);
  CHECK(world.rounds.adopted.empty());
  CHECK(world.cases.get_policy({}, kAdmin)->number() == 0);
  CHECK(world.cases.list_policies({}, kAdmin)->policies().empty());
}

TEST_CASE("policy: after a restart the one that was activated last is in force, not chiplocd.toml's",
          "[service][policy]") {
  ServiceWorld world;
  const Policy configured{.fault_budget = 3, .version = "configured"};
  auto now = policy_in_force(configured, {}, *world.reader);
  REQUIRE(now);
  CHECK(now->number == 0);
  CHECK(now->policy == configured);
  CHECK(differences(parse_policy(now->toml, "p").policy, configured).empty());
  REQUIRE(put_in_force(world, "[policy]\nfaults = 2\n"));
  REQUIRE(put_in_force(world, "[policy]\nfaults = 1  # one\n"));
  now = policy_in_force(configured, {}, *world.reader);
  REQUIRE(now);
  CHECK(now->number == 2);
  CHECK(now->policy.fault_budget == 1);
  CHECK(now->policy == world.in_force.get().policy);
  CHECK(now->toml == "[policy]\nfaults = 1  # one\n");
  // One that this version cannot read, or reads otherwise, is no reason to judge by another.
  const auto put = [&](const char* toml, const char* of) {
    std::promise<bool> durable;
    REQUIRE(world.store.post(
        [&](Store& store) {
          CHECK(store.policies().activate(
              {.reason = "x", .sha256 = digest_of(parse_policy(of, "p").policy), .toml = toml}));
        },
        [&](const Stored<Done>& done) { durable.set_value(done.has_value()); }));
    REQUIRE(durable.get_future().get());
    const auto refused = policy_in_force(configured, {}, *world.reader);
    REQUIRE_FALSE(refused);
    return refused.error();
  };
  CHECK(put("[policy]\nmode = 2\n", "[policy]\n")
            .find("policy 3 of the database, cannot be read (policy 3:2: policy.mode") != std::string::npos);
  CHECK(put("[policy]\n", "[policy]\nfaults = 2\n").find("policy 4 of the database, is read otherwise") !=
        std::string::npos);
}

TEST_CASE("policy: a late caller does not turn time back", "[service][policy]") {
  PolicyHolder holder{{Policy{.fault_budget = 0}, ""}};
  holder.replace({Policy{.fault_budget = 2}, "b", 2});
  holder.replace({Policy{.fault_budget = 1}, "a", 1});
  CHECK(holder.get().number == 2);
  CHECK(holder.get().policy.fault_budget == 2);
}

TEST_CASE("policy: another one over stored rounds is counted by state and told by round",
          "[service][policy]") {
  ThreeRounds trial;
  auto answer = trial.ask(TrialWorld::request(kFaults));
  REQUIRE(answer);
  CHECK(rounds_moved(*answer, v1::VERIFIED, v1::VERIFIED) == 2);
  CHECK(rounds_moved(*answer, v1::UNRESOLVED, v1::UNRESOLVED) == 1);
  CHECK(answer->moved_size() == 2);
  CHECK(answer->changes().empty());
  CHECK(answer->next_page_token().empty());
  answer = trial.ask(TrialWorld::request(kNoFaults));
  REQUIRE(answer);
  CHECK(rounds_moved(*answer, v1::VERIFIED, v1::VERIFIED) == 2);
  CHECK(rounds_moved(*answer, v1::UNRESOLVED, v1::VERIFIED) == 1);
  REQUIRE(answer->changes_size() == 1);
  const auto& change = answer->changes(0);
  CHECK(change.chip_id() == string_of(trial.made.maker.chip.bytes));
  CHECK(change.verdict_id() == trial.made.record.verdict_id());
  CHECK(change.was() == v1::UNRESOLVED);
  CHECK(change.is() == v1::VERIFIED);
  CHECK(change.reason() == "inside_licence");
  CHECK(change.decided_unix_ns() == hour(3).since_epoch.count());
  CHECK(change.serial().empty());  // not registered any more
  CHECK(answer->sha256() == string_of(digest_of(parse_policy(kNoFaults, "p").policy).bytes));
  CHECK(answer->version().find("faults=0") != std::string::npos);
  const Json shown = json_of(change);
  CHECK(shown["was"] == "UNRESOLVED");
  CHECK(shown["serial"] == nullptr);
  CHECK(shown["decided_at"] == iso_time(hour(3).since_epoch.count()));
  CHECK(json_of(answer->moved(0))["rounds"] == answer->moved(0).rounds());
}

TEST_CASE("policy: pages add up to the whole, and times choose", "[service][policy]") {
  ThreeRounds trial;
  trial.keep_round(4, VerdictRecord::kFlat);
  v1::ReplayPolicyRequest request = TrialWorld::request(kNoFaults);
  request.set_page_size(2);
  std::uint64_t judged = 0, changes = 0, unjudged = 0, pages = 0;
  do {
    const auto page = trial.ask(request);
    REQUIRE(page);
    for (const auto& moved : page->moved()) judged += moved.rounds();
    for (const auto& one : page->unjudged()) {
      CHECK(one.why() == "the round is of before contexts were stored");
      CHECK(json_of(one)["why"] == one.why());
      unjudged += one.rounds();
    }
    changes += static_cast<std::uint64_t>(page->changes_size());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  CHECK(judged == 3);
  CHECK(unjudged == 1);
  CHECK(changes == 1);
  CHECK(pages == 2);
  request = TrialWorld::request(kNoFaults);
  request.set_since_unix_ns(hour(2).since_epoch.count());
  request.set_until_unix_ns(hour(3).since_epoch.count());
  const auto one = trial.ask(request);
  REQUIRE(one->moved_size() == 1);
  CHECK(one->moved(0).rounds() == 1);
}

TEST_CASE("policy: where the budget decides the evidence it is verified again", "[service][policy]") {
  TrialWorld trial;
  trial.made.maker.spoil_session = [](std::size_t anchor, v1::SessionReport& session) {
    if (anchor == 0)
      session.mutable_transcript()->back() = static_cast<char>(session.transcript().back() + 1);
  };
  trial.keep_round(1);
  REQUIRE(trial.made.record.finding().state() == v1::CLEARED);  // with the three that agree
  const auto answer = trial.ask(TrialWorld::request(kNoFaults));
  REQUIRE(answer);
  REQUIRE(answer->changes_size() == 1);
  CHECK(answer->changes(0).is() == v1::INVALID);
  CHECK(answer->changes(0).reason() == "transcript_mismatch");
}

TEST_CASE("policy: a page ends where its replays took their time, and the next goes on",
          "[service][policy]") {
  TrialWorld trial;
  trial.made.maker.spoil_session = [](std::size_t anchor, v1::SessionReport& session) {
    if (anchor == 0)
      session.mutable_transcript()->back() = static_cast<char>(session.transcript().back() + 1);
  };
  constexpr unsigned kRounds = 103;
  for (unsigned i = 0; i < kRounds; ++i) trial.keep_round(i);
  v1::ReplayPolicyRequest request = TrialWorld::request(kNoFaults);
  auto page = trial.ask(request);
  REQUIRE(page);
  CHECK(page->changes_size() == 100);
  REQUIRE_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  page = trial.ask(request);
  REQUIRE(page);
  CHECK(page->changes_size() == 3);
  CHECK(page->next_page_token().empty());
}

TEST_CASE("policy: a licence, and an entity's certificate, choose whose rounds", "[service][policy]") {
  ThreeRounds trial;
  auto registry = std::make_shared<Registry>();
  for (const char* id : {"L-1", "L-2"}) {
    LicenceRecord licence;
    licence.id = id;
    licence.holder = std::string{"holder of "} + id;
    registry->put(std::move(licence));
  }
  ChipRecord chip;
  chip.id = trial.made.maker.chip;
  chip.serial = "SN-9";
  chip.licence = "L-1";
  registry->put(std::move(chip));
  trial.world.registry.replace(registry);
  v1::ReplayPolicyRequest request = TrialWorld::request(kNoFaults);
  request.set_licence("l-1");
  auto answer = trial.ask(request);
  REQUIRE(answer);
  REQUIRE(answer->changes_size() == 1);
  CHECK(answer->changes(0).serial() == "SN-9");
  CHECK(json_of(answer->changes(0))["serial"] == "SN-9");
  request.set_licence("L-2");
  CHECK(trial.ask(request)->moved().empty());
  request.set_licence("L-3");
  CHECK(trial.ask(request).error().code == ApiFaultCode::kNotFound);
  Caller own{"eve", Role::kAuditor, "holder of L-1"};
  request.set_licence("");
  CHECK(trial.ask(request, own)->moved_size() == 2);
  own.holder = "holder of L-2";
  CHECK(trial.ask(request, own)->moved().empty());
  request.set_licence("L-1");
  CHECK(trial.ask(request, own).error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("policy: what is wrong with a request is named", "[service][policy]") {
  TrialWorld trial;
  const auto fault = [&](const v1::ReplayPolicyRequest& request) {
    const auto answer = trial.ask(request);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ApiFaultCode::kBadField);
    return answer.error().text;
  };
  CHECK(fault(TrialWorld::request("[policy]\nspeed = \"warp\"\n")).starts_with("other.toml:2: policy.speed"));
  v1::ReplayPolicyRequest request = TrialWorld::request(kFaults);
  request.set_page_size(5'001);
  CHECK(fault(request).find("page_size") != std::string::npos);
  request = TrialWorld::request(kFaults);
  request.set_since_unix_ns(-1);
  CHECK(fault(request).find("since_unix_ns") != std::string::npos);
  request = TrialWorld::request(kFaults);
  request.set_until_unix_ns(-1);
  CHECK(fault(request).find("until_unix_ns") != std::string::npos);
  request = TrialWorld::request(kFaults);
  request.set_page_token("x");
  CHECK_FALSE(fault(request).empty());
}

}  // namespace
}  // namespace chiploc::test
