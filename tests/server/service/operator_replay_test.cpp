// The use case that has a round judged again, from a real store.
#include <future>

#include "tests/server/service/kept_round.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::test {
namespace {

constexpr Degrees kBrussels{.lat = 50.85, .lon = 4.35};

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

StoredRoundMaker around_brussels() {
  RoundMaker maker;
  maker.path_factor = 2.0;
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("lon", {.lat = 51.51, .lon = -0.13});
  StoredRoundMaker out{std::move(maker)};
  out.claim = {.licence = "L-1", .licensed = codes({"BE"}), .prohibited = codes({"RU", "BY"})};
  out.claim.prohibited_areas.push_back(out.draw(
      "moon", R"({"type":"Polygon","coordinates":[[[100,-40],[101,-40],[101,-39],[100,-39],[100,-40]]]})"));
  return out;
}

struct ReplayWorld {
  StoredRoundMaker made = around_brussels();
  ServiceWorld world;

  /// A round as it was judged, or with what `spoil` makes of it on its way into the store.
  void keep_round(const std::function<void(StoredRound&)>& spoil = {}, std::uint32_t format = 1) {
    StoredRound round = made.store(made.maker.make(kBrussels));
    if (spoil) spoil(round);
    std::promise<bool> durable;
    REQUIRE(world.store.post([&](Store& store) { keep(store, made, round, format); },
                             [&](const Stored<Done>& done) { durable.set_value(done.has_value()); }));
    REQUIRE(durable.get_future().get());
  }
  [[nodiscard]] std::string verdict_id() const { return to_hex(bytes_of(made.record.verdict_id())); }
  [[nodiscard]] v1::ReplayVerdictRequest request(const char* policy = nullptr) const {
    v1::ReplayVerdictRequest out;
    out.set_verdict(verdict_id());
    if (policy != nullptr) {
      out.mutable_policy()->set_name("fibre.toml");
      out.mutable_policy()->set_content(policy);
    }
    return out;
  }
  Answer<v1::ReplayVerdictResponse> ask(const v1::ReplayVerdictRequest& request) {
    std::promise<Answer<v1::ReplayVerdictResponse>> promise;
    world.cases.replay_verdict(request, kAdmin, [&](Answer<v1::ReplayVerdictResponse> answer) {
      promise.set_value(std::move(answer));
    });
    return promise.get_future().get();
  }
};

TEST_CASE("replay: a stored round is judged again to the byte", "[service][replay]") {
  ReplayWorld replays;
  replays.keep_round();
  const auto answer = replays.ask(replays.request());
  REQUIRE(answer);
  INFO(answer->DebugString());
  CHECK(answer->outcome() == v1::REPLAY_SAME);
  CHECK(to_hex(bytes_of(answer->verdict_id())) == replays.verdict_id());
  CHECK(answer->differences().empty());
  CHECK_FALSE(answer->other_software());
  CHECK(answer->software_version() == CHIPLOC_VERSION);
  // What is shown of it is what GetVerdict shows of the stored one.
  v1::GetVerdictRequest get;
  get.set_verdict(replays.verdict_id());
  get.set_with_evidence(true);
  const auto stored = replays.world.cases.get_verdict(get, kAdmin);
  REQUIRE(stored);
  CHECK(stored->verdict().SerializeAsString() == answer->verdict().SerializeAsString());
  CHECK(stored->evidence().verdict().SerializeAsString() == answer->verdict().SerializeAsString());
  CHECK(stored->verdict().state() == v1::CLEARED);
}

TEST_CASE("replay: what is not as it was judged is named", "[service][replay]") {
  ReplayWorld replays;
  SECTION("an area that the store does not have") {
    replays.keep_round([](StoredRound& round) { round.areas.clear(); });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "area moon");
  }
  SECTION("no calibration") {
    replays.keep_round([](StoredRound& round) { round.calibration.clear(); });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "calibration");
  }
  SECTION("a byte of a report") {
    replays.keep_round([](StoredRound& round) { round.reports[2].bytes.at(90) ^= 1; });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "report of anchor fra");
  }
  SECTION("a byte of a statement") {
    replays.keep_round([](StoredRound& round) { round.statements[0].at(90) ^= 1; });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "statement 1");
  }
  SECTION("a byte of the close order") {
    replays.keep_round([](StoredRound& round) { round.close_order.at(50) ^= 1; });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "close order");
  }
  SECTION("a byte of a ticket") {
    replays.keep_round([](StoredRound& round) { round.tickets[0].at(100) ^= 1; });
    CHECK(replays.ask(replays.request())->wrong_digests(0) == "ticket 1");
  }
  const auto answer = replays.ask(replays.request());
  CHECK(answer->outcome() == v1::REPLAY_WRONG_DIGEST);
  CHECK(answer->wrong_digests_size() == 1);
  CHECK_FALSE(answer->has_verdict());
}

TEST_CASE("replay: another policy says what it would have said", "[service][replay]") {
  ReplayWorld replays;
  replays.keep_round();
  const auto answer = replays.ask(replays.request("[policy]\nspeed = \"fibre\"\n"));
  REQUIRE(answer);
  CHECK(answer->outcome() == v1::REPLAY_OTHER_POLICY);
  CHECK(answer->verdict().speed_name() == "fibre");
  CHECK(answer->differences_size() > 0);
  const auto faulty = replays.ask(replays.request("[policy]\nspeed = \"warp\"\nfaults = -1\n"));
  CHECK(faulty.error().code == ApiFaultCode::kBadField);
  CHECK(faulty.error().text.find("fibre.toml:2: policy.speed") != std::string::npos);
  CHECK(faulty.error().text.find("\nfibre.toml:3: policy.faults") != std::string::npos);
  auto large = replays.request("");
  large.mutable_policy()->set_content(std::string(70'000, '#'));
  CHECK(replays.ask(large).error().code == ApiFaultCode::kBadField);
}

TEST_CASE("replay: a round of before contexts were stored cannot be judged again", "[service][replay]") {
  ReplayWorld replays;
  replays.keep_round(
      [&](StoredRound& round) {
        round.context.clear();
        const std::string flat = to_verdict(replays.made.record).SerializeAsString();
        round.record.assign(flat.begin(), flat.end());
      },
      /*format=*/0);
  const auto answer = replays.ask(replays.request());
  REQUIRE(answer);
  CHECK(answer->outcome() == v1::REPLAY_CANNOT);
  CHECK(answer->cannot_because().find("of before contexts were stored") != std::string::npos);
  CHECK_FALSE(answer->has_verdict());
  v1::ReplayVerdictRequest unknown;
  unknown.set_verdict("ffff0000");
  CHECK(replays.ask(unknown).error().code == ApiFaultCode::kNotFound);
}

}  // namespace
}  // namespace chiploc::test
