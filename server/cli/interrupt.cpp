#include "server/cli/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "server/cli/exit_code.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

// What the handler reads, on whichever thread it runs: nothing but lock-free atomics and bytes that stay.
using Words = std::array<char, 1'024>;
std::array<Words, 2> sentences{};  // one is filled while the other is in force
std::array<std::size_t, 2> sizes{};
std::atomic<std::size_t> said_now{0};
std::atomic<int> holding{0};
std::atomic<bool> waiting{false};
static_assert(std::atomic<std::size_t>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

[[noreturn]] void leave() {
  const std::size_t which = said_now.load();
  // Nothing can be done if it cannot be written.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, sentences[which].data(), sizes[which]);
  ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

extern "C" void on_sigint(int /*signal*/) {
  if (holding.load() == 0) leave();
  waiting.store(true);
}

}  // namespace

void on_interrupt_say(std::string_view sentence) {
  const std::size_t next = 1 - said_now.load();
  std::string line = "\nchiploc: interrupted";
  if (!sentence.empty()) line += "; " + printable(sentence);
  line = line.substr(0, sentences[next].size() - 1) + "\n";
  std::copy(line.begin(), line.end(), sentences[next].begin());
  sizes[next] = line.size();
  said_now.store(next);
  struct sigaction before {};
  if (::sigaction(SIGINT, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_sigint;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
}

InterruptLater::InterruptLater() { holding.fetch_add(1); }
InterruptLater::~InterruptLater() {
  if (holding.fetch_sub(1) == 1 && waiting.load()) leave();
}

}  // namespace chiploc
