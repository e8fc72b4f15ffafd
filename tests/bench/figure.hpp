#pragma once
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

/// What the benchmark programs share. Each prints one line a figure, which bench.sh sets into the table.
namespace chiploc::bench {

/// How the ratio of ours to the reference is judged.
enum class Want { kAtMost, kAtLeast };

/// ours / reference for kAtMost; for kAtLeast, where less time is better, reference / ours is what `ratio` is
/// given.
inline void print_figure(const std::string& name, const std::string& ours, const std::string& reference,
                         double ratio, Want want, double target) {
  const bool reached = want == Want::kAtMost ? ratio <= target : ratio >= target;
  std::printf("FIGURE\t%s\t%s\t%s\t%.2f\t%s %.2f\t%s\n", name.c_str(), ours.c_str(), reference.c_str(), ratio,
              want == Want::kAtMost ? "<=" : ">=", target, reached ? "yes" : "NO");
  std::fflush(stdout);
}
/// A figure beside its reference, which is not judged.
inline void print_beside(const std::string& name, const std::string& ours, const std::string& reference) {
  std::printf("FIGURE\t%s\t%s\t%s\t\t\t\n", name.c_str(), ours.c_str(), reference.c_str());
  std::fflush(stdout);
}
inline void print_skipped(const std::string& name, const std::string& why) {
  std::printf("FIGURE\t%s\t\t\t\t\tskipped: %s\n", name.c_str(), why.c_str());
  std::fflush(stdout);
}
/// A figure without a reference.
inline void print_plain(const std::string& name, const std::string& ours) {
  std::printf("FIGURE\t%s\t%s\t\t\t\t\n", name.c_str(), ours.c_str());
  std::fflush(stdout);
}
// The formats are literals of the callers, one number each; the compiler does not see that from here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
inline std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}
#pragma GCC diagnostic pop

inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

inline double thread_cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// Of all threads of the process.
inline double process_cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// Processor time of one call in microseconds: the best of several rounds of `repeats` calls, so that other
/// work on the machine counts as little as it can.
template <class Body>
double cost_us(std::size_t repeats, Body&& body) {
  double best = 1e300;
  for (int round = 0; round < 5; ++round) {
    const double start = thread_cpu_us();
    for (std::size_t i = 0; i < repeats; ++i) body(i);
    best = std::min(best, (thread_cpu_us() - start) / static_cast<double>(repeats));
  }
  return best;
}

/// Wall time of one run in microseconds; for what waits on a disk or on other threads.
template <class Body>
double wall_us(Body&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::micro>{std::chrono::steady_clock::now() - start}.count();
}

}  // namespace chiploc::bench
