#pragma once
// A week of hourly least round trips between anchors (shared/data/rtt/ripe-us-2024), each taken for a chip in turn.

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <vector>

#include "server/detect/path_baseline.hpp"
#include "tests/server/detect/honest.hpp"
#include "tests/server/detect/made_paths.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {

constexpr std::size_t kHours = 169;
constexpr std::size_t kBaselineHours = 72;  ///< the first three days

struct RealNode {
  int id = 0;
  LatLon place;
};

/// One node taken for a chip: a round trip for each hour and each of the anchors chosen, hour by hour.
struct RealChip {
  std::vector<std::size_t> anchors;  ///< indices of nodes
  std::vector<double> rtt_ms;        ///< hours x anchors
  std::vector<std::optional<PathLaw>> baseline;

  [[nodiscard]] std::vector<double> round(std::size_t hour) const {
    const auto from = rtt_ms.begin() + static_cast<std::ptrdiff_t>(hour * anchors.size());
    return {from, from + static_cast<std::ptrdiff_t>(anchors.size())};
  }
};

class HourlyWeek {
 public:
  static std::filesystem::path folder() {
    return source_dir().parent_path() / "shared" / "data" / "rtt" / "ripe-us-2024";
  }
  static bool is_here() { return std::filesystem::exists(folder() / "hourly.csv.gz"); }

  HourlyWeek() {
    std::map<int, std::size_t> index;
    std::FILE* places = std::fopen((folder() / "nodes.csv").c_str(), "r");
    char line[256];
    while (places != nullptr && std::fgets(line, sizeof line, places) != nullptr) {
      int id = 0;
      double lat = 0.0;
      double lon = 0.0;
      if (std::sscanf(line, "%d,%*[^,],%lf,%lf", &id, &lat, &lon) != 3) continue;
      index[id] = nodes.size();
      nodes.push_back({id, LatLon::from_degrees({.lat = lat, .lon = lon}).value()});
    }
    if (places != nullptr) std::fclose(places);
    rtt_.assign(nodes.size() * nodes.size() * kHours, kNotMeasured);
    const gzFile file = gzopen((folder() / "hourly.csv.gz").c_str(), "rb");
    while (file != nullptr && gzgets(file, line, sizeof line) != nullptr) {
      int hour = 0;
      int src = 0;
      int dst = 0;
      double ms = 0.0;
      if (std::sscanf(line, "%d,%d,%d,%lf", &hour, &src, &dst, &ms) != 4) continue;
      rtt_[at(index.at(src), index.at(dst), static_cast<std::size_t>(hour))] = ms;
    }
    if (file != nullptr) gzclose(file);
  }

  /// Node `chip` measured by `count` of its anchors (all of them for 0), which the dice choose.
  [[nodiscard]] RealChip chip(std::size_t chip, std::size_t count, Dice& dice) const {
    RealChip out;
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      std::size_t measured = 0;
      for (std::size_t h = 0; h < kHours; ++h) measured += std::isnan(rtt_[at(a, chip, h)]) ? 0U : 1U;
      if (measured > kHours / 2) out.anchors.push_back(a);
    }
    for (std::size_t i = out.anchors.size() - 1; i > 0; --i) {
      std::swap(out.anchors[i], out.anchors[dice.below(static_cast<unsigned>(i + 1))]);
    }
    if (count > 0 && count < out.anchors.size()) out.anchors.resize(count);
    for (std::size_t h = 0; h < kHours; ++h) {
      for (const std::size_t a : out.anchors) out.rtt_ms.push_back(rtt_[at(a, chip, h)]);
    }
    std::vector<PathBaseline> paths(out.anchors.size());
    for (std::size_t h = 0; h < kBaselineHours; ++h) {
      const auto round = out.round(h);
      for (std::size_t a = 0; a < round.size(); ++a) {
        if (!std::isnan(round[a])) (void)paths[a].add(round[a], chip * 1000 + out.anchors[a]);
      }
    }
    for (const PathBaseline& path : paths) out.baseline.push_back(path.law(24));
    return out;
  }

  [[nodiscard]] double rtt_ms(std::size_t anchor, std::size_t chip, std::size_t hour) const {
    return rtt_[at(anchor, chip, hour)];
  }

  std::vector<RealNode> nodes;

 private:
  [[nodiscard]] std::size_t at(std::size_t src, std::size_t dst, std::size_t hour) const {
    return (dst * nodes.size() + src) * kHours + hour;
  }
  std::vector<double> rtt_;
};

}  // namespace chiploc
