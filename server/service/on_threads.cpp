#include "server/service/on_threads.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace chiploc {

void on_threads(std::size_t count, const std::function<void(std::size_t)>& each) {
  constexpr std::size_t kThreadsMax = 8;
  const std::size_t wanted =
      std::min({count, kThreadsMax, std::max<std::size_t>(1, std::thread::hardware_concurrency())});
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) each(i);
  };
  std::vector<std::thread> others;
  try {
    for (std::size_t i = 1; i < wanted; ++i) others.emplace_back(work);
  } catch (const std::system_error&) {  // no thread to be had: those that there are do all of it
  }
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace chiploc
