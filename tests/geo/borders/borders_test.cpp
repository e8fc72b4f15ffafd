#include "geo/borders/borders.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "geo/borders/border_grid.hpp"
#include "geo/borders/border_table.hpp"
#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::borders_test {
namespace {

CountryCode code(std::string_view text) { return CountryCode::from_text(text).value(); }

std::string country_text(double lat, double lon) {
  const auto found = Borders::world().country_at(place_at(lat, lon));
  return found ? found->text() : "sea";
}

TEST_CASE("CountryCode: two letters and nothing else", "[geo]") {
  CHECK(code("DE").text() == "DE");
  CHECK(code("de") == code("DE"));
  CHECK(code("AD") < code("DE"));
  for (const char* bad : {"", "D", "DEU", "D1", "D ", "\xc3\x84", "-9"})
    CHECK_FALSE(CountryCode::from_text(bad).has_value());
  CHECK(std::hash<CountryCode>{}(code("de")) == std::hash<CountryCode>{}(code("DE")));
}

TEST_CASE("Borders: the table names its sources and has every code once", "[geo]") {
  const Borders& borders = Borders::world();
  CHECK(borders.version().find("world-atlas 2.0.2") == 0);
  CHECK(borders.version().find("countries-land-250m 0.6.0") != std::string_view::npos);
  CHECK(borders.version().find("fnv1a64 ") != std::string_view::npos);
  std::set<CountryCode> codes;
  for (const Country& country : borders.countries()) {
    CHECK(codes.insert(country.code).second);
    CHECK_FALSE(country.name.empty());
    CHECK(country.area_km2 > 0.0);
  }
  CHECK(codes.size() == 255);
  for (const char* present :
       {"FR", "NO", "XK", "CY", "SO", "HK", "MO", "TW", "VA", "XA", "XB", "XC", "XD", "XE", "PS"}) {
    CHECK(codes.contains(code(present)));
  }
  CHECK(borders.find(code("TW"))->name == "Taiwan");
  CHECK(borders.find(code("XA"))->name == "Siachen Glacier");
  CHECK(borders.find(code("ZZ")) == nullptr);
}

TEST_CASE("Borders: every code of ISO 3166-1 has land of its own, apart from the country it belongs to",
          "[geo]") {
  const Borders& borders = Borders::world();
  std::ifstream file{"/usr/share/iso-codes/json/iso_3166-1.json"};
  const std::string list{std::istreambuf_iterator<char>{file}, {}};
  std::size_t codes = 0;
  for (std::size_t at = list.find("\"alpha_2\""); at != std::string::npos;
       at = list.find("\"alpha_2\"", at + 1)) {
    const std::string text = list.substr(list.find('"', list.find(':', at)) + 1, 2);
    CAPTURE(text);
    CHECK(borders.knows(code(text)));
    ++codes;
  }
  CHECK(codes == 249);
  CHECK_FALSE(borders.knows(code("ZZ")));

  struct Dependent {
    double lat;
    double lon;
    const char* code;
    const char* whole;
  };
  const Dependent dependents[] = {
      {4.93, -52.33, "GF", "FR"},    // Cayenne
      {16.25, -61.55, "GP", "FR"},   // Les Abymes
      {15.88, -61.31, "GP", "FR"},   // Grand-Bourg, Marie-Galante
      {14.62, -61.05, "MQ", "FR"},   // Fort-de-France
      {-20.89, 55.46, "RE", "FR"},   // Saint-Denis
      {-12.80, 45.20, "YT", "FR"},   // Mayotte
      {78.22, 15.60, "SJ", "NO"},    // Longyearbyen
      {70.95, -8.70, "SJ", "NO"},    // Jan Mayen
      {-54.42, 3.40, "BV", "NO"},    // Bouvet
      {12.15, -68.27, "BQ", "NL"},   // Kralendijk
      {17.49, -62.98, "BQ", "NL"},   // Sint Eustatius
      {-12.17, 96.85, "CC", "AU"},   // Cocos, West and Home Island
      {-10.49, 105.63, "CX", "AU"},  // Christmas Island
      {-8.56, -172.49, "TK", "NZ"},  // Atafu
  };
  for (const Dependent& place : dependents) {
    CAPTURE(place.code);
    CHECK(borders.distance_to_country(place_at(place.lat, place.lon), code(place.code)).km() < 3.0);
    CHECK(borders.distance_to_country(place_at(place.lat, place.lon), code(place.whole)).km() > 300.0);
  }
  CHECK(borders.distance_to_country(place_at(-33.87, 151.21), code("CX")).km() > 5'000.0);  // Sydney
  CHECK(borders.distance_to_country(place_at(-33.87, 151.21), code("CC")).km() > 5'000.0);
}

TEST_CASE("Borders: known places are in their countries", "[geo]") {
  struct Known {
    double lat;
    double lon;
    const char* code;
  };
  const Known places[] = {
      {22.32, 114.17, "HK"},  {22.19, 113.545, "MO"},  {25.04, 121.56, "TW"},  {47.14, 9.52, "LI"},
      {-29.31, 27.48, "LS"},  {-29.12, 26.22, "ZA"},   {43.936, 12.447, "SM"}, {41.9038, 12.4534, "VA"},
      {41.89, 12.49, "IT"},   {48.985, -123.06, "US"}, {54.71, 20.51, "RU"},   {70.0, -40.0, "GL"},
      {-17.78, 177.97, "FJ"}, {-16.8, -179.98, "FJ"},  {-16.75, 179.9, "FJ"},  {-90.0, 0.0, "AQ"},
      {-90.0, 180.0, "AQ"},   {-89.99, 137.0, "AQ"},   {66.0, -175.0, "RU"},   {68.0, 179.99, "RU"},
      {68.0, -179.99, "RU"},  {68.0, 180.0, "RU"},     {90.0, 0.0, "sea"},     {0.0, 0.0, "sea"},
      {0.0, 180.0, "sea"},    {52.52, 13.40, "DE"},    {48.86, 2.35, "FR"},    {59.91, 10.75, "NO"},
      {35.68, 139.69, "JP"},  {39.90, 116.40, "CN"},   {1.35, 103.82, "SG"},   {37.57, 126.98, "KR"},
      {39.02, 125.75, "KP"},  {55.75, 37.62, "RU"},    {35.69, 51.39, "IR"},   {25.2, 55.27, "AE"},
      {42.66, 21.16, "XK"},   {35.17, 33.36, "CY"},    {9.56, 44.06, "SO"},    {19.92, -75.15, "CU"},
      {45.97, 63.3, "KZ"},    {-10.48, 105.63, "CX"},  {-35.28, 149.13, "AU"}, {18.2, -66.5, "PR"},
      {32.65, -16.91, "PT"},  {43.735, 7.42, "MC"},    {42.51, 1.52, "AD"},    {35.4, 77.1, "IN"},
      {50.0, -100.0, "CA"},   {48.99, -100.0, "US"},   {49.01, -100.0, "CA"},  {31.78, 35.0, "IL"},
      {-54.7, -68.0, "AR"},   {40.42, -3.7, "ES"},     {51.51, -0.13, "GB"},   {-77.85, 166.67, "AQ"}};
  for (const Known& known : places) {
    CAPTURE(known.lat, known.lon);
    CHECK(country_text(known.lat, known.lon) == known.code);
  }
}

TEST_CASE("Borders: the 49th parallel is straight on the map, not a great circle", "[geo]") {
  // A great circle from the Lake of the Woods to the Pacific would pass 200 km north of it.
  for (double lon = -122.5; lon < -96.0; lon += 0.37) {
    CAPTURE(lon);
    CHECK(country_text(48.99, lon) == "US");
    CHECK(country_text(49.01, lon) == "CA");
  }
}

TEST_CASE("Borders: areas are those of the countries", "[geo]") {
  // Land areas by the CIA World Factbook and national statistics; the map generalises coasts.
  const std::pair<const char*, double> areas[] = {{"CH", 41'285.0},    {"AT", 83'879.0},    {"LS", 30'355.0},
                                                  {"MN", 1'564'116.0}, {"BO", 1'098'581.0}, {"FR", 551'500.0},
                                                  {"FJ", 18'274.0},    {"NZ", 268'838.0}};
  for (const auto& [text, km2] : areas) {
    CAPTURE(text);
    CHECK(Borders::world().find(code(text))->area_km2 == Approx(km2).epsilon(0.04));
  }
  double land = 0.0;
  for (const Country& country : Borders::world().countries()) land += country.area_km2;
  CHECK(land == Approx(1.49e8).epsilon(0.01));  // what two claim counts twice, ice shelves are land
}

TEST_CASE("Borders: areas by counting points agree with areas by integration", "[geo]") {
  // 200,000 points on a spiral, 2,550 km2 each; a country of n points is good to a few sqrt(n).
  constexpr int kPoints = 200'000;
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  std::vector<int> most(table->rows.size(), 0);
  for (const BorderMap map : {BorderMap::kSurveyed, BorderMap::kGeneralised}) {
    const BorderGrid grid{*table, map};
    std::vector<int> hits(table->rows.size(), 0);
    for (int k = 0; k < kPoints; ++k) {
      // Even in area on the ellipsoid to 0.4 %.
      const double z = 1.0 - 2.0 * (k + 0.5) / kPoints;
      const double lon = std::remainder(k * 137.50776405003785, 360.0);
      const CountryBits bits = grid.countries_at(place_at(std::asin(z) * 180.0 / 3.14159265358979, lon));
      for (std::size_t row = bits._Find_first(); row < hits.size(); row = bits._Find_next(row)) ++hits[row];
    }
    for (std::size_t row = 0; row < hits.size(); ++row) most[row] = std::max(most[row], hits[row]);
  }
  for (std::size_t row = 0; row < most.size(); ++row) {
    const double area_km2 = table->rows[row].area_km2;
    if (area_km2 < 100'000.0) continue;
    CAPTURE(table->rows[row].code);
    const double counted = most[row] * 5.1007e8 / kPoints;
    CHECK(counted == Approx(area_km2).epsilon(0.01).margin(3.0 * std::sqrt(area_km2 * 2550.0)));
  }
}

TEST_CASE("Borders: distances are 0 inside and lengths outside", "[geo]") {
  const Borders& borders = Borders::world();
  CHECK(borders.distance_to_country(place_at(52.5, 13.4), code("DE")).km() == 0.0);
  CHECK(borders.distance_to_country(place_at(49.1, -100.0), code("US")).km() == Approx(11.12).margin(1.0));
  CHECK(borders.distance_to_country(place_at(90.0, 0.0), code("GL")).km() == Approx(710.0).margin(10.0));
  CHECK(borders.distance_to_country(place_at(0.0, 180.0), code("KI")).km() < 1000.0);
  CHECK(borders.distance_to_country(place_at(66.0, -168.9), code("RU")).km() <
        60.0);  // Bering Strait, from the east
  CHECK(borders.distance_to_country(place_at(64.18, -51.72), code("GL")).km() <
        3.0);  // Nuuk, on a generalised coast
  CHECK(std::isinf(borders.distance_to_country(place_at(0, 0), code("ZZ")).km()));
}

TEST_CASE("Borders: distances agree with a search over all vertices", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{25}));
  CAPTURE(seed);
  static const auto table = BorderTable::decode(embedded_border_bytes());
  REQUIRE(table.has_value());
  std::mt19937_64 random{seed};
  const LatLon place = random_place(random);
  const Vec3 point = to_sphere(place);
  const auto row = std::uniform_int_distribution<std::size_t>{0, table->rows.size() - 1}(random);
  double nearest = 10.0;
  for (const auto& line : table->lines) {
    if (line.country != row) continue;
    for (std::uint32_t v = line.begin; v < line.end; ++v)
      nearest = std::min(nearest, angle_between(point, table->points[v]));
  }
  const double km = Borders::world().distance_to_country(place, code(table->rows[row].code)).km();
  if (km == 0.0) return;
  // Edges come nearer than vertices, by less than the longest of them (2 degrees).
  CHECK(km <= nearest * 6378.2 + 0.1);
  CHECK(km >= nearest * 6356.7 - 120.0);
}

TEST_CASE("Borders: damaged, truncated and foreign bytes are refused", "[geo]") {
  const auto good = embedded_border_bytes();
  std::vector<unsigned char> bytes{good.begin(), good.end()};
  CHECK_FALSE(Borders::from_bytes({}).has_value());
  CHECK_FALSE(Borders::from_bytes(std::span{bytes}.first(10)).has_value());
  CHECK_FALSE(Borders::from_bytes(std::span{bytes}.first(bytes.size() - 1)).has_value());
  bytes[bytes.size() / 2] ^= 1;
  CHECK_FALSE(Borders::from_bytes(bytes).has_value());
  bytes[bytes.size() / 2] ^= 1;
  bytes[0] ^= 1;
  CHECK_FALSE(Borders::from_bytes(bytes).has_value());
}

TEST_CASE("BorderTable: a table of three maps is read, one of the format before it refused", "[geo]") {
  // One country: a square by the surveyed map, an islet by the next, and another that is contested.
  const std::string body = std::string{"\x01v\x01"} + "AA" + std::string{"\x01n\x01"} +
                           std::string{"\x01\x05\x02\x02\x04\x00\x00\x04\x03\x00\x00\x03", 12} +
                           std::string{"\x01\x01\x06\x06\x01\x01\x08\x08"};
  const auto file = [&](std::string_view magic) {
    std::vector<unsigned char> bytes{magic.begin(), magic.end()};
    const std::vector<unsigned char> rest{body.begin(), body.end()};
    const std::uint64_t digest = border_digest(rest);
    for (unsigned shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<unsigned char>(digest >> shift));
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  };
  const auto table = BorderTable::decode(file(kBorderMagic));
  REQUIRE(table.has_value());
  REQUIRE(table->lines.size() == 3);
  CHECK(table->lines[0].map == BorderMap::kSurveyed);
  CHECK(table->lines[0].end == 5);
  CHECK(table->lines[1].map == BorderMap::kGeneralised);
  CHECK(table->lines[1].end == 6);
  CHECK(table->vertices[5].x == 6);
  CHECK(table->lines[2].map == BorderMap::kContested);
  CHECK(table->vertices[6].x == 8);
  CHECK_FALSE(BorderTable::decode(file("CLBORD2\n")).has_value());
}

TEST_CASE("Borders: where the two maps differ, both countries may be there", "[geo]") {
  struct Doubt {
    const char* what;
    double lat;
    double lon;
    const char* surveyed;
    const char* generalised;
  };
  // Deep in the strips that the maps draw differently, so that no band explains either answer.
  const Doubt doubts[] = {{"the Ussuri's mouth", 48.3404, 134.6189, "CN", "RU"},
                          {"Baluchistan", 26.3006, 62.1341, "IR", "PK"},
                          {"the Neutral Zone's west", 30.5436, 42.8826, "SA", "IQ"},
                          {"the Tian Shan", 41.1350, 77.9882, "CN", "KG"},
                          {"the Tibesti", 21.7854, 19.4983, "TD", "LY"},
                          {"the upper Rio Negro", 1.9640, -67.7219, "BR", "CO"},
                          {"Siachen Glacier", 35.4, 77.1, "IN", "XA"}};
  const Borders& borders = Borders::world();
  for (const Doubt& doubt : doubts) {
    CAPTURE(doubt.what);
    const LatLon place = place_at(doubt.lat, doubt.lon);
    CHECK(borders.country_at(place) == code(doubt.surveyed));
    const std::vector<AnchorBound> disk{{place, Kilometers{0.0}, Kilometers{0.1}, 1}};
    const CountrySet met = borders.countries_met(Region::from_bounds(disk, 0));
    CHECK(met.contains(code(doubt.surveyed)));
    CHECK(met.contains(code(doubt.generalised)));
  }
}

TEST_CASE("BorderTable: no content behind a right digest crashes the decoder", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{300}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::vector<unsigned char> body(std::uniform_int_distribution<std::size_t>{0, 200}(random));
  for (auto& byte : body) byte = static_cast<unsigned char>(random() % (seed % 2 == 0 ? 256 : 8));
  std::vector<unsigned char> bytes{kBorderMagic.begin(), kBorderMagic.end()};
  const std::uint64_t digest = border_digest(body);
  for (unsigned shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<unsigned char>(digest >> shift));
  bytes.insert(bytes.end(), body.begin(), body.end());
  const auto table = BorderTable::decode(bytes);
  if (table) CHECK(table->rows.size() <= kMostCountries);
}

}  // namespace
}  // namespace chiploc::borders_test
