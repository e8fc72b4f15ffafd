#pragma once
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chiploc {

/// Variables added to our own environment for a child.
using Environment = std::map<std::string, std::string>;

/// A program started by a test. It gets SIGTERM, and after a grace period SIGKILL, when this goes away or the
/// test itself dies. One thread.
class ChildProcess {
 public:
  /// argv[0] is looked up in PATH. Standard output and error go to `output`, or nowhere if that is empty.
  ChildProcess(const std::vector<std::string>& argv, const Environment& environment = {},
               const std::filesystem::path& output = {}) {
    const auto log = output.empty() ? std::filesystem::path{"/dev/null"} : output;
    std::vector<char*> arguments;
    for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(127);
      for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
      const int in = ::open("/dev/null", O_RDONLY);
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(in, 0);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pid_fd_ < 0) std::abort();
  }
  ~ChildProcess() {
    if (!exit_code_) {
      ::kill(pid_, SIGTERM);
      constexpr int kGraceMs = 5000;
      if (!wait(kGraceMs)) {
        ::kill(pid_, SIGKILL);
        wait(-1);
      }
    }
    ::close(pid_fd_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send_signal(int signal) const { ::kill(pid_, signal); }
  /// Waits at most so long (-1: for ever) for the end; its exit code (128 + signal if killed), or nullopt if
  /// it still runs. 0 asks without waiting.
  std::optional<int> wait(int timeout_ms) {
    if (exit_code_) return exit_code_;
    pollfd ended{pid_fd_, POLLIN, 0};
    if (::poll(&ended, 1, timeout_ms) <= 0) return std::nullopt;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_code_;
  }

 private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  std::optional<int> exit_code_;
};

/// Runs a program to its end. False if it fails or takes longer than a minute.
inline bool run_program(const std::vector<std::string>& argv, const Environment& environment = {},
                        const std::filesystem::path& output = {}) {
  constexpr int kLimitMs = 60'000;
  ChildProcess child{argv, environment, output};
  return child.wait(kLimitMs) == 0;
}

/// Whether a program of this name is in PATH or a system folder.
inline bool has_program(const std::string& name) {
  std::string path = std::string{::getenv("PATH") != nullptr ? ::getenv("PATH") : ""} + ":/usr/sbin:/sbin:";
  for (std::size_t start = 0, end = 0; (end = path.find(':', start)) != std::string::npos; start = end + 1) {
    const std::string file = path.substr(start, end - start) + "/" + name;
    if (end > start && ::access(file.c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace chiploc
