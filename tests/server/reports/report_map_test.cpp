#include "server/reports/report_map.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

ReportTotals totals_in(std::map<std::string, ReportTotals::Place> places) {
  ReportTotals totals;
  totals.places = std::move(places);
  return totals;
}
const Frame kFrame{48.0, 100.0, 499.0, 250.0};

std::vector<std::string> words_in(const std::vector<DrawnItem>& items) {
  std::vector<std::string> out;
  for (const DrawnItem& item : items) {
    if (const auto* words = std::get_if<DrawnWords>(&item)) out.push_back(words->words);
  }
  return out;
}
bool hatched(const std::vector<DrawnItem>& items) {
  for (const DrawnItem& item : items) {
    const auto* path = std::get_if<DrawnPath>(&item);
    if (path != nullptr && path->role == "hatch") return true;
  }
  return false;
}

TEST_CASE("report map: countries with their numbers, hatched where chips are contradicted") {
  const auto items = report_map(totals_in({{"DE", {120, 0}}, {"FR", {7, 0}}}), kFrame);
  CHECK(words_in(items) == std::vector<std::string>{"DE 120", "FR 7"});
  CHECK_FALSE(hatched(items));
  CHECK(hatched(report_map(totals_in({{"DE", {120, 0}}, {"FR", {7, 1}}}), kFrame)));
}

TEST_CASE("report map: nothing proved, nothing drawn; and everywhere is drawn as well") {
  CHECK(report_map(totals_in({}), kFrame).empty());
  CHECK(report_map(totals_in({{"ZZ", {3, 0}}}), kFrame).empty());
  for (const auto& places : {std::map<std::string, ReportTotals::Place>{{"FJ", {1, 0}}},
                             {{"US", {1, 0}}, {"AU", {1, 0}}, {"DE", {1, 0}}},
                             {{"RU", {1, 0}}},
                             {{"AQ", {1, 0}}},
                             {{"SG", {1, 0}}}}) {
    const auto items = report_map(totals_in(places), kFrame);
    CHECK(items.size() > 2);
    for (const DrawnItem& item : items) {
      const auto* path = std::get_if<DrawnPath>(&item);
      if (path == nullptr) continue;
      for (const DrawnLine& line : path->lines) {
        for (const DrawnPoint& point : line) {
          if (!std::isfinite(point.x) || !std::isfinite(point.y)) FAIL("a point that is none");
        }
      }
    }
  }
}

}  // namespace
}  // namespace chiploc
