#include "server/follow_up/transshipment.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("transshipment: without an order it is the licence's end user, and what is not stated is no reason",
          "[follow_up]") {
  const std::vector<CountryCode> countries{CountryCode::from_text("AE").value()};
  Registry registry;
  LicenceRecord licence;
  licence.id = "L-1";
  licence.end_user = "User";
  registry.put(licence);
  CHECK(transshipment_of(registry, "", "L-1", "", countries).empty());
  registry.put(EntityRecord{"User", {EntityRole::kEndUser}});
  CHECK(transshipment_of(registry, "", "L-1", "", countries).empty());
  registry.put(EntityRecord{"User", {EntityRole::kEndUser}, countries.front()});
  CHECK(transshipment_of(registry, "", "L-1", "", countries) == "the end user is in AE");
  CHECK(transshipment_of(registry, "", "L-2", "hall", countries).empty());
  CHECK(transshipment_of(registry, "", "L-1", "", {}).empty());
}

}  // namespace chiploc::test
