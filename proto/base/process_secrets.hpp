#pragma once

namespace chiploc {

/// For programs that hold keys; main calls it first. No core file is written of this process, whatever the
/// limits and the kernel's core_pattern say, and no other process of the same user may attach to it or read
/// its memory (PR_SET_DUMPABLE, RLIMIT_CORE). Whoever is root may still do so. Linux; elsewhere nothing
/// happens. Never fails: a system that refuses leaves the process as it was, and the service unit says the
/// same again.
void keep_memory_private();

}  // namespace chiploc
