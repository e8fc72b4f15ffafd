// On the measurements that lie beside the checkout; they may not be redistributed, so they may be absent.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/server/plan/plan_told.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test::real_data_test {
namespace {

TEST_CASE("real data: ten anchors where the plan says prove more than by population or at random", "[plan]") {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / "wonderproxy-2020";
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return;
  }
  const Told told =
      plan({"--measured", folder.string(), "--start", "20", "--add", "10", "--compare", "population,random-3",
            "--goal", "cleared", "--prohibited", "CN,RU,IR,KP,BY,SY,CU,VE", "-o", "json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto json = nlohmann::json::parse(told.out);
  const auto& compared = json["compared"];
  REQUIRE(compared.size() == 7);
  const int chosen = compared[0]["proved"].get<int>();
  for (std::size_t other = 1; other <= 4; ++other) {
    INFO(compared[other].dump());
    CHECK(chosen > compared[other]["proved"].get<int>());
    CHECK(compared[other]["anchors"] == 10);
  }
  CHECK(compared[0]["anchors"].get<int>() <= 10);
  const int bound = compared[6]["proved"].get<int>();
  CHECK(compared[5]["proved"].get<int>() <= bound);
  CHECK(chosen <= bound);
}

}  // namespace
}  // namespace chiploc::test::real_data_test
