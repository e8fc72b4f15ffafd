#include "server/cases/mute.hpp"

#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

NoticeFact fact() {
  NoticeFact out{FactKind::kCaseUpdated, "elsewhere/O-1/campus#1", hour(5), "Something."};
  out.case_kind = "elsewhere";
  out.order = "O-1";
  out.licence = "L-1";
  out.site = "campus";
  out.chip = case_chip(7);
  return out;
}

MuteRule rule() { return {{.order = "O-1"}, "they know", "Ann", hour(0), hour(100)}; }

TEST_CASE("mute: everything that its scope states has to fit") {
  CHECK(fits({}, fact()));
  CHECK(fits({.fact = FactKind::kCaseUpdated}, fact()));
  CHECK(!fits({.fact = FactKind::kCaseOpened}, fact()));
  CHECK(fits({.case_kind = CaseKind::kElsewhere}, fact()));
  CHECK(!fits({.case_kind = CaseKind::kUnproven}, fact()));
  CHECK(fits({.order = "O-1"}, fact()));
  CHECK(!fits({.order = "O-2"}, fact()));
  CHECK(fits({.licence = "L-1"}, fact()));
  CHECK(!fits({.licence = "L-2"}, fact()));
  CHECK(fits({.site = "campus"}, fact()));
  CHECK(!fits({.site = "camp"}, fact()));
  CHECK(fits({.chip = case_chip(7)}, fact()));
  CHECK(!fits({.chip = case_chip(8)}, fact()));
  CHECK(fits({FactKind::kCaseUpdated, CaseKind::kElsewhere, "O-1", "L-1", "campus", case_chip(7)}, fact()));
  CHECK(!fits({FactKind::kCaseUpdated, CaseKind::kElsewhere, "O-1", "L-1", "north", case_chip(7)}, fact()));
  const NoticeFact bare{FactKind::kOrderHeld, "O-1", hour(5), "Held."};  // of which little is known
  CHECK(!fits({.order = "O-1"}, bare));
  CHECK(!fits({.case_kind = CaseKind::kElsewhere}, bare));
  CHECK(!fits({.chip = case_chip(7)}, bare));
}

TEST_CASE("mute: from its begin until its end, and no longer") {
  const std::vector mutes{MuteRule{{.order = "O-9"}, "x", "Ann", hour(0), hour(100)}, rule()};
  CHECK(muted_by(mutes, fact(), hour(-1)) == nullptr);
  CHECK(muted_by(mutes, fact(), hour(0)) == &mutes[1]);
  CHECK(muted_by(mutes, fact(), hour(99.9)) == &mutes[1]);
  CHECK(muted_by(mutes, fact(), hour(100)) == nullptr);
  CHECK(muted_by({}, fact(), hour(5)) == nullptr);
}

TEST_CASE("mute: it has a scope, a reason, an author and an end") {
  CHECK(refusal_of(rule(), {}).empty());
  const auto refused = [](auto change) {
    MuteRule one = rule();
    change(one);
    return refusal_of(one, {});
  };
  CHECK(refused([](MuteRule& r) { r.scope = {}; }) ==
        "the scope is missing: name an order, a site, a licence, a chip or a kind");
  CHECK(refused([](MuteRule& r) { r.reason = ""; }) == "the reason is missing");
  CHECK(refused([](MuteRule& r) { r.author = " "; }) == "the author is missing");
  CHECK(refused([](MuteRule& r) { r.until = r.from; }) == "it ends before it begins");
  CHECK(refused([](MuteRule& r) { r.until = hour(30 * 24); }).empty());
  CHECK(refused([](MuteRule& r) { r.until = hour(30 * 24 + 0.1); }) ==
        "it is longer than the policy's mute_most");
  CHECK(refused([](MuteRule& r) { r.scope.order = "\xff"; }) == "the order is not in UTF-8");
  CHECK(refused([](MuteRule& r) { r.scope.site = std::string(201, 'x'); }) ==
        "the site is longer than 200 bytes");
  CHECK(refused([](MuteRule& r) { r.scope.licence = "\x1b"; }) ==
        "the licence has a character that cannot be shown");
}

}  // namespace
}  // namespace chiploc
