// Tokens of enrolment: made, used once, refused, revoked, over; each step on record.
#include "proto/crypto/digest.hpp"
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

constexpr std::size_t kRoom = 100;
Digest secret(const std::string& text) { return sha256(bytes_of(text)); }

Enrolment newcomer(const std::string& token, std::int64_t from = 10, std::int64_t until = 100) {
  Enrolment out;
  out.number = 77;  // the store gives its own
  out.token_sha256 = secret(token);
  out.kind = "site";
  out.name = "olga";
  out.holder = "Example SA";
  out.maker = "Acme Silicon";
  out.model = "LAB-100";
  out.licence = "L-1";
  out.reason = "new site";
  out.by = "alice";
  out.by.certificate = secret("certificate");
  out.at = at(from);
  out.until = at(until);
  return out;
}
std::vector<std::uint64_t> numbers_of(EnrolmentReader& reader, const EnrolmentQuery& query) {
  const auto all = reader.enrolments(query);
  REQUIRE(all);
  std::vector<std::uint64_t> out;
  for (const Enrolment& one : *all) out.push_back(one.number);
  return out;
}
std::string story_of(EnrolmentReader& reader, std::uint64_t number) {
  const auto steps = reader.enrolment_steps(number);
  REQUIRE(steps);
  std::string out;
  for (const EnrolmentStep& one : *steps) {
    out += (out.empty() ? "" : ", ") + std::string{name_of(one.kind)} + " " + one.who;
    if (!one.note.empty()) out += " (" + one.note + ")";
  }
  return out;
}

}  // namespace

TEST_CASE("enrolment: a token is used once, by one key, and again by that key until its end",
          "[storage][conformance]") {
  const auto backend = each_backend();
  {
    const auto store = backend->open();
    CHECK(store->enrolments().make_enrolment(newcomer("t"), kRoom).value() == 1);
    const auto used = store->enrolments().redeem(secret("t"), secret("key"), "192.0.2.1", at(20));
    REQUIRE(used);
    CHECK_FALSE(used->refusal);
    CHECK_FALSE(used->again);
    CHECK(used->enrolment.name == "olga");
    CHECK(used->enrolment.maker == "Acme Silicon");
    CHECK(used->enrolment.model == "LAB-100");
    CHECK(used->enrolment.licence == "L-1");
  }
  const auto store = backend->open();
  EnrolmentStore& enrolments = store->enrolments();
  const auto again = enrolments.redeem(secret("t"), secret("key"), "192.0.2.2", at(99)).value();
  CHECK_FALSE(again.refusal);
  CHECK(again.again);
  CHECK(enrolments.redeem(secret("t"), secret("other"), "192.0.2.3", at(30)).value().refusal ==
        EnrolmentRefusal::kUsed);
  CHECK(enrolments.redeem(secret("t"), secret("key"), "192.0.2.1", at(100)).value().refusal ==
        EnrolmentRefusal::kExpired);
  CHECK(enrolments.redeem(secret("u"), secret("key"), "192.0.2.1", at(20)).value().refusal ==
        EnrolmentRefusal::kUnknown);
  const auto read = backend->open_reader();
  const Enrolment one = read->enrolments().enrolments({}).value().at(0);
  CHECK(one.number == 1);
  CHECK(one.token_sha256 == secret("t"));
  CHECK(one.kind == "site");
  CHECK(one.holder == "Example SA");
  CHECK(one.reason == "new site");
  CHECK(one.by.name == "alice");
  CHECK(one.by.certificate == secret("certificate"));
  CHECK(one.at == at(10));
  CHECK(one.until == at(100));
  CHECK(one.state == EnrolmentState::kUsed);
  CHECK(one.used == at(20));
  CHECK(one.used_key == secret("key"));
  CHECK(one.used_from == "192.0.2.1");
  CHECK_FALSE(one.revoked);
  CHECK(story_of(read->enrolments(), 1) ==
        "made alice (new site), used 192.0.2.1, repeated 192.0.2.2, refused 192.0.2.3 (used), "
        "refused 192.0.2.1 (expired)");
}

TEST_CASE("enrolment: what is revoked or over is refused, and says so once", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  EnrolmentStore& enrolments = store->enrolments();
  REQUIRE(enrolments.make_enrolment(newcomer("r"), kRoom));
  REQUIRE(enrolments.make_enrolment(newcomer("o"), kRoom));
  REQUIRE(enrolments.revoke_enrolment(1, "carol", at(20)));
  const auto twice = enrolments.revoke_enrolment(1, "carol", at(21));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == StoreFaultCode::kConflict);
  CHECK(enrolments.revoke_enrolment(3, "carol", at(20)).error().code == StoreFaultCode::kNotFound);
  CHECK(enrolments.redeem(secret("r"), secret("key"), "a", at(22)).value().refusal ==
        EnrolmentRefusal::kRevoked);
  CHECK(enrolments.redeem(secret("o"), secret("key"), "a", at(100)).value().refusal ==
        EnrolmentRefusal::kExpired);
  CHECK(enrolments.revoke_enrolment(2, "carol", at(101)).error().code == StoreFaultCode::kConflict);
  CHECK(story_of(enrolments, 1) == "made alice (new site), revoked carol, refused a (revoked)");
  CHECK(story_of(enrolments, 2) == "made alice (new site), expired , refused a (expired)");
  CHECK(enrolments.enrolments({}).value().at(1).revoked_by == "carol");
}

TEST_CASE("enrolment: so many are open at most, and those that are over give way", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  EnrolmentStore& enrolments = store->enrolments();
  REQUIRE(enrolments.make_enrolment(newcomer("1", 10, 50), 2));
  REQUIRE(enrolments.make_enrolment(newcomer("2"), 2));
  CHECK(enrolments.make_enrolment(newcomer("3", 49), 2).error().code == StoreFaultCode::kConflict);
  CHECK(enrolments.make_enrolment(newcomer("3", 50), 2).value() == 3);
  CHECK(numbers_of(enrolments, {}) == std::vector<std::uint64_t>{3, 2, 1});
  CHECK(numbers_of(enrolments, {.open_at = at(60)}) == std::vector<std::uint64_t>{3, 2});
  CHECK(numbers_of(enrolments, {.before = 3, .limit = 1}) == std::vector<std::uint64_t>{2});
  const auto refused = [&](const std::function<void(Enrolment&)>& change) {
    Enrolment one = newcomer("4");
    change(one);
    const auto made = enrolments.make_enrolment(one, kRoom);
    return !made && made.error().code == StoreFaultCode::kInvalid;
  };
  CHECK(refused([](Enrolment& one) { one.name = ""; }));
  CHECK(refused([](Enrolment& one) { one.kind = ""; }));
  CHECK(refused([](Enrolment& one) { one.by = ""; }));
  CHECK(refused([](Enrolment& one) { one.until = one.at; }));
  CHECK(refused([](Enrolment& one) { one.reason.assign(kEnrolmentTextMax + 1, 'r'); }));
  CHECK_FALSE(enrolments.make_enrolment(newcomer("2"), kRoom));  // no two have one token
}

TEST_CASE("enrolment: whoever tries for ever fills no disk", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  EnrolmentStore& enrolments = store->enrolments();
  REQUIRE(enrolments.make_enrolment(newcomer("t"), kRoom));
  REQUIRE(enrolments.redeem(secret("t"), secret("key"), "a", at(20)));
  for (std::uint64_t i = 0; i < kEnrolmentRefusalsKept + 9; ++i)
    CHECK(enrolments.redeem(secret("t"), secret(std::to_string(i)), "b", at(21)).value().refusal ==
          EnrolmentRefusal::kUsed);
  CHECK(enrolments.enrolment_steps(1).value().size() == 2 + kEnrolmentRefusalsKept);
}

}  // namespace chiploc::test
