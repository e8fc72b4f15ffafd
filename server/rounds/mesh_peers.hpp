#pragma once
#include <cstddef>
#include <vector>

namespace chiploc {

/// Peers that an anchor is given at most: with a thousand anchors a window has 64 pairs, not 999.
inline constexpr std::size_t kMeshPeersMax = 64;

/// Which of `count` anchors, numbered in the order of their ids, the one at `self` pings: all others, as long
/// as those are `most` or fewer; else the most / 2 before it and as many behind it on the ring of ids. Ids
/// are digests of keys, so neighbours stand anywhere on Earth. `a` is a peer of `b` exactly when `b` is one
/// of `a`. Ascending; an anchor that comes or goes changes `most` lists.
[[nodiscard]] std::vector<std::size_t> mesh_peers(std::size_t count, std::size_t self,
                                                  std::size_t most = kMeshPeersMax);

}  // namespace chiploc
