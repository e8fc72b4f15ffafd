#pragma once
#include <cstddef>
#include <functional>

namespace chiploc {

/// Calls each(0) to each(count - 1), in any order, on this thread and on others that end before it returns: together
/// as many as the machine has processors, eight at most. `each` throws nothing.
void on_threads(std::size_t count, const std::function<void(std::size_t)>& each);

}  // namespace chiploc
