// Rows of large sets, whose laws are learnt once for a tenth of the targets.
#include <random>

#include "geo/estimate/city_table.hpp"
#include "server/eval/digest.hpp"
#include "server/eval/runner.hpp"
#include "tests/server/eval/small_set.hpp"

namespace chiploc::test {
namespace {

/// A hundred and ten nodes all over the world, enough for laws that are learnt ten times; paths take 1.2 to 2 times as long
/// as fibre does.
RttSet large_set() {
  RttFiles files;
  files.nodes = "id,name,lat,lon,country_iso2\n";
  std::vector<LatLon> places;
  for (const City& city : CityTable::world().cities) {
    if (places.size() == 110) break;
    const auto country = Borders::world().country_at(city.place);
    if (city.people < 2'000'000 || !country) continue;
    const std::string id = "n" + std::to_string(places.size());
    files.nodes += id + "," + id + "," + std::to_string(city.place.lat_deg()) + "," +
                   std::to_string(city.place.lon_deg()) + "," + std::string{country->view()} + "\n";
    places.push_back(city.place);
  }
  REQUIRE(places.size() == 110);
  std::mt19937_64 random{7};
  files.rtt = "src,dst,min_ms\n";
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (std::size_t b = 0; b < places.size(); ++b) {
      if (a == b) continue;
      const double factor = 1.2 + static_cast<double>(random() % 1000) / 1250.0;
      const double ms =
          1.0 + factor * 2e3 * geodesic_distance(places[a], places[b]).km() / kLightInFibre.km_s();
      files.rtt += "n" + std::to_string(a) + ",n" + std::to_string(b) + "," + std::to_string(ms) + "\n";
    }
  }
  return parse(files);
}

TEST_CASE("runner: of a large set laws are learnt for a tenth of the targets, and none of them teaches",
          "[eval]") {
  const RttSet set = large_set();
  CaseRow all = build_rows(set, {"all"}).value().front();
  REQUIRE(all.pool.size() == 110);
  REQUIRE(all.groups.size() == 110);
  CaseRow few = all;
  few.groups = {all.groups[0], all.groups[1]};
  const std::vector<CaseRow> rows{few};
  const auto one = run_rows(set, rows, Borders::world(), {}, 1);
  CHECK(digest_of(one) == digest_of(run_rows(set, rows, Borders::world(), {}, 3)));

  // What the target of the first group measures itself is no part of its case, nor of what it is judged by ..
  RttSet changed = set;
  const std::size_t target = few.groups[0].targets.front();
  for (std::size_t b = 0; b < set.nodes.size(); ++b) {
    if (b != target) changed.min_ms[target * set.nodes.size() + b] *= 3.0;
  }
  const auto other = run_rows(changed, rows, Borders::world(), {}, 1);
  CHECK(other[0].cases[0].digest == one[0].cases[0].digest);
  CHECK(other[0].cases[0].error_km == one[0].cases[0].error_km);
  CHECK(other[0].cases[0].credible_level == one[0].cases[0].credible_level);
  // .. and it is of the other's, which is in another fold.
  CHECK(other[0].cases[1].common_delay_ms != one[0].cases[1].common_delay_ms);

  // Nearly what learning anew for each of them gives.
  CaseRow anew = few;
  anew.pool.clear();
  const std::vector<CaseRow> by_itself{anew};
  const auto exact = run_rows(set, by_itself, Borders::world(), {}, 1);
  for (std::size_t c = 0; c < 2; ++c)
    CHECK(exact[0].cases[c].error_km == Approx(one[0].cases[c].error_km).margin(250.0));
}

TEST_CASE("runner: where nodes of a large set contradict each other, each group says so by itself",
          "[eval]") {
  RttSet set = large_set();
  CaseRow all = build_rows(set, {"all"}).value().front();
  const std::size_t liar = all.groups[50].targets.front();
  for (std::size_t b = 0; b < set.nodes.size(); ++b) {
    if (b == liar) continue;
    set.min_ms[liar * set.nodes.size() + b] = set.min_ms[b * set.nodes.size() + liar] = 1.0;
  }
  CaseRow few = all;
  few.groups = {all.groups[0]};
  const std::vector<CaseRow> rows{few};
  const auto outcome = run_rows(set, rows, Borders::world(), {}, 2);
  CHECK(outcome[0].suspects == std::set<std::size_t>{liar});
}

}  // namespace
}  // namespace chiploc::test
