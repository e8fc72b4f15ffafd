#include "server/eval/atlas_probes.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test::atlas_probes_test {
namespace {

/// "17 52.5,13.4 DE 192.0.2.1", and the fault.
std::string read(const std::string& text) {
  FaultLog faults{"p.json", 5};
  std::string out;
  for (const AtlasProbe& probe : read_probes({"p.json", "", text}, faults)) {
    out += std::to_string(probe.id) + " ";
    out += probe.place ? exact_number(probe.place->lat) + "," + exact_number(probe.place->lon) : "nowhere";
    out += " " + probe.country;
    for (const std::string& address : probe.addresses) out += " " + address;
    out += ";";
  }
  for (const RowFault& fault : faults.take())
    out += std::to_string(fault.line) + ": " + fault.field + ": " + fault.problem;
  return out;
}

TEST_CASE("probes: the API's longitude comes first, the archive names them", "[eval][others]") {
  CHECK(read(R"({"count":1,"results":[{"id":17,"geometry":{"type":"Point","coordinates":[13.4,52.5]},)"
             R"("country_code":"DE","address_v4":"192.0.2.1","address_v6":null,"asn_v4":1}]})") ==
        "17 52.5,13.4 DE 192.0.2.1;");
  CHECK(read(R"({"objects":[{"id":1,"latitude":-8.5,"longitude":2,"country_code":"ST"}]})") ==
        "1 -8.5,2 ST;");
  CHECK(read("{\"id\":1,\"latitude\":1,\"longitude\":2}\n{\"id\":2,\"geometry\":null}") ==
        "1 1,2 ;2 nowhere ;");
}

TEST_CASE("probes: each fault names its line", "[eval][others]") {
  const auto check = [](const std::string& text, const std::string& part) {
    CHECK_THAT(read("{\"id\":1}\n" + text), Catch::Contains("2: " + part));
  };
  check("{\"prb_id\":1}", "id: is missing");
  check("{\"id\":\"7\"}", "id: is no number");
  check("{\"id\":1}", "id: 1 stands twice");
  check(R"({"id":2,"geometry":{"coordinates":[1]}})", "geometry: has no coordinates");
  check(R"({"id":2,"geometry":{"coordinates":["1","2"]}})", "geometry: is no pair of numbers");
  check(R"({"id":2,"geometry":{"coordinates":[52.5,113.4]}})",
        "geometry: is no place on the Earth; are longitude");
  check(R"({"id":2,"latitude":1})", "latitude: is no pair");
  check(R"({"id":2,"country_code":7})", "country_code: is no text");
  check("{\"id\":2,}", ": is not JSON");
  CHECK(read("[]") == "1: : holds no probe");
}

}  // namespace
}  // namespace chiploc::test::atlas_probes_test
