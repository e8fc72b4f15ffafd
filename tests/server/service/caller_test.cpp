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

TEST_CASE("caller: each role may make its own calls and no others", "[service][roles]") {
  for (const AccessRule& rule : access_table()) {
    INFO(rule.method);
    const bool anchors = rule.who == Access::kAnchors;
    CHECK(admit(&rule, "fra1", "anchor").has_value() == anchors);
    CHECK(admit(&rule, "bob", "reader").has_value() == (rule.who == Access::kReaders));
    CHECK(admit(&rule, "alice", "admin").has_value() == !anchors);
    for (const char* other : {"", "Admin", "coordinator", "reader "}) CHECK_FALSE(admit(&rule, "x", other));
  }
}

TEST_CASE("caller: a refusal says what is wrong and what would do", "[service][roles]") {
  CHECK(admit(nullptr, "alice", "admin").error().code == ApiFaultCode::kWrongRole);
  const auto* list = rule_for<v1::ListChipsRequest>();
  CHECK(admit(list, "alice", "admin")->role == Role::kAdmin);
  CHECK(admit(list, "bob", "reader")->role == Role::kReader);
  CHECK(admit(list, "bob", "reader")->name == "bob");
  CHECK(admit(rule_for<v1::AnchorMessage>(), "fra1", "anchor")->role == Role::kAnchor);
  const auto refusal = [](const AccessRule* rule, const char* name, const char* unit) {
    const auto refused = admit(rule, name, unit);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ApiFaultCode::kWrongRole);
    return refused.error().text;
  };
  CHECK(refusal(list, "fra1", "anchor") ==
        "the role \"anchor\" may not use this service; use a certificate whose OU is reader or admin");
  CHECK(refusal(rule_for<v1::ImportRequest>(), "bob", "reader") ==
        "the role reader may not import; use an admin's certificate");
  CHECK(refusal(rule_for<v1::VerifyRequest>(), "bob", "reader") ==
        "the role reader may not start a round; use an admin's certificate");
  CHECK(refusal(rule_for<v1::RestartCountersRequest>(), "bob", "reader") ==
        "the role reader may not restart a chip's counters; use an admin's certificate");
  CHECK(refusal(rule_for<v1::AnchorMessage>(), "alice", "admin") ==
        "the client certificate of 'alice' has the role 'admin'; only 'anchor' may attach");
  CHECK(require_admin({"bob", Role::kReader}, "see the evidence of a round").error().text ==
        "the role reader may not see the evidence of a round; use an admin's certificate");
  CHECK(require_admin({"alice", Role::kAdmin}, "see the evidence of a round"));
}

}  // namespace
}  // namespace chiploc::test
