#include "server/registry/change_warnings.hpp"

#include "tests/server/registry/world.hpp"

namespace chiploc::test::change_warnings_test {
namespace {

std::vector<std::string> texts(const Shortened<ImportWarning>& warnings) {
  std::vector<std::string> out;
  for (const ImportWarning& warning : warnings.shown) out.push_back(warning.key + ": " + warning.text);
  return out;
}
ImportFile prohibited(const std::string& rows) {
  return World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\n" + rows);
}
using Texts = std::vector<std::string>;

TEST_CASE("change warnings: each place that comes onto the prohibited list or leaves it", "[registry]") {
  const World world;
  const auto first = world.plan(world.everything());
  REQUIRE(first.ok());
  CHECK(change_warnings(Registry{}, first, 9).total == 0);  // a first list
  const auto second = world.plan({prohibited("KP\nSY\n")}, first.registry);
  CHECK(texts(change_warnings(*first.registry, second, 9)) ==
        Texts{"IR: was prohibited, is not prohibited any more",
              "SY: was not prohibited, is prohibited from now on"});
  const auto emptied = world.plan({prohibited("")}, first.registry);
  CHECK(texts(change_warnings(*first.registry, emptied, 9)) ==
        Texts{": the list is emptied: nothing is prohibited any more; it was IR KP",
              "IR: was prohibited, is not prohibited any more",
              "KP: was prohibited, is not prohibited any more"});
  const auto cut = change_warnings(*first.registry, emptied, 1);
  CHECK(cut.shown.size() == 1);
  CHECK(cut.total == 3);
  CHECK(change_warnings(*first.registry, world.plan({prohibited("IR\nKP\n")}, first.registry), 9).total == 0);
}

TEST_CASE("change warnings: an anchor that moves, from where to where and how far", "[registry]") {
  const World world;
  const auto first = world.plan(world.everything());
  REQUIRE(first.ok());
  std::string moved = World::anchor_row("fra1", 1, 7001);
  moved.replace(moved.find(",50.1,8.7,"), 10, ",51.1,8.7,");
  std::string renamed = World::anchor_row("par1", 2, 7002);  // another operator at the same place
  renamed.replace(renamed.find("Example Net"), 11, "Another Net");
  const auto second =
      world.plan({World::anchors(moved + renamed + World::anchor_row("ber1", 3, 7003))}, first.registry);
  INFO(shown_faults(second));
  REQUIRE(second.ok());
  CHECK(texts(change_warnings(*first.registry, second, 9)) ==
        Texts{"fra1: moves 111 km, from 50.1, 8.7 to 51.1, 8.7 (anchor id " +
              first.registry->anchor("fra1")->id.hex() + "): every proof with it rests on that place"});
}

}  // namespace
}  // namespace chiploc::test::change_warnings_test
