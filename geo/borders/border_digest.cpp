#include "geo/borders/border_table.hpp"

namespace chiploc {

// In a file of its own because the tool that builds the table needs it before there is a table to link.
std::uint64_t border_digest(std::span<const unsigned char> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

}  // namespace chiploc
