#include "proto/base/process_secrets.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace chiploc {

void keep_memory_private() {
  // The limit alone does not stop a core_pattern that pipes to a collector (systemd-coredump); the flag does.
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace chiploc
