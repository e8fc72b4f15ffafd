#pragma once
// What a long run looks at and shows: whether somebody wants it to stop, and how far it is.

#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace chiploc {

/// While it lives, SIGINT and SIGTERM set the flag. One at a time.
class CatchInterrupts {
 public:
  CatchInterrupts();
  ~CatchInterrupts();
  CatchInterrupts(const CatchInterrupts&) = delete;
  CatchInterrupts& operator=(const CatchInterrupts&) = delete;
  [[nodiscard]] static std::atomic<bool>& flag();

 private:
  struct sigaction before_int_ {
  }, before_term_{};
};

/// One line that is redrawn, where standard error is a terminal: "3 of 8 runs, about 12 s left".
class RunProgress {
 public:
  explicit RunProgress(std::string what) : what_{std::move(what)} {}
  RunProgress(const RunProgress&) = delete;
  RunProgress& operator=(const RunProgress&) = delete;
  ~RunProgress();
  void show(std::uint64_t done, std::uint64_t all);

 private:
  std::string what_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace chiploc
