#pragma once
#include "server/anchor/prober_types.hpp"

namespace chiploc {

/// The operating system's generator behind a pool: a ping draws 20 bytes, and a call of the generator for
/// each would cost as much as its MAC. What was handed out is wiped from the pool, so nothing in memory tells
/// an earlier draw. Copies of the function share one pool. For one thread, and for a process that does not
/// fork. Stops the process as random_bytes_or_abort() does.
[[nodiscard]] RandomFill pooled_random();

}  // namespace chiploc
