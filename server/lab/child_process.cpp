#include "server/lab/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <utility>

namespace chiploc {
namespace {

std::string how_it_ended(int status) {
  if (WIFEXITED(status)) return "exited with " + std::to_string(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  return "ended in an unknown way";
}

/// Between fork and exec of a program with threads only async-signal-safe calls are allowed: no allocation,
/// no locks.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have gone before the line above; then nobody would ever end this child.
  if (::getppid() != parent) ::_exit(127);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, STDIN_FILENO);
  // All signals were blocked before the fork. Handlers of the parent must be gone before one can arrive here:
  // they would run in this half-made child, with the parent's memory.
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // A group of its own: Ctrl-C in the terminal reaches the lab alone, which then stops its children in order.
  ::setpgid(0, 0);
  ::execv(arguments[0], arguments);
  const char* const why = std::strerror(errno);
  const char text[] = "cannot execute: ";
  if (::write(STDERR_FILENO, text, sizeof text - 1) > 0 &&
      ::write(STDERR_FILENO, why, std::strlen(why)) > 0) {
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, "\n", 1);
  }
  ::_exit(127);
}

}  // namespace

// posix_spawn has no way to ask for PR_SET_PDEATHSIG, which must be set in the child itself; hence fork and
// exec.
Result<ChildProcess, std::string> ChildProcess::start(const Command& command) {
  std::vector<std::string> copy = command.arguments;
  std::vector<char*> arguments;
  for (std::string& argument : copy) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return Fail{"cannot open " + command.log.string() + ": " + std::strerror(errno)};
  const pid_t parent = ::getpid();
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) become(arguments.data(), log, parent);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(log);
  if (pid < 0) return Fail{"cannot start " + command.name + ": " + std::strerror(error)};
  return ChildProcess{command.name, command.log, pid};
}

ChildProcess::ChildProcess(std::string name, std::filesystem::path log, pid_t pid)
    : name_{std::move(name)}, log_{std::move(log)}, pid_{pid} {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : name_{std::move(other.name_)},
      log_{std::move(other.log_)},
      pid_{std::exchange(other.pid_, -1)},
      end_{std::move(other.end_)} {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    if (pid_ > 0) stop(std::chrono::seconds{2});
    name_ = std::move(other.name_);
    log_ = std::move(other.log_);
    pid_ = std::exchange(other.pid_, -1);
    end_ = std::move(other.end_);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) stop(std::chrono::seconds{2});
}

std::optional<std::string> ChildProcess::ended() {
  if (end_ || pid_ <= 0) return end_;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got == pid_) end_ = how_it_ended(status);
  if (got < 0) end_ = "is no longer a child";
  if (end_) pid_ = -1;
  return end_;
}

void ChildProcess::ask_to_stop() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

std::string ChildProcess::stop(std::chrono::milliseconds patience) {
  if (const auto end = ended()) return *end;
  ask_to_stop();
  // A pidfd becomes readable at the end of its process: waiting with a limit and without polling or signals.
  const int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (watch >= 0) {
    pollfd wait{watch, POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(patience.count()));
    ::close(watch);
  }
  if (const auto end = ended()) return *end;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  end_ = how_it_ended(status);
  return *end_;
}

std::string last_lines(const std::filesystem::path& file, int lines) {
  std::ifstream in{file};
  std::deque<std::string> kept;
  for (std::string line; std::getline(in, line);) {
    kept.push_back(std::move(line));
    if (kept.size() > static_cast<std::size_t>(std::max(lines, 0))) kept.pop_front();
  }
  std::string out;
  for (const std::string& line : kept) out += line + "\n";
  return out;
}

}  // namespace chiploc
