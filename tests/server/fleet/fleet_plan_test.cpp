// Who belongs to which situation, and who measures it.
#include "server/fleet/fleet_plan.hpp"

#include "tests/server/fleet/fleet_text.hpp"

namespace chiploc::fleet {
namespace {

TEST_CASE("fleet plan: chips belong to a site, an uplink, and the last ones to a diversion", "[fleet]") {
  const FleetPlan plan{fleet_of(kSmallFleet), Borders::world()};
  REQUIRE(plan.situations().size() == 2 * 7 + 2 * 3);
  CHECK(plan.file().situations() == plan.situations().size());
  CHECK(plan.place_of(0).honest == 0);
  CHECK(plan.place_of(8).honest == 1);
  CHECK_FALSE(plan.place_of(53).diverted);
  CHECK(plan.place_of(54).diverted == plan.place_of(54).honest + 7);  // a tenth of 60
  CHECK(plan.place_of(59).site == 0);
  CHECK(plan.place_of(60).site == 1);
  CHECK(plan.place_of(60).honest == 14);
  CHECK_FALSE(plan.place_of(89).diverted);
  CHECK(plan.place_of(90).diverted);
  CHECK(plan.situations()[7].dark == false);
  CHECK(plan.situations()[7].honest == false);
  CHECK(plan.situations()[17].dark);
}

TEST_CASE("fleet plan: paths are the network model's, to where chip and anchor truly are", "[fleet]") {
  const FleetFile file =
      fleet_of(changed(kSmallFleet, "lon = 2.35\n", "lon = 2.35\ntrue_lat = 43.30\ntrue_lon = 5.37\n"));
  const FleetPlan plan{file, Borders::world()};
  const NetworkSite paris{.name = "par",
                          .place = *LatLon::from_degrees({.lat = 43.30, .lon = 5.37}),
                          .last_mile = Nanoseconds{100'000},
                          .via = {},
                          .via_last_mile = {}};
  const NetworkSite chip{.name = "Mainz/2",
                         .place = file.sites[0].place,
                         .last_mile = Nanoseconds{100'000},
                         .via = {},
                         .via_last_mile = {}};
  const NetworkSite away{.name = "Mainz/2/diverted",
                         .place = *LatLon::from_degrees({.lat = 55.76, .lon = 37.62}),
                         .last_mile = {},
                         .via = {},
                         .via_last_mile = {}};
  CHECK(plan.situations()[2].listeners[4].empty_path == round_trip_delay(file.network, paris, chip));
  CHECK(plan.situations()[9].listeners[4].empty_path == round_trip_delay(file.network, paris, away));
  // It is judged by where it is registered.
  CHECK(plan.situations()[2].listeners[4].place.lat_deg() == Approx(48.86));
}

TEST_CASE("fleet plan: a relay adds its way, and who stalls adds its wait", "[fleet]") {
  const std::string relayed = changed(kSmallFleet, "lon = 37.62\n", "lon = 37.62\nbehaviour = \"relayed\"\n");
  const std::string stalled =
      changed(kSmallFleet, "lat = 55.76\nlon = 37.62\n", "behaviour = \"stalled\"\nstall_ms = 20\n");
  const FleetPlan honest{fleet_of(kSmallFleet), Borders::world()}, relay{fleet_of(relayed), Borders::world()},
      stall{fleet_of(stalled), Borders::world()};
  for (std::size_t i = 0; i < 8; ++i) {
    const Nanoseconds home = honest.situations()[1].listeners[i].empty_path;
    CHECK(stall.situations()[8].listeners[i].empty_path == home + std::chrono::milliseconds{20});
    // To Moscow and back at two thirds of light: 2,020 km.
    CHECK(relay.situations()[8].listeners[i].empty_path > std::chrono::milliseconds{20});
  }
}

TEST_CASE("fleet plan: a relay adds the same to every path of the honest chip, and never takes any away",
          "[fleet]") {
  // A relayed chip in the next street, so that nothing hides what the proxy's own paths would be; last miles stated and drawn.
  const std::string stated = changed(kSmallFleet, "lat = 55.76\nlon = 37.62\n",
                                     "lat = 50.01\nlon = 8.27\nbehaviour = \"relayed\"\n");
  const std::string drawn =
      changed(stated, "licensed = [\"DE\"]\nlast_mile_ms = 0.1\n", "licensed = [\"DE\"]\n");
  for (const std::string& text : {stated, drawn}) {
    for (int seed = 1; seed <= 5; ++seed) {
      const FleetPlan plan{fleet_of(changed(text, "seed = 3", "seed = " + std::to_string(seed))),
                           Borders::world()};
      for (std::size_t uplink = 0; uplink < 7; ++uplink) {
        const std::vector<Listener>& honest = plan.situations()[uplink].listeners;
        const std::vector<Listener>& relayed = plan.situations()[uplink + 7].listeners;
        const Nanoseconds added = relayed[0].empty_path - honest[0].empty_path;
        CAPTURE(seed, uplink, added.count());
        // Through the proxy's last mile once more each way, and its own: 0.1 ms or more each.
        CHECK(added >= std::chrono::microseconds{400});
        for (std::size_t i = 1; i < honest.size(); ++i)
          CHECK(relayed[i].empty_path - honest[i].empty_path == added);
      }
    }
  }
}

TEST_CASE("fleet plan: the nearest anchors to what is licensed measure, in the file's order among equals",
          "[fleet]") {
  const FleetFile file = fleet_of(kSmallFleet);
  const Claim germany{.licence = {}, .licensed = {*CountryCode::from_text("DE")}, .prohibited = {}};
  const Claim russia{.licence = {}, .licensed = {*CountryCode::from_text("RU")}, .prohibited = {}};
  using Chosen = std::vector<std::size_t>;
  AnchorDistances distances{file.anchors, Borders::world()};
  CHECK(choose_anchors(distances, germany, 9) == Chosen{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(distances.computed() == 0);  // all of them, wherever they are
  CHECK(choose_anchors(distances, germany, 5) == Chosen{0, 1, 2, 4, 3});
  CHECK(choose_anchors(distances, russia, 3) == Chosen{5, 6, 7});
  CHECK(distances.computed() == 2 * 9);
  const Claim both{.licence = {}, .licensed = {germany.licensed[0], russia.licensed[0]}, .prohibited = {}};
  CHECK(choose_anchors(distances, both, 6) == Chosen{0, 1, 2, 5, 6, 7});
  CHECK(distances.computed() == 2 * 9);
  CHECK(distances.to(germany.licensed[0])[3].km() ==
        Borders::world().distance_to_country(file.anchors[3].place, germany.licensed[0]).km());
}

TEST_CASE("fleet plan: who is told to stop does so before the next site or situation", "[fleet]") {
  // Twice for the sites, and once for each of their 20 situations.
  for (const int most : {0, 1, 9, 21}) {
    int asked = 0;
    const FleetPlan plan{fleet_of(kSmallFleet), Borders::world(), [&] { return asked++ == most; }};
    CAPTURE(most);
    CHECK_FALSE(plan.whole());
    CHECK(asked == most + 1);
  }
  int asked = 0;
  const FleetPlan plan{fleet_of(kSmallFleet), Borders::world(), [&] { return asked++ == 22; }};
  CHECK(plan.whole());
  CHECK(asked == 22);
}

}  // namespace
}  // namespace chiploc::fleet
