// False alarms of the cohort test on what real paths do within three hours. The measurements lie beside the
// checkout and may be absent.
#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "geo/estimate/cohort.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

constexpr int kHours = 169;
using Hours = std::vector<double>;  // by hour, NaN where missing

/// Target -> source -> least round trip of each hour.
std::map<int, std::map<int, Hours>> read_hourly(const std::filesystem::path& path) {
  std::map<int, std::map<int, Hours>> out;
  const gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  char line[256];
  (void)gzgets(file, line, sizeof line);  // hour,src,dst,min_ms
  while (gzgets(file, line, sizeof line) != nullptr) {
    int hour = 0;
    int src = 0;
    int dst = 0;
    double ms = 0.0;
    REQUIRE(std::sscanf(line, "%d,%d,%d,%lf", &hour, &src, &dst, &ms) == 4);
    Hours& hours = out[dst].try_emplace(src, kHours, std::numeric_limits<double>::quiet_NaN()).first->second;
    hours.at(static_cast<std::size_t>(hour)) = ms;
  }
  gzclose(file);
  return out;
}

TEST_CASE("cohort: false alarms on a week of measurements between anchors", "[geo][data]") {
  const auto path = source_dir().parent_path() / "shared" / "data" / "rtt" / "ripe-us-2024" / "hourly.csv.gz";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: no " << path.string() << " here");
    return;
  }
  const auto targets = read_hourly(path);
  std::mt19937_64 random{20261126};
  std::size_t judged = 0;
  std::size_t false_alarms = 0;
  std::size_t moved = 0;
  std::size_t found = 0;
  for (const auto& [dst, sources] : targets) {
    for (int trial = 0; trial < 40; ++trial) {
      // Three hours of one target stand for three chips of one site; twelve anchors.
      const int from = std::uniform_int_distribution<int>{0, kHours - 3}(random);
      std::vector<const Hours*> all;
      for (const auto& [src, hours] : sources) all.push_back(&hours);
      std::shuffle(all.begin(), all.end(), random);
      all.resize(std::min<std::size_t>(all.size(), 12));
      std::vector<double> rtt;
      for (int chip = 0; chip < 3; ++chip) {
        for (const Hours* hours : all) rtt.push_back((*hours)[static_cast<std::size_t>(from + chip)]);
      }
      for (const CohortMember& member : compare_cohort(rtt, all.size())) {
        judged += member.judged ? 1U : 0U;
        false_alarms += member.outlier ? 1U : 0U;
      }
      // The second chip 30 km away: each path longer or shorter by its direction, at the speed of light in
      // fibre.
      for (std::size_t a = 0; a < all.size(); ++a) {
        const double direction = std::uniform_real_distribution<double>{0.0, 6.283}(random);
        rtt[all.size() + a] += 0.3 * std::cos(direction);
      }
      const auto with = compare_cohort(rtt, all.size());
      if (!with[1].judged) continue;
      ++moved;
      found += with[1].outlier ? 1U : 0U;
    }
  }
  const double rate = static_cast<double>(false_alarms) / static_cast<double>(judged);
  WARN("cohort of three, twelve anchors: " << false_alarms << " false alarms in " << judged
                                           << " chips; 30 km away: " << found << " of " << moved << " found");
  CHECK(judged > 3000);
  CHECK(rate < 0.005);
  CHECK(static_cast<double>(found) > 0.9 * static_cast<double>(moved));
}

}  // namespace
}  // namespace chiploc
