#include "server/eval/others_places.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test::others_places_test {
namespace {

OthersRows rows_of(const std::vector<std::array<std::string, 3>>& ends) {
  OthersRows rows;
  for (const auto& [source, target, address] : ends)
    rows.rows.push_back({0, static_cast<std::uint32_t>(rows.rows.size() + 1), source, target, address, 1.0});
  return rows;
}

void read_nodes(PlaceBook& book, const std::string& text) {
  FaultLog faults{"n.csv", 5};
  book.read_nodes({"n.csv", "", text}, {}, faults);
  for (const RowFault& fault : faults.take()) FAIL(fault.problem);
}

std::string ids(const PlaceBook& book) {
  std::string out;
  for (const PlacedNode& node : book.nodes()) out += node.id + " ";
  return out;
}
std::string fault(PlaceBook& book, const std::vector<std::array<std::string, 3>>& ends, bool atlas = false) {
  const auto found = book.resolve(rows_of(ends), atlas);
  REQUIRE(!found.has_value());
  return found.error().front();
}

const std::string kNodes =
    "name,id,lat,lon,country_iso2,uncertainty_km\nBerlin,b,52.5,13.4,DE,\nSão Paulo,s,-23.5,-46.6,BR,30\n"
    "Twin,t1,1,2,FR,\nTwin,t2,1,2,FR,\n";

TEST_CASE("places: by id, by name, by address, in the order of the rows", "[eval][others]") {
  PlaceBook book{""};
  read_nodes(book, kNodes);
  const auto ends =
      book.resolve(rows_of({{"São Paulo", "b", ""}, {"s", "x", "t2"}, {"Berlin", "s", ""}}), false);
  REQUIRE(ends.has_value());
  CHECK(ids(book) == "s b t2 ");
  CHECK(*ends == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {0, 2}, {1, 0}});
  CHECK(book.unnamed() == 1);
  CHECK(book.nodes()[0].uncertainty_km == "30");
  CHECK(book.nodes()[0].line == 3);
}

TEST_CASE("places: all that have none are named in one sentence", "[eval][others]") {
  PlaceBook book{""};
  read_nodes(book, kNodes);
  const std::string text = fault(book, {{"b", "Twin", ""}, {"q1", "q2", "192.0.2.1"}, {"q1", "b", ""}});
  CHECK_THAT(text, Catch::StartsWith("3 nodes have no place: \"Twin\", \"q1\", \"q2\"; give --nodes FILE"));
}

TEST_CASE("places: regions of clouds, with the uncertainty of the table", "[eval][others]") {
  PlaceBook book{""};
  const auto ends =
      book.resolve(rows_of({{"us-central1", "East US", ""}, {"us-central1-a", "eastus", ""}}), false);
  REQUIRE(ends.has_value());
  CHECK(ids(book) == "us-central1 eastus us-central1-a ");
  CHECK(book.nodes()[0].lat == "41.26");
  CHECK(book.nodes()[1].country == "US");
  CHECK(book.nodes()[1].uncertainty_km == "400");
  // A node of the file goes before a region of the same name.
  PlaceBook own{""};
  read_nodes(own, "id,name,lat,lon,country_iso2\neastus,mine,1,2,FR\n");
  REQUIRE(own.resolve(rows_of({{"eastus", "westus", ""}}), false).has_value());
  CHECK(own.nodes()[0].name == "mine");
}

TEST_CASE("places: of two clouds with one name the one is taken that has all of them", "[eval][others]") {
  PlaceBook all{""};
  REQUIRE(all.resolve(rows_of({{"eu-west-1", "eu-west-2", ""}, {"eu-west-2", "ap-south-2", ""}}), false)
              .has_value());
  CHECK(all.nodes()[0].name == "Ireland");
  PlaceBook open{""};
  CHECK_THAT(
      fault(open, {{"eu-west-1", "us-west-1", ""}}),
      Catch::StartsWith("2 nodes may stand in several places: \"eu-west-1\" (aws: Ireland, alibaba: London), "
                        "\"us-west-1\" (") &&
          Catch::Contains("--provider"));
  PlaceBook stated{"alibaba"};
  REQUIRE(stated.resolve(rows_of({{"eu-west-1", "us-west-1", ""}}), false).has_value());
  CHECK(stated.nodes()[0].name == "London");
  // In one city it does not matter; the wider of the two uncertainties counts.
  PlaceBook city{""};
  REQUIRE(city.resolve(rows_of({{"eu-central-1", "ap-northeast-1", ""}}), false).has_value());
  CHECK(city.nodes()[0].uncertainty_km == "100");
}

TEST_CASE("places: probes of RIPE Atlas, sources by number and targets by address", "[eval][others]") {
  PlaceBook book{""};
  FaultLog faults{"p.json", 5};
  book.read_probes(
      {"p.json", "",
       R"([{"id":17,"latitude":52.5,"longitude":13.4,"country_code":"DE"},)"
       R"({"id":18,"latitude":48.8,"longitude":2.3,"country_code":"FR","address_v4":"192.0.2.8"},)"
       R"({"id":19,"country_code":"FR","address_v4":"192.0.2.9"}])"},
      faults);
  CHECK(faults.total() == 0);
  const auto ends = book.resolve(rows_of({{"17", "a.example", "192.0.2.8"}, {"18", "192.0.2.8", ""}}), true);
  REQUIRE(ends.has_value());
  CHECK(ids(book) == "17 18 ");
  CHECK(*ends == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {1, 1}});
  CHECK(book.nodes()[0].uncertainty_km == "1");
  PlaceBook empty{""};
  CHECK_THAT(fault(empty, {{"19", "eastus", ""}}, true),
             Catch::StartsWith("1 nodes have no place: \"19\"") && Catch::Contains("--probes FILE"));
  // A number is a probe only where RIPE Atlas measured, and only of a source.
  PlaceBook again{""};
  FaultLog more{"p.json", 5};
  again.read_probes({"p.json", "", R"({"id":17,"latitude":52.5,"longitude":13.4,"country_code":"DE"})"},
                    more);
  CHECK_THAT(fault(again, {{"eastus", "17", ""}}, true), Catch::Contains("\"17\""));
}

TEST_CASE("places: faults of the files", "[eval][others]") {
  FaultLog faults{"n.csv", 5};
  PlaceBook book{""};
  book.read_nodes({"n.csv", "", "id,name,lat,lon,country_iso2\na,A,1,2,FR\na,B,1,2,FR\n"}, {}, faults);
  book.read_nodes({"n.csv", "", "id,name,lat,lon\n"}, {}, faults);
  const auto told = faults.take();
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[1].problem, Catch::Contains("\"a\" stands twice"));
  CHECK(told[0].field == "country_iso2");
}

}  // namespace
}  // namespace chiploc::test::others_places_test
