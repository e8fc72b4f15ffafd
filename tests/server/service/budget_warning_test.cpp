#include "server/service/budget_warning.hpp"

#include <future>

#include "proto/crypto/keys.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("use cases: anchors that are too few for the policy's faults are a warning of their import",
          "[service]") {
  // Two anchors of one operator are one perspective.
  const auto registry = std::make_shared<Registry>();
  const auto put = [&](const std::string& name, const std::string& operator_name,
                       const std::string& network) {
    AnchorRecord anchor;
    anchor.name = name;
    anchor.id.bytes[0] = static_cast<std::uint8_t>(name[0]);
    anchor.operator_name = operator_name;
    anchor.network = network;
    registry->put(std::move(anchor));
  };
  CHECK(budget_warning(*registry, {.fault_budget = 0}).find("at least 1 ") != std::string::npos);
  put("fra1", "Net", "AS1");
  put("par1", "Net", "AS2");
  put("scl1", "Sur", "AS3");
  CHECK(budget_warning(*registry, {.fault_budget = 0}).empty());
  CHECK(budget_warning(*registry, {.fault_budget = 1}).empty());
  CHECK(budget_warning(*registry, {.fault_budget = 9}) ==
        "faults = 9 of [policy] needs at least 10 independent perspectives (operators, networks) to verify "
        "anything; there are 2: register more anchors, or lower faults in chiplocd.toml");
  // What there are enough for stays; what there are too few for is named, the first of them.
  CHECK(budget_warning(*registry, {.fault_budget = 0, .more_to_clear = 1}).empty());
  CHECK(
      budget_warning(*registry, {.fault_budget = 1, .more_to_accuse = 1}) ==
      "faults_to_accuse = 2 of [policy] needs at least 3 independent perspectives (operators, networks) to accuse "
      "any chip; there are 2: register more anchors, or lower faults_to_accuse in chiplocd.toml");
  CHECK(budget_warning(*registry, {.fault_budget = 1, .more_to_clear = 1}).find("faults_to_clear = 2 ") == 0);

  ServiceWorld world{.policy = {.fault_budget = 1}};
  const auto import = [&](v1::ImportKind kind, const std::string& content) {
    v1::ImportRequest request;
    auto& file = *request.add_files();
    file.set_kind(kind);
    file.set_name("rows.csv");
    file.set_format("csv");
    file.set_content(content);
    std::promise<Answer<v1::ImportResponse>> promise;
    world.cases.import(request, kAdmin,
                       [&](Answer<v1::ImportResponse> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  };
  const auto licence =
      import(v1::LICENCES, "id,holder,countries,valid_from,valid_to\nL-1,E,DE,2026-01-01,2027-12-31\n");
  REQUIRE(licence);
  CHECK(licence->warnings_size() == 0);  // no anchors in it: nothing that it could change
  const std::string header = "name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous\n";
  const auto row = [](const std::string& name, const std::string& network) {
    const std::string key = to_hex(*generate_key(SignatureAlgorithm::kEd25519)->public_key().raw_ed25519());
    return name + "," + key + ",50.1,8.7,1," + name + "," + network + ",192.0.2.1:7411,yes\n";
  };
  const auto few = import(v1::ANCHORS, header + row("fra1", "AS1"));
  REQUIRE(few);
  REQUIRE(few->warnings_size() == 1);
  CHECK(few->warnings_total() == 1);
  CHECK(few->warnings(0).problem().find("faults = 1 of [policy] needs at least 2 ") == 0);
  const auto enough = import(v1::ANCHORS, header + row("par1", "AS2"));
  REQUIRE(enough);
  CHECK(enough->warnings_size() == 0);
}

}  // namespace
}  // namespace chiploc::test
