#include "geo/borders/build/contested.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <utility>

namespace chiploc::borders_build {
namespace {

/// Latitude first, as people write places.
struct Corner {
  double lat;
  double lon;
};

Ring closed(const std::vector<Corner>& corners) {
  Ring ring;
  for (const Corner corner : corners) ring.push_back({.lon = corner.lon, .lat = corner.lat});
  ring.push_back(ring.front());
  return ring;
}

Ring box(double south, double west, double north, double east) {
  return closed({{south, west}, {south, east}, {north, east}, {north, west}});
}

/// Twice the signed area of the triangle.
double turn(Point a, Point b, Point c) {
  return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}

bool cross(Point a, Point b, Point c, Point d) {
  return turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0;
}

bool holds(const Ring& ring, Point p) {
  bool inside = false;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const Point a = ring[i - 1];
    const Point b = ring[i];
    if ((a.lat > p.lat) != (b.lat > p.lat) &&
        p.lon < a.lon + (p.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon))
      inside = !inside;
  }
  return inside;
}

bool overlap(const Ring& one, const Ring& other) {
  for (std::size_t i = 1; i < one.size(); ++i) {
    for (std::size_t j = 1; j < other.size(); ++j) {
      if (cross(one[i - 1], one[i], other[j - 1], other[j])) return true;
    }
  }
  return holds(one, other.front()) || holds(other, one.front());
}

bool crosses_itself(const Ring& ring) {
  for (std::size_t i = 1; i < ring.size(); ++i) {
    for (std::size_t j = i + 1; j < ring.size(); ++j) {
      if (cross(ring[i - 1], ring[i], ring[j - 1], ring[j])) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Contested> contested_land() {
  return {
      {"West Bank",
       {"IL", "PS"},
       closed({{32.39, 35.575}, {32.46, 35.46}, {32.54, 35.36},  {32.53, 35.27},  {32.57, 35.20},
               {32.53, 35.10},  {32.47, 35.05}, {32.40, 35.00},  {32.31, 34.99},  {32.20, 34.95},
               {32.06, 34.96},  {31.96, 34.97}, {31.86, 34.96},  {31.80, 35.00},  {31.81, 35.10},
               {31.80, 35.19},  {31.75, 35.20}, {31.71, 35.10},  {31.70, 35.02},  {31.62, 34.94},
               {31.48, 34.87},  {31.36, 34.87}, {31.33, 35.00},  {31.34, 35.25},  {31.46, 35.40},
               {31.47, 35.48},  {31.70, 35.50}, {31.76, 35.545}, {31.85, 35.545}, {32.00, 35.535},
               {32.10, 35.545}, {32.20, 35.565}})},
      {"Gaza",
       {"IL"},
       closed(
           {{31.62, 34.48}, {31.52, 34.58}, {31.35, 34.38}, {31.21, 34.26}, {31.32, 34.20}, {31.45, 34.33}})},
      {"Golan Heights",
       {"SY"},
       closed({{33.30, 35.65},
               {33.24, 35.63},
               {33.20, 35.615},
               {32.90, 35.61},
               {32.80, 35.62},
               {32.68, 35.60},
               {32.67, 35.65},
               {32.745, 35.78},
               {32.75, 35.90},
               {33.10, 35.90},
               {33.45, 35.90},
               {33.42, 35.75},
               {33.34, 35.70}})},
      {"Shebaa Farms", {"LB"}, box(33.23, 35.66, 33.36, 35.80)},
      {"Luhansk, Donetsk, Zaporizhzhia, Kherson and Crimea, which Russia says it "
       "annexed, and land held beside them",
       {"RU"},
       closed(
           {{50.40, 41.00}, {50.45, 36.70}, {50.40, 36.20}, {50.10, 36.30}, {50.10, 36.90}, {49.90, 37.30},
            {49.60, 37.35}, {49.20, 37.10}, {48.90, 36.85}, {48.50, 36.50}, {48.05, 36.20}, {48.12, 36.00},
            {48.08, 35.30}, {47.98, 34.95}, {47.75, 34.75}, {47.60, 34.80}, {47.53, 34.55}, {47.45, 34.25},
            {47.55, 34.00}, {47.62, 33.70}, {47.55, 33.40}, {47.35, 33.10}, {47.20, 33.15}, {47.05, 32.95},
            {46.85, 32.60}, {46.70, 32.20}, {46.62, 31.95}, {46.60, 31.45}, {46.30, 31.30}, {45.60, 32.20},
            {45.20, 32.20}, {44.20, 33.20}, {44.20, 34.40}, {44.70, 35.70}, {45.00, 36.80}, {45.20, 41.00}})},
      {"Crimea",
       {"UA"},
       closed({{46.30, 33.00},
               {46.30, 35.50},
               {45.90, 35.40},
               {45.50, 36.00},
               {45.46, 36.62},
               {45.05, 36.62},
               {44.70, 35.60},
               {44.20, 34.30},
               {44.20, 33.20},
               {45.20, 32.20}})},
      {"Abkhazia",
       {"RU"},
       closed({{43.90, 40.00},
               {43.40, 39.95},
               {43.00, 40.40},
               {42.40, 41.30},
               {42.38, 41.55},
               {42.50, 41.70},
               {42.60, 41.83},
               {42.75, 42.02},
               {42.90, 42.15},
               {43.10, 42.30},
               {43.30, 42.40},
               {43.90, 42.40}})},
      {"South Ossetia",
       {"RU"},
       closed({{42.95, 43.50},
               {42.60, 43.38},
               {42.35, 43.45},
               {42.12, 43.70},
               {42.10, 43.95},
               {42.17, 44.05},
               {42.12, 44.25},
               {42.03, 44.42},
               {42.03, 44.60},
               {42.30, 44.75},
               {42.70, 44.70},
               {42.95, 44.60}})},
      {"Transnistria",
       {"RU"},
       closed({{48.20, 28.30},
               {48.22, 28.75},
               {47.95, 29.25},
               {47.45, 29.60},
               {47.30, 29.75},
               {46.95, 30.00},
               {46.75, 30.05},
               {46.50, 30.00},
               {46.50, 29.85},
               {46.62, 29.65},
               {46.78, 29.38},
               {46.95, 29.40},
               {47.10, 29.15},
               {47.25, 29.05},
               {47.50, 29.03},
               {47.74, 28.91},
               {48.00, 28.58},
               {48.12, 28.32}})},
      {"Northern Cyprus",
       {"TR"},
       closed({{35.75, 34.70},
               {35.42, 33.00},
               {35.40, 32.70},
               {35.20, 32.55},
               {35.14, 32.62},
               {35.13, 32.80},
               {35.08, 32.95},
               {35.12, 33.05},
               {35.155, 33.20},
               {35.155, 33.45},
               {35.08, 33.50},
               {35.02, 33.65},
               {35.00, 33.80},
               {35.03, 33.95},
               {35.00, 34.05},
               {35.60, 34.75}})},
      {"Kashmir, with Aksai Chin and the Shaksgam valley",
       {"IN", "PK"},
       closed({{32.36, 75.52}, {32.33, 75.35}, {32.42, 74.95}, {32.50, 74.70}, {32.60, 74.60}, {32.77, 74.50},
               {32.72, 74.30}, {32.85, 74.05}, {33.02, 73.78}, {33.12, 73.60}, {33.40, 73.58}, {33.75, 73.55},
               {34.00, 73.45}, {34.30, 73.38}, {34.60, 73.50}, {34.85, 73.75}, {35.20, 74.05}, {35.30, 73.65},
               {35.55, 73.30}, {35.70, 72.95}, {36.00, 72.50}, {36.50, 72.45}, {36.85, 73.50}, {37.08, 74.55},
               {36.95, 75.20}, {36.80, 75.90}, {36.55, 76.60}, {36.10, 77.60}, {35.75, 78.10}, {36.00, 78.80},
               {36.10, 79.60}, {35.60, 80.30}, {34.80, 80.20}, {34.35, 79.75}, {33.70, 79.00}, {33.20, 79.20},
               {32.75, 79.55}, {32.50, 79.30}, {32.65, 78.80}, {32.45, 78.40}, {32.62, 78.30}, {32.95, 77.90},
               {32.85, 77.40}, {33.10, 76.85}, {33.25, 76.40}, {33.10, 76.10}, {32.85, 75.95}, {32.60, 75.85},
               {32.42, 75.75}})},
      {"Demchok", {"CN"}, closed({{32.50, 79.30}, {32.85, 79.20}, {32.85, 79.60}, {32.50, 79.60}})},
      {"Arunachal Pradesh",
       {"CN"},
       closed({{28.60, 91.30},
               {27.75, 91.62},
               {27.45, 92.05},
               {27.25, 92.10},
               {26.92, 92.05},
               {26.85, 92.60},
               {26.95, 93.20},
               {27.05, 93.65},
               {27.35, 94.10},
               {27.55, 94.50},
               {27.75, 95.20},
               {27.85, 95.80},
               {27.70, 96.30},
               {27.35, 97.00},
               {27.70, 97.50},
               {28.50, 97.70},
               {29.80, 96.50},
               {29.80, 94.00}})},
      {"the north of Bhutan",
       {"CN"},
       closed({{28.40, 89.60}, {27.95, 89.70}, {27.98, 90.30}, {28.00, 90.75}, {28.40, 90.80}})},
      {"Doklam",
       {"BT", "CN"},
       closed({{27.42, 88.88}, {27.20, 88.88}, {27.17, 89.02}, {27.35, 89.12}, {27.45, 89.05}})},
      {"the Southern Kurils",
       {"JP"},
       closed({{44.90, 145.20},
               {43.30, 145.20},
               {43.20, 147.20},
               {44.60, 149.00},
               {45.55, 149.20},
               {45.75, 148.60},
               {44.90, 146.60}})},
      {"Liancourt Rocks", {"JP", "KR"}, box(37.15, 131.75, 37.33, 131.98)},
      {"Senkaku Islands", {"CN", "JP", "TW"}, box(25.65, 123.40, 26.00, 123.75)},
      {"Taisho", {"CN", "JP", "TW"}, box(25.85, 124.50, 25.95, 124.62)},
      {"Paracel Islands", {"CN", "TW", "VN"}, box(15.60, 110.90, 17.30, 113.00)},
      {"Spratly Islands",
       {"BN", "CN", "MY", "PH", "TW", "VN"},
       closed({{11.70, 114.00},
               {11.60, 115.20},
               {10.90, 116.20},
               {9.60, 116.20},
               {8.70, 116.50},
               {7.90, 115.00},
               {7.20, 114.00},
               {7.20, 113.50},
               {8.40, 111.40},
               {8.90, 111.40},
               {10.20, 113.00}})},
      {"Scarborough Reef", {"CN", "PH", "TW"}, box(15.00, 117.60, 15.30, 117.95)},
      {"Bajo Nuevo and Serranilla", {"CO", "HN", "JM", "NI", "US"}, box(15.60, -80.50, 16.10, -79.50)},
      {"Navassa", {"HT"}, box(18.35, -75.10, 18.45, -74.92)},
      {"the Halayib triangle",
       {"SD"},
       closed({{22.00, 34.08},
               {22.20, 34.65},
               {22.30, 35.10},
               {22.85, 35.55},
               {23.15, 35.65},
               {23.20, 36.00},
               {22.00, 37.20}})},
      {"Wadi Halfa's salient", {"EG", "SD"}, box(21.99, 31.20, 22.25, 31.55)},
      {"Bir Tawil", {"EG", "SD"}, closed({{22.01, 33.15}, {22.01, 34.07}, {21.72, 33.90}, {21.72, 33.50}})},
      {"the Ilemi triangle",
       {"ET", "KE", "SS"},
       closed({{4.20, 33.95},
               {4.85, 34.35},
               {5.55, 35.20},
               {5.30, 35.90},
               {4.60, 36.00},
               {4.60, 35.50},
               {4.30, 34.80}})},
      {"Badme", {"ER", "ET"}, closed({{14.88, 37.85}, {14.45, 37.85}, {14.45, 38.00}, {14.88, 38.05}})},
      {"Doumeira", {"DJ", "ER"}, box(12.69, 43.08, 12.75, 43.17)},
      {"Essequibo",
       {"VE"},
       closed({{8.60, -60.00}, {7.20, -58.35}, {6.80, -58.40}, {6.40, -58.55}, {5.50, -58.50}, {4.70, -58.60},
               {4.00, -58.50}, {3.50, -58.30}, {2.50, -58.20}, {1.30, -58.50}, {1.30, -58.90}, {1.80, -59.70},
               {2.30, -59.90}, {2.75, -60.00}, {3.40, -59.85}, {3.57, -59.90}, {3.95, -59.65}, {4.50, -60.10},
               {5.20, -60.20}, {5.25, -60.75}, {6.70, -61.20}, {8.00, -60.80}})},
      {"New River triangle",
       {"GY", "SR"},
       closed({{3.35, -57.65},
               {3.30, -57.25},
               {2.40, -56.60},
               {1.90, -56.50},
               {1.75, -57.10},
               {2.00, -58.00},
               {2.80, -57.90}})},
      {"between Litani and Marouini",
       {"GF", "SR"},
       closed({{3.45, -53.98}, {2.35, -54.60}, {2.15, -54.30}, {2.20, -53.80}})},
      {"Abu Musa", {"AE", "IR"}, box(25.80, 54.95, 25.95, 55.10)},
      {"the Tunbs", {"AE", "IR"}, box(26.20, 55.10, 26.32, 55.36)},
      {"the Southern Patagonian ice field",
       {"AR", "CL"},
       closed({{-48.90, -73.60},
               {-48.90, -73.00},
               {-50.30, -73.10},
               {-50.75, -73.20},
               {-50.75, -73.70},
               {-49.70, -73.90}})},
      {"Belize south of the Sibun",
       {"GT"},
       closed({{17.18, -89.35},
               {17.20, -88.75},
               {17.42, -88.27},
               {17.42, -87.70},
               {15.90, -87.90},
               {15.85, -88.95},
               {15.90, -89.35}})},
      {"Artsvashen", {"AM", "AZ"}, box(40.60, 45.42, 40.70, 45.60)},
      {"Karki", {"AM", "AZ"}, box(39.74, 44.90, 39.83, 45.02)},
  };
}

void join_contested(std::vector<Territory>& territories, const std::vector<Contested>& contested) {
  std::map<std::string, std::vector<const Contested*>> by_code;
  for (const Contested& land : contested) {
    if (land.ring.size() < 4 || land.ring.front() != land.ring.back() || crosses_itself(land.ring))
      throw std::runtime_error{land.name + ": not a ring that closes and does not cross itself"};
    for (const std::string& code : land.codes) {
      const auto territory = std::find_if(territories.begin(), territories.end(),
                                          [&](const Territory& t) { return t.code == code; });
      if (territory == territories.end()) throw std::runtime_error{land.name + ": no country " + code};
      for (const Contested* other : by_code[code]) {
        if (overlap(land.ring, other->ring))
          throw std::runtime_error{land.name + " and " + other->name + " overlap, and both name " + code};
      }
      by_code[code].push_back(&land);
      territory->contested.push_back({land.ring});
    }
  }
}

}  // namespace chiploc::borders_build
