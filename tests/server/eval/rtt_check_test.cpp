#include "server/eval/rtt_check.hpp"

#include <cmath>
#include <cstdio>
#include <random>

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::rtt_check_test {
namespace {

const std::string kCities =
    "id,name,lat,lon,country_iso2\n1,Warsaw,52.23,21.01,PL\n2,Moscow,55.75,37.62,RU\n3,Berlin,52.52,13.40,"
    "DE\n";

/// A folder whose rows are those, read as `reading` says: the faults, or none.
std::vector<std::string> faults_of(const std::string& rows, const RttReading& reading = {},
                                   const std::string& nodes = kCities) {
  auto set = parse_rtt_files({nodes, "src,dst,min_ms\n" + rows, {}, {}, {}}, "t", Borders::world(), reading);
  return set ? std::vector<std::string>{} : set.error();
}
RttReading with_resolution(double ms, bool truncated = false) {
  RttReading reading;
  reading.resolution_ms = ms;
  reading.truncated = truncated;
  return reading;
}

/// A hundred places, twenty of them sources that measure all others along paths of a usual length.
class Mesh {
 public:
  explicit Mesh(std::size_t sources = 20, std::size_t count = 40) {
    std::mt19937_64 random{7};
    const auto between = [&](double low, double high) {
      return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1.0p-53;
    };
    for (std::size_t i = 0; i < count; ++i) {
      places.push_back(LatLon::from_degrees({.lat = between(30, 60), .lon = between(-120, 120)}).value());
      char text[96];
      std::snprintf(text, sizeof text, "n%zu,N%zu,%.6f,%.6f,DE\n", i, i, places[i].lat_deg(),
                    places[i].lon_deg());
      nodes += text;
    }
    ms.assign(count, std::vector<double>(count, 0.0));
    for (std::size_t a = 0; a < sources; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        if (a == b) continue;
        const double km = geodesic_distance(places[a], places[b]).km();
        ms[a][b] = b < a ? ms[b][a] + between(0.0, 0.3) : 0.4 + between(1.3, 2.4) * km / 100.0;
      }
    }
  }
  /// Rows with three decimals; where there is no round trip, none.
  [[nodiscard]] std::string rows(double step = 0.001) const {
    std::string out;
    for (std::size_t a = 0; a < ms.size(); ++a) {
      for (std::size_t b = 0; b < ms.size(); ++b) {
        char text[64];
        std::snprintf(text, sizeof text, "n%zu,n%zu,%.3f\n", a, b, std::round(ms[a][b] / step) * step);
        if (ms[a][b] > 0.0) out += text;
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> faults(double step = 0.001, const RttReading& reading = {}) const {
    return faults_of(rows(step), reading, nodes);
  }

  std::string nodes = "id,name,lat,lon,country_iso2\n";
  std::vector<LatLon> places;
  std::vector<std::vector<double>> ms;
};

TEST_CASE("rtt check: a pair that beats light in vacuum is named, one direction is enough", "[eval]") {
  const auto faults = faults_of("1,2,7.601\n2,1,26.113\n1,3,12.411\n3,1,12.419\n");
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0],
             Catch::StartsWith("rtt.csv:2: min_ms: 7.601 ms from 1 (Warsaw) to 2 (Moscow) beats light"));
  CHECK_THAT(faults[0], Catch::Contains("1154 km apart") && Catch::Contains("7.701 ms at least") &&
                            Catch::Contains("correct the place in nodes.csv, or drop the row") &&
                            Catch::Contains("faulty_nodes.csv"));
  CHECK(faults_of("1,2,7.721\n2,1,26.113\n").empty());
  CHECK_THAT(faults_of("2,1,26.113\n1,2,7.601\n").at(0),
             Catch::StartsWith("rtt.csv:3: min_ms: 7.601 ms from 1"));
  RttReading off;
  off.place_uncertainty = Kilometers{10.0};
  CHECK(faults_of("1,2,7.601\n2,1,26.113\n", off).empty());
}

TEST_CASE("rtt check: the node that most of such pairs share is named, and other units are asked about",
          "[eval]") {
  Mesh mesh;
  for (std::size_t b = 0; b < 40; ++b) mesh.ms[3][b] = b == 3 ? 0.0 : 1.501 + 0.01 * static_cast<double>(b);
  const auto faults = mesh.faults();
  REQUIRE(faults.size() > 1);
  CHECK_THAT(faults.back(), Catch::Contains("more faults in this file"));
  mesh = Mesh{};
  for (const std::size_t b : {5U, 9U, 30U}) mesh.ms[3][b] = 1.501 + 0.01 * static_cast<double>(b);
  const auto few = mesh.faults();
  REQUIRE(few.size() == 4);
  const auto summary = std::find_if(few.begin(), few.end(), [](const std::string& line) {
    return line.find("3 rows beat light, and n3 (N3) is an end of 3 of them") != std::string::npos;
  });
  CHECK(summary != few.end());

  std::string seconds, micros;
  for (const auto& [a, b, ms] : {std::tuple{1, 2, 26.113}, {2, 1, 26.119}, {1, 3, 12.411}, {3, 2, 36.017}}) {
    const std::string pair = std::to_string(a) + "," + std::to_string(b) + ",";
    seconds += pair + std::to_string(ms / 1e3) + "\n";
    micros += pair + std::to_string(ms * 1e3 + 0.013) + "\n";
  }
  const auto in_seconds = faults_of(seconds);
  CHECK(std::any_of(in_seconds.begin(), in_seconds.end(), [](const std::string& line) {
    return line.find("are these seconds?") != std::string::npos;
  }));
  const auto in_micros = faults_of(micros);
  REQUIRE(in_micros.size() == 1);
  CHECK_THAT(in_micros[0],
             Catch::StartsWith("rtt.csv:2: min_ms: ") && Catch::Contains("are these microseconds?"));
}

TEST_CASE("rtt check: what faulty nodes contradict is noted, not refused", "[eval]") {
  const RttSet set =
      parse({"id,name,lat,lon,country_iso2\n1,Warsaw,52.23,21.01,PL\n3,Berlin,52.52,13.40,DE\n",
             "src,dst,min_ms\n1,3,12.411\n3,1,12.419\n",
             {},
             "id,name,lat,lon,country_iso2\n2,Moscow,55.75,37.62,RU\n",
             "src,dst,min_ms\n1,2,1.207\n2,1,1.209\n3,2,36.011\n"});
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0] == "rows of faulty nodes that beat light, as expected: 2 (Moscow) 2");
}

TEST_CASE("rtt check: values on a coarse grid ask for their resolution, with both ways out", "[eval]") {
  const Mesh mesh;
  CHECK(mesh.faults().empty());
  CHECK(mesh.faults(0.01).empty());
  for (const auto& [step, said] : {std::pair{0.1, "0.1"}, {0.5, "0.5"}, {1.0, "1"}, {2.0, "2"}}) {
    const auto faults = mesh.faults(step);
    INFO(step);
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::StartsWith("rtt.csv:2: min_ms: all 780 values are multiples of " +
                                            std::string{said} + " ms"));
    CHECK_THAT(faults[0], Catch::Contains("--resolution-ms " + std::string{said} + " ") &&
                              Catch::Contains("--resolution-ms 0 if they are exact"));
    CHECK(mesh.faults(step, with_resolution(step)).empty());
    CHECK(mesh.faults(step, with_resolution(0.0)).empty());
  }
}

TEST_CASE("rtt check: one rounded source, and long round trips with fewer decimals, ask too", "[eval]") {
  Mesh mesh;
  for (double& ms : mesh.ms[4]) ms = std::round(ms);
  auto faults = mesh.faults();
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains("values from n4 (N4) are multiples of 1 ms"));
  mesh = Mesh{};
  for (auto& row : mesh.ms) {  // as ping prints them
    for (double& ms : row) ms = ms >= 100.0 ? std::round(ms) : ms >= 10.0 ? std::round(ms * 10.0) / 10.0 : ms;
  }
  faults = mesh.faults();
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains("of 100 ms and more are multiples of 1 ms"));
}

TEST_CASE("rtt check: half a step is added to each round trip, and a whole one if they were cut off",
          "[eval]") {
  const auto rtt = [](const RttReading& reading) {
    auto set = parse_rtt_files({kCities, "src,dst,min_ms\n1,2,26\n1,3,12\n", {}, {}, {}}, "t",
                               Borders::world(), reading);
    REQUIRE(set.has_value());
    CHECK(set->added_ms == reading.added_ms());
    return set->rtt_ms(0, 1);
  };
  CHECK(rtt(with_resolution(1.0)) == 26.5);
  CHECK(rtt(with_resolution(1.0, true)) == 27.0);
  CHECK(rtt(with_resolution(0.0)) == 26.0);
}

TEST_CASE("rtt check: a zero that was rounded counts for half a step, and may still beat light", "[eval]") {
  const std::string near = kCities + "4,Potsdam,52.40,13.06,DE\n";
  const std::string rows = "1,2,26\n2,1,26\n1,3,12\n3,1,12\n4,3,0\n";
  CHECK(faults_of(rows, with_resolution(1.0), near).empty());
  CHECK_THAT(faults_of(rows, with_resolution(0.0), near).at(0), Catch::Contains("0 is no round trip"));
  const auto far = faults_of("1,2,0\n2,1,26\n1,3,12\n", with_resolution(1.0));
  REQUIRE(far.size() == 1);
  CHECK_THAT(far[0], Catch::StartsWith("rtt.csv:2: min_ms: 0 ms from 1 (Warsaw) to 2 (Moscow) beats light"));
}

TEST_CASE("rtt check: a placeholder that repeats is named with its rows", "[eval]") {
  for (const double placeholder : {255.0, 9999.0, 65.535, 1000.0, 487.213}) {
    Mesh mesh;
    const std::size_t count = placeholder == 255.0 || placeholder == 9999.0 || placeholder == 1000.0 ? 4 : 9;
    for (std::size_t i = 0; i < count; ++i) mesh.ms[2 * i][25 + i] = placeholder;
    if (placeholder == 65.535) continue;  // would beat light on some of these paths
    INFO(placeholder);
    const auto faults = mesh.faults();
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::Contains(" stands in " + std::to_string(count) + " rows (lines ") &&
                              Catch::Contains("Drop these rows, or give --believe-ms "));
    RttReading believing;
    believing.believed_ms = {placeholder};
    CHECK(mesh.faults(0.001, believing).empty());
  }
}

TEST_CASE("rtt check: a placeholder shows among whole milliseconds too, and two directions count once",
          "[eval]") {
  Mesh mesh;
  CHECK(mesh.faults(1.0, with_resolution(1.0)).empty());
  for (std::size_t i = 0; i < 20; ++i) mesh.ms[i][20 + (i % 20)] = 255.0;
  const auto faults = mesh.faults(1.0, with_resolution(1.0));
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains("255 stands in"));
  mesh = Mesh{};
  mesh.ms[0][1] = mesh.ms[1][0] = 255.0;
  CHECK(mesh.faults().empty());
  mesh.ms[2][3] = mesh.ms[3][2] = 255.0;
  CHECK(mesh.faults().size() == 1);
}

/// Several nodes in each of some cities, all measuring each other: rows of `decimals`, along paths of 1.5
/// to 1.9 times the geodesic in fibre, by pair of cities.
struct Cities {
  Cities(std::size_t cities, std::size_t zones, int decimals, std::uint64_t seed = 3) {
    static const std::vector<std::pair<double, double>> kPlaces{
        {50.1, 8.6}, {40.7, -74.0}, {35.6, 139.7}, {51.5, -0.1}, {1.35, 103.8}};
    std::mt19937_64 random{seed};
    const auto upto = [&](double high) { return high * static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    std::vector<LatLon> places;
    char text[96];
    for (std::size_t c = 0; c < cities; ++c) {
      for (std::size_t z = 0; z < zones; ++z) {
        places.push_back(
            LatLon::from_degrees({.lat = kPlaces[c].first + upto(0.1), .lon = kPlaces[c].second + upto(0.1)})
                .value());
        std::snprintf(text, sizeof text, "c%zuz%zu,N,%.6f,%.6f,DE\n", c, z, places.back().lat_deg(),
                      places.back().lon_deg());
        nodes += text;
      }
    }
    std::vector<double> detour(cities * cities);
    for (double& value : detour) value = 1.5 + upto(0.4);
    for (std::size_t a = 0; a < places.size(); ++a) {
      for (std::size_t b = 0; b < places.size(); ++b) {
        if (a == b) continue;
        const double km = geodesic_distance(places[a], places[b]).km();
        const auto [one, other] = std::minmax({a / zones, b / zones});
        const double ms = 0.4 + km / 100.0 * detour[one * cities + other] + upto(0.4);
        std::snprintf(text, sizeof text, "c%zuz%zu,c%zuz%zu,%.*f\n", a / zones, a % zones, b / zones,
                      b % zones, decimals, std::max(ms, std::pow(10.0, -decimals)));
        rows += text;
      }
    }
  }
  std::string nodes = "id,name,lat,lon,country_iso2\n";
  std::string rows;
};

TEST_CASE("rtt check: nodes that share a city share values, and no placeholder is seen in them", "[eval]") {
  for (const auto& [cities, zones] : {std::pair{2U, 6U}, {5U, 6U}, {3U, 20U}, {2U, 20U}}) {
    for (const int decimals : {0, 1, 2, 3}) {
      for (const std::uint64_t seed : {3U, 4U, 5U}) {
        const Cities set{cities, zones, decimals, seed};
        const RttReading reading = decimals < 2 ? with_resolution(std::pow(10.0, -decimals)) : RttReading{};
        const auto faults = faults_of(set.rows, reading, set.nodes);
        INFO(cities << " cities of " << zones << ", " << decimals
                    << " decimals: " << (faults.empty() ? std::string{} : faults[0]));
        CHECK(faults.empty());
      }
    }
  }
}

TEST_CASE("rtt check: a placeholder among such nodes is still seen, where it does not fit", "[eval]") {
  Cities set{5, 6, 0};
  std::size_t row = 0;
  for (std::size_t at = 0; at < set.rows.size(); at = set.rows.find('\n', at) + 1) {
    if (++row % 60 != 7) continue;
    const std::size_t value = set.rows.rfind(',', set.rows.find('\n', at)) + 1;
    set.rows.replace(value, set.rows.find('\n', at) - value, "999");
  }
  const auto faults = faults_of(set.rows, with_resolution(1.0), set.nodes);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0],
             Catch::Contains("999 stands in 15 rows") && Catch::Contains("does not fit most of them"));
}

TEST_CASE("rtt check: two usual placeholders are enough among exact values", "[eval]") {
  for (const double placeholder : {255.0, 999.0, 1000.0}) {
    Mesh mesh;
    std::size_t placed = 0;
    for (std::size_t i = 0; i < 20 && placed < 2; ++i) {  // where it does not fit
      double& ms = mesh.ms[i][39 - i];
      if (ms < 0.6 * placeholder) ms = placed++ < 2 ? placeholder : ms;
    }
    const auto faults = mesh.faults();
    INFO(placeholder);
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::Contains(" stands in 2 rows"));
  }
}

TEST_CASE("rtt check: the coarsest step of any group is asked for, not the finest", "[eval]") {
  const auto asked = [](const std::vector<std::string>& faults, const std::string& step,
                        const std::string& whose) {
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::Contains(whose) && Catch::Contains("are multiples of " + step + " ms") &&
                              Catch::Contains("--resolution-ms " + step + " (adds"));
  };
  Mesh mesh;
  for (auto& row : mesh.ms) {
    for (double& ms : row) ms = ms >= 100.0 ? std::round(ms) : std::max(0.1, std::round(ms * 10.0) / 10.0);
  }
  for (double& ms : mesh.ms[0]) ms = ms > 0.0 ? ms : 0.0;
  for (std::size_t i = 0; i < mesh.ms.size(); ++i) mesh.ms[i][i] = 0.0;
  for (std::size_t i = 20; i < mesh.ms.size(); ++i) std::fill(mesh.ms[i].begin(), mesh.ms[i].end(), 0.0);
  asked(mesh.faults(), "1", "of 100 ms and more");
  asked(mesh.faults(0.001, with_resolution(0.1)), "1", "and --resolution-ms 0.1 is less");
  CHECK(mesh.faults(0.001, with_resolution(1.0)).empty());
  CHECK(mesh.faults(0.001, with_resolution(0.0)).empty());

  mesh = Mesh{};  // half of the sources in whole milliseconds, half in tenths
  for (std::size_t a = 0; a < 20; ++a) {
    for (double& ms : mesh.ms[a]) ms = a % 2 == 0 ? std::round(ms) : std::round(ms * 10.0) / 10.0;
  }
  asked(mesh.faults(), "1", "(and so are those of 9 other groups of rows)");
  mesh = Mesh{};  // one destination
  for (auto& row : mesh.ms) row[33] = std::round(row[33]);
  asked(mesh.faults(), "1", "all 20 values to n33 (N33)");
  asked(Mesh{}.faults(0.25), "0.25", "all 780 values");
  mesh = Mesh{};  // nearly all
  std::size_t count = 0;
  for (auto& row : mesh.ms) {
    for (double& ms : row) ms = ms > 0.0 && ++count % 15 != 0 ? std::round(ms) : ms;
  }
  asked(mesh.faults(), "1", " of 780 values are multiples");
}

TEST_CASE("rtt check: a step of no round number is found too", "[eval]") {
  const Mesh mesh;
  const auto faults = mesh.faults(0.9765625);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains("all 780 values are multiples of 0.97656"));
  CHECK(mesh.faults(0.9765625, with_resolution(0.9766)).empty());
}

TEST_CASE("rtt check: what is true of many rows stands before twenty faults of single ones", "[eval]") {
  Mesh mesh;
  for (auto& row : mesh.ms) {
    for (double& ms : row) ms /= 1e3;
  }
  CHECK_THAT(mesh.faults().at(0), Catch::Contains("most rows beat light; are these seconds?"));

  mesh = Mesh{};  // one node elsewhere
  for (std::size_t a = 0; a < 20; ++a) {
    if (a != 3) mesh.ms[3][a] = mesh.ms[a][3] = 0.503 + 0.01 * static_cast<double>(a);
  }
  for (std::size_t b = 20; b < 40; ++b) mesh.ms[3][b] = 0.403 + 0.01 * static_cast<double>(b);
  CHECK_THAT(mesh.faults().at(0), Catch::Contains("rows beat light, and n3 (N3) is an end of 5"));

  std::string rows = mesh.rows(1.0);  // thirty zeros, and a question
  const auto zeros = Mesh{};
  std::string some;
  for (std::size_t a = 0; a < 19; ++a) some += "n" + std::to_string(a) + ",n39,0\n";
  for (std::size_t a = 0; a < 19; ++a) some += "n" + std::to_string(a) + ",n38,0\n";
  auto whole = zeros;
  for (auto& row : whole.ms) row[38] = row[39] = 0.0;
  const auto faults = faults_of(some + whole.rows(1.0), {}, whole.nodes);
  REQUIRE(faults.size() == 22);
  CHECK_THAT(faults[0], Catch::Contains("are multiples of 1 ms"));
  CHECK_THAT(faults[1], Catch::Contains("0 is no round trip"));
}

TEST_CASE("rtt check: one-way delays are asked about, of the set or of one source", "[eval]") {
  const auto fast = [](double ms) { return ms / 2.2; };
  Mesh mesh;
  for (auto& row : mesh.ms) {
    for (double& ms : row) ms = fast(ms);
  }
  const auto faults = mesh.faults();
  REQUIRE_FALSE(faults.empty());
  CHECK_THAT(faults[0], Catch::Contains(" % of the rows are faster than light in fibre") &&
                            Catch::Contains("are these one-way delays") && Catch::Contains("--believe-fast"));
  RttReading believing;
  believing.believed_fast = true;
  for (const std::string& line : mesh.faults(0.001, believing)) CHECK_THAT(line, !Catch::Contains("one-way"));

  mesh = Mesh{};
  for (double& ms : mesh.ms[2]) ms = fast(ms);
  const auto one = mesh.faults();
  REQUIRE_FALSE(one.empty());
  CHECK_THAT(one[0],
             Catch::Contains("rows from n2 (N2) are faster than light in fibre, and 0 of those to it") &&
                 Catch::Contains("one-way delays, or in another unit?"));

  mesh = Mesh{};  // a few radio links
  for (const std::size_t a : {1U, 5U, 9U}) mesh.ms[a][35] = mesh.ms[a][35] / 1.9;
  CHECK(mesh.faults().empty());
}

TEST_CASE("rtt check: a table that lost a cell is named from where its row is off", "[eval]") {
  Mesh mesh;
  auto& row = mesh.ms[6];
  for (std::size_t b = 20; b + 1 < row.size(); ++b) row[b] = std::max(row[b + 1], 0.5);
  row.back() = 0.0;
  auto faults = mesh.faults();
  const auto named = [&](const char* part) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  CHECK(named("rows from n6 (N6) fit the node after each in nodes.csv"));
  CHECK(named("did a table lose a cell?"));

  mesh = Mesh{};  // and one cell too many, among sources that measured each other
  for (std::size_t b = 19; b > 8; --b) mesh.ms[4][b] = mesh.ms[4][b - 1];
  for (std::size_t b = 20; b < 40; ++b) mesh.ms[4][b] = 0.0;
  faults = mesh.faults();
  CHECK(named("rows from n4 (N4) fit the node before each in nodes.csv"));

  mesh = Mesh{};  // a column
  for (std::size_t a = 5; a + 1 < 20; ++a) mesh.ms[a][30] = mesh.ms[a + 1][30];
  mesh.ms[19][30] = 0.0;
  faults = mesh.faults();
  CHECK(named("rows to n30 (N30) fit the node after"));
}

TEST_CASE("rtt check: cells lost near the end, two at once, or in the order of the lines are seen",
          "[eval]") {
  const auto named = [](const std::vector<std::string>& faults, const char* part) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  Mesh mesh(20, 20);  // the last three values of a row
  auto& row = mesh.ms[2];
  for (std::size_t b = 16; b + 1 < row.size(); ++b) row[b] = row[b + 1];
  row.back() = 0.0;
  CHECK(named(mesh.faults(), "3 rows from n2 (N2) fit the node after each in nodes.csv"));
  CHECK(named(mesh.faults(), "--believe-order if they are right"));
  RttReading believing;
  believing.believed_order = true;
  CHECK(mesh.faults(0.001, believing).empty());

  mesh = Mesh(20, 20);
  for (std::size_t b = 5; b + 2 < 20; ++b) mesh.ms[2][b] = mesh.ms[2][b + 2];
  mesh.ms[2][18] = mesh.ms[2][19] = 0.0;
  CHECK(named(mesh.faults(), "rows from n2 (N2) fit the second node after each in nodes.csv"));

  mesh = Mesh(20, 20);  // the lines go backwards, and so does the table
  for (std::size_t b = 19; b > 3; --b) mesh.ms[2][b] = mesh.ms[2][b - 1];
  std::string lines = mesh.rows();
  std::string turned;
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1)
    turned = lines.substr(at, lines.find('\n', at) + 1 - at) + turned;
  CHECK(named(faults_of(turned, {}, mesh.nodes), "rows from n2 (N2) fit the row after each in rtt.csv"));
}

TEST_CASE("rtt check: a slow last mile is no lost cell", "[eval]") {
  for (const std::size_t every : {2U, 3U, 5U}) {
    Mesh mesh;  // sources measure targets that measure nobody, some of them behind tunnels
    for (std::size_t a = 0; a < 20; ++a) {
      std::fill(mesh.ms[a].begin(), mesh.ms[a].begin() + 20, 0.0);
      for (std::size_t b = 20; b < 40; ++b)
        mesh.ms[a][b] += b % every == 0 ? 31.4 + 7.0 * static_cast<double>(b) : 0.0;
    }
    INFO(every);
    CHECK(mesh.faults().empty());
  }
}

TEST_CASE("rtt check: many faults of one kind leave room for the first ones", "[eval]") {
  Mesh mesh;
  for (auto& row : mesh.ms) {
    for (double& ms : row) ms = ms > 0.0 ? 0.0123 : 0.0;
  }
  const auto faults = mesh.faults();
  REQUIRE(faults.size() > RttLimits{}.faults);
  CHECK_THAT(faults[0], Catch::Contains("most rows beat light; are these seconds?"));
  CHECK_THAT(faults.back(), Catch::Contains(" more faults in this file"));
}

}  // namespace
}  // namespace chiploc::test::rtt_check_test
