#include "server/notices/delivery.hpp"

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Attempt answered(int status, std::optional<Nanoseconds> retry_after = std::nullopt, std::string said = {}) {
  return {AttemptEnd::kAnswered, status, retry_after, std::chrono::milliseconds{20}, std::move(said)};
}
Attempt failed(AttemptEnd end, std::string said = {}) {
  return {end, 0, std::nullopt, seconds{1}, std::move(said)};
}

Delivery waiting(std::uint64_t number, std::string stream = "case/C", std::string sink = "siem") {
  return {number,
          std::move(sink),
          std::move(stream),
          numbered<NoticeId>(static_cast<std::uint8_t>(number)),
          noon(0),
          0,
          DeliveryState::kWaiting,
          noon(0)};
}
DeliveryDesk desk_with(const DeliveryRules& rules = {}, double dice = 0) {
  DeliveryDesk desk{[dice] { return dice; }};
  desk.add_sink("siem", rules, false);
  return desk;
}
/// One delivery of its own, and what becomes of it.
Settled settled(const Attempt& attempt, Delivery delivery = waiting(1), std::int64_t second = 10,
                const DeliveryRules& rules = {}) {
  DeliveryDesk desk = desk_with(rules);
  REQUIRE(desk.take({delivery}, delivery.next).size() == 1);
  auto out = desk.settle(delivery.number, attempt, noon(second));
  REQUIRE(out);
  CHECK(desk.in_flight() == 0);
  return *out;
}
std::vector<std::uint64_t> numbers(const std::vector<Delivery>& deliveries) {
  std::vector<std::uint64_t> out;
  for (const Delivery& delivery : deliveries) out.push_back(delivery.number);
  return out;
}
using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("delivery: what each answer means", "[notices]") {
  const auto meaning = [](int status) { return meaning_of(answered(status)); };
  using enum AttemptMeaning;
  for (const int status : {200, 201, 202, 204, 299}) CHECK(meaning(status) == kDelivered);
  CHECK(meaning(410) == kGone);
  for (const int status : {429, 503}) CHECK(meaning(status) == kBusy);
  for (const int status : {400, 413, 415, 422}) CHECK(meaning(status) == kRefused);
  for (const int status :
       {100, 199, 300, 301, 302, 307, 308, 401, 403, 404, 408, 409, 411, 428, 500, 502, 504, 599})
    CHECK(meaning(status) == kFailed);
  for (const auto end : {AttemptEnd::kUnresolved, AttemptEnd::kForbiddenAddress, AttemptEnd::kUnreachable,
                         AttemptEnd::kTls, AttemptEnd::kTimeout, AttemptEnd::kBroken, AttemptEnd::kNotMade}) {
    Attempt attempt = answered(200);  // a status that counts for nothing
    attempt.end = end;
    CHECK(meaning_of(attempt) == kFailed);
  }
}

TEST_CASE("delivery: the words say what to do", "[notices]") {
  CHECK(words_of(answered(200)) == "200");
  CHECK(words_of(answered(502)) == "502");
  CHECK(words_of(answered(302)) ==
        "302: a redirect, which is not followed; write the receiver's new address into the configuration");
  CHECK(words_of(answered(399)) == "399" + words_of(answered(302)).substr(3));
  CHECK(words_of(answered(299)) == "299");
  CHECK(words_of(answered(410)) ==
        "410: the receiver wants no more; the sink is switched off until a person switches it on");
  CHECK(words_of(answered(401)) == "401: not let in; the receiver may have another secret");
  CHECK(words_of(answered(403)) == "403" + words_of(answered(401)).substr(3));
  CHECK(words_of(answered(404)) == "404: not the receiver's address");
  for (const char* status : {"400", "415", "422"})
    CHECK(words_of(answered(std::stoi(status))) == std::string{status} + ": refused as it is");
  CHECK(words_of(answered(413)) == "413: too large for the receiver");
  CHECK(words_of(answered(429)) == "429: the receiver asks for a rest");
  CHECK(words_of(answered(503)) == "503: the receiver asks for a rest");
  CHECK(words_of(failed(AttemptEnd::kTls, "self-signed certificate")) == "tls: self-signed certificate");
  CHECK(words_of(failed(AttemptEnd::kTimeout)) == "timeout");
  CHECK(name_of(AttemptEnd::kForbiddenAddress) == "forbidden_address");
  CHECK(name_of(AttemptEnd::kNotMade) == "not_made");
  CHECK(name_of(DeliveryState::kDead) == "dead");
}

TEST_CASE("delivery: waits grow to the most, and dice take up to half away", "[notices]") {
  const DeliveryRules rules;
  const std::vector<int> expected{5, 15, 45, 135, 405, 1215, 3600, 3600};
  for (std::uint32_t i = 0; i < expected.size(); ++i)
    CHECK(wait_after(i + 1, 0, rules) == seconds{expected[i]});
  CHECK(wait_after(0, 0, rules) == seconds{5});
  CHECK(wait_after(4'000'000'000, 0, rules) == hours{1});
  CHECK(wait_after(2, 1, rules) == std::chrono::milliseconds{7500});
  CHECK(wait_after(2, 0.5, rules) == std::chrono::milliseconds{11'250});
  CHECK(wait_after(2, 7, rules) == std::chrono::milliseconds{7500});  // dice that are none
  CHECK(wait_after(2, -7, rules) == seconds{15});
  DeliveryRules short_most;
  short_most.wait_most = seconds{2};
  CHECK(wait_after(1, 0, short_most) == seconds{2});
}

TEST_CASE("delivery: 2xx is the end of it", "[notices]") {
  const Settled out = settled(answered(204, std::nullopt, "thanks"));
  CHECK(out.delivery.state == DeliveryState::kSent);
  CHECK(out.delivery.attempts == 1);
  CHECK_FALSE(out.sink_gone);
  CHECK(out.entry == DeliveryLogEntry{noon(10), 1, numbered<NoticeId>(1), "siem", 1, AttemptEnd::kAnswered,
                                      204, std::chrono::milliseconds{20}, DeliveryState::kSent,
                                      "204 | thanks"});
}

TEST_CASE("delivery: what failed waits, longer each time", "[notices]") {
  Settled out = settled(failed(AttemptEnd::kUnreachable, "connection refused"));
  CHECK(out.delivery.state == DeliveryState::kWaiting);
  CHECK(out.delivery.next == noon(15));
  CHECK(out.entry.state == DeliveryState::kWaiting);
  CHECK(out.entry.text == "unreachable: connection refused");
  out = settled(answered(500), out.delivery, 20);
  CHECK(out.delivery.attempts == 2);
  CHECK(out.entry.attempt == 2);
  CHECK(out.delivery.next == noon(35));
}

TEST_CASE("delivery: dead after its age, after its attempts, or when it is refused as it is", "[notices]") {
  constexpr std::int64_t kAge = 72 * 3600;
  CHECK(settled(answered(500), waiting(1), kAge - 1).delivery.state == DeliveryState::kWaiting);
  CHECK(settled(answered(500), waiting(1), kAge).delivery.state == DeliveryState::kDead);
  CHECK(settled(answered(500), waiting(1), kAge).entry.state == DeliveryState::kDead);
  CHECK(settled(answered(200), waiting(1), kAge).delivery.state == DeliveryState::kSent);
  Delivery worn = waiting(1);
  worn.attempts = 198;
  CHECK(settled(answered(500), worn).delivery.state == DeliveryState::kWaiting);
  worn.attempts = 199;
  CHECK(settled(answered(500), worn).delivery.state == DeliveryState::kDead);
  CHECK(settled(answered(200), worn).delivery.state == DeliveryState::kSent);
  Delivery refused = waiting(1);
  refused.attempts = 3;
  CHECK(settled(answered(422), refused).delivery.state == DeliveryState::kWaiting);
  refused.attempts = 4;
  CHECK(settled(answered(422), refused).delivery.state == DeliveryState::kDead);
  CHECK(settled(answered(404), refused).delivery.state == DeliveryState::kWaiting);
  CHECK(settled(answered(503), refused).delivery.state == DeliveryState::kWaiting);
}

TEST_CASE("delivery: 410 switches the sink off, and the notice keeps waiting for a person", "[notices]") {
  DeliveryDesk desk = desk_with();
  REQUIRE(desk.take({waiting(1)}, noon(0)).size() == 1);
  const auto out = desk.settle(1, answered(410), noon(10 * 24 * 3600));  // older than it may get
  REQUIRE(out);
  CHECK(out->sink_gone);
  CHECK(out->delivery.state == DeliveryState::kWaiting);
  CHECK(out->delivery.next == noon(10 * 24 * 3600));
  CHECK(desk.wanted("siem", noon(999'999'999)) == 0);
  CHECK(desk.take({waiting(2)}, noon(999'999'999)).empty());
  CHECK(desk.switch_sink("siem", false));
  CHECK(desk.wanted("siem", noon(20)) == 1);
  CHECK_FALSE(desk.switch_sink("none", false));
  CHECK(desk.switch_sink("siem", true));
  CHECK(desk.wanted("siem", noon(20)) == 0);
}

TEST_CASE("delivery: a busy sink rests as long as it asks for, within bounds", "[notices]") {
  const auto rest = [](int status, std::optional<Nanoseconds> asked) {
    DeliveryDesk desk = desk_with();
    REQUIRE(desk.take({waiting(1)}, noon(0)).size() == 1);
    const auto out = desk.settle(1, answered(status, asked), noon(10));
    const auto until = desk.rests_until("siem", noon(10));
    CHECK(until.value_or(noon(10)) == (until ? out->delivery.next : noon(10)));
    CHECK((desk.wanted("siem", noon(10)) == 0) == until.has_value());
    return until ? *until - noon(10) : Nanoseconds{0};
  };
  CHECK(rest(429, minutes{2}) == minutes{2});
  CHECK(rest(503, minutes{2}) == minutes{2});
  CHECK(rest(503, hours{1000}) == hours{1});
  CHECK(rest(503, Nanoseconds{0}) == seconds{1});
  CHECK(rest(503, Nanoseconds{-5}) == seconds{1});
  CHECK(rest(503, std::nullopt) == seconds{5});
  CHECK(rest(500, minutes{2}) == Nanoseconds{0});  // no rest, and its wish is not heard
}

TEST_CASE("delivery: a rest ends, also where the clock is set back", "[notices]") {
  DeliveryDesk desk = desk_with();
  REQUIRE(desk.take({waiting(1)}, noon(0)).size() == 1);
  REQUIRE(desk.settle(1, answered(429, minutes{30}), noon(0)));
  CHECK(desk.wanted("siem", noon(1799)) == 0);
  CHECK(desk.wanted("siem", noon(1800)) == 1);
  CHECK_FALSE(desk.rests_until("siem", noon(1800)));
  CHECK(desk.wanted("siem", noon(-1800)) == 0);  // could still have been set so
  CHECK(desk.wanted("siem", noon(-1801)) == 1);
  CHECK(desk.switch_sink("siem", false));
  CHECK(desk.wanted("siem", noon(10)) == 1);
}

TEST_CASE("delivery: one of each stream at a time, four of a sink, and one after a failure", "[notices]") {
  DeliveryDesk desk = desk_with();
  desk.add_sink("other", {}, false);
  CHECK(desk.wanted("siem", noon(0)) == 4);
  CHECK(desk.wanted("none", noon(0)) == 0);
  const std::vector<Delivery> due{waiting(1, "case/A"),         waiting(2, "case/A"), waiting(3, "case/B"),
                                  waiting(4, "case/C"),         waiting(5, "case/D"), waiting(6, "case/E"),
                                  waiting(7, "case/A", "other")};
  CHECK(numbers(desk.take(due, noon(0))) == Numbers{1, 3, 4, 5, 7});
  CHECK(desk.in_flight() == 5);
  CHECK(desk.wanted("siem", noon(0)) == 0);
  CHECK(desk.take(due, noon(0)).empty());
  REQUIRE(desk.settle(1, answered(200), noon(1)));
  CHECK(desk.wanted("siem", noon(1)) == 4);  // one more, and three that it will say anyway
  CHECK(numbers(desk.take({waiting(3, "case/B"), waiting(2, "case/A"), waiting(6, "case/E")}, noon(1))) ==
        Numbers{2});
  REQUIRE(desk.settle(3, answered(500), noon(2)));
  CHECK(desk.wanted("siem", noon(2)) == 0);
  REQUIRE(desk.settle(4, answered(500), noon(2)));
  REQUIRE(desk.settle(5, answered(500), noon(2)));
  REQUIRE(desk.settle(2, answered(500), noon(2)));
  CHECK(desk.wanted("siem", noon(2)) == 1);
  CHECK(numbers(desk.take({waiting(6, "case/E"), waiting(8, "case/F")}, noon(2))) == Numbers{6});
  REQUIRE(desk.settle(6, answered(200), noon(3)));
  CHECK(desk.wanted("siem", noon(3)) == 4);
  CHECK_FALSE(desk.settle(6, answered(200), noon(3)));
  CHECK_FALSE(desk.settle(99, answered(200), noon(3)));
}

TEST_CASE("delivery: what is not due, not waiting, or for nobody is not taken", "[notices]") {
  DeliveryDesk desk = desk_with();
  Delivery later = waiting(1);
  later.next = noon(5);
  CHECK(desk.take({later}, noon(4)).empty());
  Delivery sent = waiting(2);
  sent.state = DeliveryState::kSent;
  Delivery dead = waiting(3);
  dead.state = DeliveryState::kDead;
  CHECK(desk.take({sent, dead, waiting(4, "case/X", "gone")}, noon(10)).empty());
  CHECK(numbers(desk.take({later}, noon(5))) == Numbers{1});
  later.number = 9;
  later.stream = "case/Y";
  later.next = noon(3601);
  CHECK(desk.take({later}, noon(1)).empty());
  CHECK(numbers(desk.take({later}, noon(0))) ==
        Numbers{9});  // an hour and a second ahead: the clock went back
}

TEST_CASE("delivery: what was taken and is not sent after all is taken again", "[notices]") {
  DeliveryDesk desk = desk_with();
  CHECK(numbers(desk.take({waiting(1), waiting(2, "case/D")}, noon(0))) == Numbers{1, 2});
  desk.put_back(1);
  CHECK(desk.in_flight() == 1);
  CHECK_FALSE(desk.settle(1, answered(200), noon(1)));
  CHECK(numbers(desk.take({waiting(1), waiting(2, "case/D")}, noon(1))) == Numbers{1});
  desk.put_back(99);  // none of this number
  CHECK(desk.in_flight() == 2);
}

TEST_CASE("delivery: a sink that was off at the start stays so", "[notices]") {
  DeliveryDesk desk{[] { return 0.0; }};
  desk.add_sink("siem", {}, true);
  CHECK(desk.wanted("siem", noon(0)) == 0);
  CHECK(desk.take({waiting(1)}, noon(0)).empty());
}

TEST_CASE("delivery: a log entry is bounded and cut between characters", "[notices]") {
  std::string long_said;
  while (long_said.size() < 3'000) long_said += "\u20ac";
  for (const std::string& said : {long_said, "x" + long_said, "xy" + long_said}) {
    const std::string text = settled(answered(500, std::nullopt, said)).entry.text;
    CHECK(text.size() <= kLogTextMax);
    CHECK(text.size() > kLogTextMax - 3);
    CHECK(text == ("500 | " + said).substr(0, text.size()));
    CHECK((text.size() - text.find("\u20ac")) % 3 == 0);
  }
  CHECK(settled(failed(AttemptEnd::kTls, std::string(5'000, 'x'))).entry.text.size() == kLogTextMax);
}

}  // namespace chiploc::test
