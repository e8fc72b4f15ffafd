#pragma once

namespace chiploc::pki_test {

/// From now on this process is killed (SIGKILL) before its nth mkdir, rename or fsync: every step after which a
/// disk holds something else goes through one of them.
void kill_at_step(int n);

}  // namespace chiploc::pki_test
