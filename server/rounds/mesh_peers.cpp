#include "server/rounds/mesh_peers.hpp"

#include <algorithm>

namespace chiploc {

std::vector<std::size_t> mesh_peers(std::size_t count, std::size_t self, std::size_t most) {
  std::vector<std::size_t> out;
  if (self >= count) return out;
  if (count <= most + 1) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i != self) out.push_back(i);
    }
    return out;
  }
  for (std::size_t step = 1; step <= most / 2; ++step) {
    out.push_back((self + step) % count);
    out.push_back((self + count - step) % count);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace chiploc
