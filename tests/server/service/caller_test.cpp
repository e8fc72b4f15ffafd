#include "server/service/caller.hpp"

#include "proto/v1/anchor_service.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

template <class Request>
const AccessRule* rule_for() {
  return access_rule_of(*Request::descriptor());
}

std::string refusal(const AccessRule* rule, const Identity& identity) {
  const auto refused = admit(rule, identity);
  if (refused) return "let in";
  CHECK(refused.error().code == ApiFaultCode::kWrongRole);
  return refused.error().text;
}

TEST_CASE("caller: each role may make its own calls and no others", "[service][roles]") {
  for (const AccessRule& rule : access_table()) {
    INFO(rule.method);
    for (const RoleName& known : kRoles) {
      INFO(known.unit);
      const bool needs_holder = known.role == Role::kOperator;
      const auto caller =
          admit(&rule, {"x", std::string{known.unit},
                        needs_holder ? std::vector<std::string>{"holder:Acme"} : std::vector<std::string>{}});
      CHECK(caller.has_value() == rule.may.has(known.role));
      if (!caller) continue;
      CHECK(caller->role == known.role);
      CHECK(caller->sees_all == rule.whole.has(known.role));
      CHECK(caller->holder.has_value() == needs_holder);
      CHECK(caller->method == rule.method);
    }
    for (const char* other : {"", "Admin", "coordinator", "reader "}) CHECK_FALSE(admit(&rule, {"x", other}));
  }
}

TEST_CASE("caller: a refusal says what is wrong and what would do", "[service][roles]") {
  CHECK(admit(nullptr, {"alice", "admin"}).error().code == ApiFaultCode::kWrongRole);
  const auto* list = rule_for<v1::ListChipsRequest>();
  Digest digest;
  digest.bytes.fill(7);
  CHECK(admit(list, {"bob", "reader", {}, digest})->name == "bob");
  CHECK(admit(list, {"bob", "reader", {}, digest})->certificate == digest);
  CHECK(admit(rule_for<v1::AnchorMessage>(), {"fra1", "anchor"})->role == Role::kAnchor);
  CHECK(refusal(list, {"fra1", "anchor"}) ==
        "the role \"anchor\" may not use this service; use a certificate whose OU is reader, verifier, "
        "registrar, auditor, admin, regulator, analyst, operator or researcher");
  CHECK(refusal(rule_for<v1::ImportRequest>(), {"bob", "reader"}) ==
        "the role reader may not import; use a registrar's or an admin's certificate");
  CHECK(refusal(rule_for<v1::VerifyRequest>(), {"eve", "auditor"}) ==
        "the role auditor may not start a round; use a verifier's, an admin's or an analyst's certificate");
  CHECK(refusal(rule_for<v1::RestartCountersRequest>(), {"rob", "registrar"}) ==
        "the role registrar may not restart a chip's counters; use an admin's certificate");
  CHECK(refusal(rule_for<v1::AnchorMessage>(), {"alice", "admin"}) ==
        "the client certificate of 'alice' has the role 'admin'; only 'anchor' may attach");
  CHECK(require({"bob", Role::kVerifier}, evidence_rule()).error().text ==
        "the role verifier may not see the evidence of a round; use an auditor's or an admin's certificate");
  CHECK(require({"alice", Role::kAdmin}, evidence_rule()));
  CHECK(require({"eve", Role::kAuditor}, evidence_rule()));
}

TEST_CASE("caller: an operator is a holder's own, by certificate or token", "[service][roles][entity]") {
  const auto* list = rule_for<v1::ListChipsRequest>();
  CHECK(admit(list, {"olga", "operator", {"holder:Acme Ltd"}})->holder == "Acme Ltd");
  CHECK(
      refusal(list, {"olga", "operator"}) ==
      "the role operator is a holder's own, and this certificate names none; have it issued with the entity "
      "holder:NAME");
  CHECK(refusal(list, {"olga", "operator", {"Acme Ltd"}}).find("names none") != std::string::npos);
  Identity token{"olga", "operator"};
  token.account = TokenAccount{"https://issuer.example", "u-1"};
  CHECK(refusal(list, token).find("this token names none") != std::string::npos);
  token.organizations = {"holder:Acme Ltd"};
  CHECK(admit(list, token)->account == token.account);
  CHECK(admit(rule_for<v1::DisputeCaseRequest>(), token)->holder == "Acme Ltd");
  CHECK(refusal(rule_for<v1::ResolveCaseRequest>(), token).find("may not resolve a case") !=
        std::string::npos);
}

TEST_CASE("caller: an O that begins with holder: limits what is seen", "[service][roles][entity]") {
  const auto* list = rule_for<v1::ListChipsRequest>();
  CHECK(admit(list, {"bob", "reader", {"holder:Acme Ltd"}})->holder == "Acme Ltd");
  CHECK(admit(list, {"bob", "reader", {"Operator GmbH", "holder:a:b"}})->holder == "a:b");
  CHECK_FALSE(admit(list, {"bob", "reader", {"Operator GmbH"}})->holder);
  CHECK(admit(rule_for<v1::VerifyRequest>(), {"vic", "verifier", {"holder:Acme"}})->holder == "Acme");
  CHECK(
      refusal(rule_for<v1::ImportRequest>(), {"rob", "registrar", {"holder:Acme"}}) ==
      "a certificate of holder:\"Acme\" may not import, which is about more than this holder's chips; use one "
      "without a holder");
  CHECK(refusal(rule_for<v1::RestartCountersRequest>(), {"alice", "admin", {"holder:Acme"}})
            .find("may not restart") != std::string::npos);
}

TEST_CASE("caller: an entity that is not understood never widens what is seen", "[service][roles][entity]") {
  const auto* list = rule_for<v1::ListChipsRequest>();
  for (const char* unknown : {"Holder:Acme", "holder:", "region:EU", ":", "?:", " holder:Acme"}) {
    INFO(unknown);
    CHECK(refusal(list, {"bob", "reader", {unknown}}).find("names an entity of no kind that is known here") !=
          std::string::npos);
    CHECK(refusal(list, {"alice", "admin", {unknown}}) != "let in");
  }
  CHECK(
      refusal(list, {"bob", "reader", {"holder:Acme", "holder:Bolt"}}) ==
      "the certificate's O \"holder:Bolt\" names a second entity; have it issued again with one O, holder:NAME, "
      "or without a colon in it");
}

}  // namespace
}  // namespace chiploc::test
