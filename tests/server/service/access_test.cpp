#include "server/service/access.hpp"

#include <vector>

#include "proto/v1/anchor_service.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

template <class Request>
const AccessRule* rule_of() {
  return access_rule_of(*Request::descriptor());
}

TEST_CASE("access: a request leads to the rule of its method, another message to none", "[service][roles]") {
  REQUIRE(rule_of<v1::GetChipRequest>() != nullptr);
  CHECK(rule_of<v1::GetChipRequest>()->method == "chiploc.v1.OperatorService.GetChip");
  CHECK(rule_of<v1::ImportRequest>()->method == "chiploc.v1.OperatorService.Import");
  CHECK(rule_of<v1::AnchorMessage>()->method == "chiploc.v1.AnchorService.Attach");
  CHECK(rule_of<v1::Verdict>() == nullptr);
  CHECK(rule_of<v1::GetChipResponse>() == nullptr);
}

TEST_CASE("access: who may change something is written down here a second time", "[service][roles]") {
  std::vector<std::string_view> admins;
  for (const AccessRule& rule : access_table()) {
    if (rule.who == Access::kAdmins) admins.push_back(rule.method);
  }
  CHECK(admins == std::vector<std::string_view>{
                      "chiploc.v1.OperatorService.Import", "chiploc.v1.OperatorService.RestartCounters",
                      "chiploc.v1.OperatorService.Verify", "chiploc.v1.OperatorService.ReplayVerdict"});
}

}  // namespace
}  // namespace chiploc::test
