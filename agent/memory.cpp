#include "agent/memory.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace chiploc {

void trim_after_start() {
  ::malloc_trim(0);
  std::FILE* const maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long from = 0;
    unsigned long to = 0;
    char rights[5] = {};
    int path = 0;
    // Only what a file backs and nobody can have written: dropping anything else would lose it.
    if (std::sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &from, &to, rights, &path) != 3) continue;
    const bool read_only = rights[0] == 'r' && rights[1] == '-' && rights[3] == 'p';
    if (!read_only || path == 0 || line[path] != '/') continue;
    // Relocated data is read-only by now, but was written by the loader: its private copies must stay.
    if (rights[2] != 'x') continue;
    ::madvise(reinterpret_cast<void*>(static_cast<std::uintptr_t>(from)), to - from,
              MADV_DONTNEED);  // NOLINT
  }
  std::fclose(maps);
}

}  // namespace chiploc
