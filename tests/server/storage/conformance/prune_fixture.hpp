#pragma once
// Mesh windows and knocks of any age, and pruning to its end.

#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {

inline void add_window(Store& store, std::uint64_t number, std::int64_t received, std::int64_t window_end,
                       std::size_t pairs = 10) {
  MeshRecord mesh{{id<AnchorId>(11), number}, at(window_end), {}, blob(std::string(600, 'm')), at(received)};
  for (std::uint64_t peer = 1; peer <= pairs; ++peer)
    mesh.pairs.push_back({id<AnchorId>(peer), 10, 9, Nanoseconds{7}, Nanoseconds{7}, StampSource::kUserBoth});
  REQUIRE(store.mesh().append_mesh(mesh));
}
inline void add_knock(Store& store, std::uint64_t chip, std::int64_t received, std::uint64_t boot) {
  static std::uint64_t spool = 0;
  REQUIRE(
      store.mesh().append_knock({id<ChipId>(chip), id<AnchorId>(11), at(received),
                                 blob(std::to_string(chip) + "/" + std::to_string(boot)), at(received), boot},
                                ++spool));
}
/// Steps until nothing is left to do; the most rows that one of them touched.
struct Swept {
  Pruned all;
  std::size_t steps = 0, rows_most = 0;
};
inline Swept sweep(Store& store, PruneOrder order) {
  Swept out;
  for (;;) {
    const auto step = store.mesh().prune_some(order);
    REQUIRE(step);
    ++out.steps;
    out.all.mesh_windows += step->mesh_windows;
    out.all.mesh_pairs += step->mesh_pairs;
    out.all.knocks += step->knocks;
    out.all.knocks_kept += step->knocks_kept;
    out.rows_most = std::max<std::size_t>(
        out.rows_most, step->mesh_windows + step->mesh_pairs + step->knocks + step->knocks_kept);
    order.knocks_seen = step->knocks_seen;
    if (!step->more) return out;
    REQUIRE(out.steps < 1'000);
  }
}
inline PruneOrder before(std::int64_t seconds) {
  return {.mesh_before = at(seconds), .knocks_before = at(seconds)};
}

}  // namespace chiploc::test
