#include "server/scenario/run_watch.hpp"

#include <unistd.h>

#include <cstdio>

#include "server/text/terminal.hpp"

namespace chiploc {

std::atomic<bool>& CatchInterrupts::flag() {
  static std::atomic<bool> flag{false};
  return flag;
}

CatchInterrupts::CatchInterrupts() {
  flag() = false;
  struct sigaction act {};
  act.sa_handler = [](int) { flag() = true; };
  ::sigaction(SIGINT, &act, &before_int_);
  ::sigaction(SIGTERM, &act, &before_term_);
}

CatchInterrupts::~CatchInterrupts() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

RunProgress::~RunProgress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void RunProgress::show(std::uint64_t done, std::uint64_t all) {
  if (!is_terminal(STDERR_FILENO) || done == 0) return;
  using Seconds = std::chrono::duration<double>;
  const double passed = Seconds{std::chrono::steady_clock::now() - began_}.count();
  const double left = passed / static_cast<double>(done) * static_cast<double>(all - done);
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%llu of %llu %s, about %.0f s left", static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(all), what_.c_str(), left);
  std::fflush(stderr);
}

}  // namespace chiploc
