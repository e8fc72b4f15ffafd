// Arbitrary text as a file of path sections: parameters that are written and read back the same, and a network of them that
// is never faster than light; or faults.
#include "server/sim/paths/parametric_paths.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::filesystem::path name{"/fuzz/paths.toml"};
  auto read = parse_paths(fuzz::text_of(data, size), name);
  if (!read) {
    fuzz::demand_faults_of(read.error(), name);
    return 0;
  }
  const std::string text = paths_text(*read);
  const auto again = parse_paths(text, name);
  fuzz::demand(again.has_value());
  fuzz::demand(*again == *read);
  fuzz::demand(paths_text(*again) == text);
  const ParametricPaths paths{*std::move(read)};
  const PathEnd a{"a", *LatLon::from_degrees({.lat = 50.1, .lon = 8.7})},
      b{"b", *LatLon::from_degrees({.lat = -33.9, .lon = 151.2}), EndKind::kChip};
  for (const Nanoseconds at : {Nanoseconds{0}, Nanoseconds{std::chrono::hours{30}}}) {
    const PathFate least = paths.least(a, b, {1, at, 0}), fate = paths.fate(a, b, {1, at, 0});
    fuzz::demand(least.delay >= least_one_way(a.place, b.place));
    fuzz::demand(fate.delay >= least.delay);
    fuzz::demand(fate == paths.fate(a, b, {1, at, 0}));
  }
  return 0;
}
