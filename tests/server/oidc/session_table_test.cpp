#include "server/oidc/session_table.hpp"

#include <set>

#include "tests/support/catch.hpp"

namespace session_table_test {
using namespace chiploc;
using namespace std::chrono_literals;

SteadyTime at(Nanoseconds time) { return {1'000h + time}; }
Dice counting() {
  return [next = std::uint32_t{0}](MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((++next * 2'654'435'761U) >> 24U);
  };
}
Identity person(const std::string& subject) {
  Identity out;
  out.common_name = "ann";
  out.unit = "reader";
  out.account = TokenAccount{"https://issuer.example", subject};
  return out;
}

TEST_CASE("sessions: found by their id, and by nothing near it", "[oidc]") {
  SessionTable table{{}, counting()};
  const auto id = table.open(person("a"), at(0s));
  REQUIRE(id);
  CHECK(id->size() == 43);
  const Session* const found = table.find(*id, at(1s));
  REQUIRE(found != nullptr);
  CHECK(found->identity.account->subject == "a");
  CHECK(found->csrf.size() == 43);
  CHECK(found->csrf != *id);
  for (std::size_t i = 0; i < id->size(); ++i) {
    std::string other = *id;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CHECK(table.find(other, at(1s)) == nullptr);
  }
  CHECK(table.find("", at(1s)) == nullptr);
  CHECK(table.find(*id + "A", at(1s)) == nullptr);
  CHECK(table.close(*id));
  CHECK(!table.close(*id));
  CHECK(table.find(*id, at(1s)) == nullptr);
}

TEST_CASE("sessions: one certificate's take no other's place", "[oidc]") {
  SessionTable table{{.per_person = 1}, counting()};
  const auto of = [](std::uint8_t certificate) {
    Identity out;
    out.common_name = "ann";
    out.unit = "reader";
    out.certificate = Digest{ByteArray<32>{certificate}};
    return out;
  };
  const auto first = table.open(of(1), at(0s)), other = table.open(of(2), at(1s));
  REQUIRE((first && other));
  CHECK(table.find(*first, at(2s)) != nullptr);
  REQUIRE(table.open(of(1), at(3s)));
  CHECK(table.find(*first, at(4s)) == nullptr);
  CHECK(table.find(*other, at(4s)) != nullptr);
}

TEST_CASE("sessions: each has an id and a token of its own", "[oidc]") {
  SessionTable table{{}, counting()};
  std::set<std::string> secrets;
  for (int i = 0; i < 4; ++i) {
    const auto id = table.open(person("a"), at(0s));
    REQUIRE(id);
    CHECK(secrets.insert(*id).second);
    CHECK(secrets.insert(table.find(*id, at(0s))->csrf).second);
  }
}

TEST_CASE("sessions: end when idle, and after a day's work whatever happens", "[oidc]") {
  SessionTable table{{}, counting()};
  const auto idle = table.open(person("a"), at(0s)), busy = table.open(person("b"), at(0s));
  REQUIRE((idle && busy));
  CHECK(table.find(*idle, at(30min - 1ns)) != nullptr);
  CHECK(table.find(*idle, at(60min - 2ns)) != nullptr);  // it was seen
  CHECK(table.find(*idle, at(90min)) == nullptr);
  CHECK(table.find(*idle, at(31min)) == nullptr);  // gone for good
  Nanoseconds last = 0s;
  for (Nanoseconds time = 0s; time < 10h; time += 20min)
    if (table.find(*busy, at(time)) != nullptr) last = time;
  CHECK(last == Nanoseconds{8h - 20min});
}

TEST_CASE("sessions: bounded, with room again when some have ended", "[oidc]") {
  SessionTable table{{.most = 3}, counting()};
  for (const char* subject : {"a", "b", "c"}) CHECK(table.open(person(subject), at(0s)));
  CHECK(!table.open(person("d"), at(1s)));
  CHECK(table.size() == 3);
  CHECK(table.open(person("d"), at(30min)));
  CHECK(table.size() == 1);
}

TEST_CASE("sessions: one person takes up no more than a few, and the one idle longest goes", "[oidc]") {
  SessionTable table{{.most = 100, .per_person = 2}, counting()};
  const auto first = table.open(person("a"), at(0s)), second = table.open(person("a"), at(1s));
  const auto other = table.open(person("b"), at(1s));
  REQUIRE((first && second && other));
  REQUIRE(table.find(*first, at(2s)) != nullptr);
  const auto third = table.open(person("a"), at(3s));
  REQUIRE(third);
  CHECK(table.find(*second, at(4s)) == nullptr);
  CHECK(table.find(*first, at(4s)) != nullptr);
  CHECK(table.find(*third, at(4s)) != nullptr);
  CHECK(table.find(*other, at(4s)) != nullptr);
  // The same subject of another issuer is somebody else.
  Identity elsewhere = person("a");
  elsewhere.account->issuer = "https://other.example";
  CHECK(table.open(elsewhere, at(5s)));
  CHECK(table.size() == 4);
}

}  // namespace session_table_test
