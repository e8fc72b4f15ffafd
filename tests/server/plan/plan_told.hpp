#pragma once
#include <string>
#include <vector>

#include "server/plan/plan_command.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc::test {

/// Runs the command with standard output and error caught.
inline Told plan(const std::vector<std::string>& arguments) {
  return test::told([&] { return run_plan_command(arguments); });
}

/// Files of a small plan, and a folder of measurements.
class PlanFolder {
 public:
  PlanFolder() {
    folder_.write(
        "sites.csv",
        "name,lat,lon,licensed\nBerlin hall,52.52,13.40,DE\nLyon hall,45.76,4.84,FR\nOslo hall,59.91,10.75,NO "
        "SE\n");
    folder_.write("anchors.csv", "name,lat,lon,operator\nfra1,50.12,8.68,Net A\n");
    folder_.write(
        "candidates.csv",
        "name,lat,lon,operator,cost\nber1,52.5,13.3,Net B,2\nlyo1,45.7,4.8,Net C,1\nosl1,59.9,10.8,Net D,3\n");
    folder_.write("bad.csv", "name,lat,lon,licensed\nA,1,1,DE\nB,91,1,DE\n");
    folder_.write("campus.geojson",
                  R"({"type":"Polygon","coordinates":[[[12,51],[15,51],[15,54],[12,54],[12,51]]]})");
    folder_.write("campus_sites.csv", "name,lat,lon,licensed\nBerlin hall,52.52,13.40,campus\n");
    folder_.write("folder_sites.csv", "name,lat,lon,licensed\nBerlin,52.52,13.40,DE\nw,48.21,16.37,AT\n");
    folder_.write("folder_places.csv", "name,lat,lon\nBerlin,52.52,13.40\nMilan,45.46,9.19\nNowhere,50,50\n");
    const RttFiles files = small_files();
    measured_.write("nodes.csv", files.nodes);
    measured_.write("rtt.csv", files.rtt);
    measured_.write("subsets.csv", *files.subsets);
  }
  [[nodiscard]] std::string sites() const { return (folder_ / "sites.csv").string(); }
  [[nodiscard]] std::string anchors() const { return (folder_ / "anchors.csv").string(); }
  [[nodiscard]] std::string candidates() const { return (folder_ / "candidates.csv").string(); }
  [[nodiscard]] std::string bad_sites() const { return (folder_ / "bad.csv").string(); }
  [[nodiscard]] std::string campus() const { return (folder_ / "campus.geojson").string(); }
  [[nodiscard]] std::string campus_sites() const { return (folder_ / "campus_sites.csv").string(); }
  [[nodiscard]] std::string folder_sites() const { return (folder_ / "folder_sites.csv").string(); }
  [[nodiscard]] std::string folder_places() const { return (folder_ / "folder_places.csv").string(); }
  [[nodiscard]] std::string measured() const { return measured_.path().string(); }

 private:
  TempDir folder_;
  TempDir measured_;
};

}  // namespace chiploc::test
