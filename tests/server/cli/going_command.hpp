#pragma once
// A command that goes on until somebody ends it, and its lines as they come.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "tests/server/cli/cli_process.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

/// Killed when this goes away. One thread.
class GoingCommand {
 public:
  GoingCommand(std::vector<std::string> arguments, const std::string& config) {
    arguments.insert(arguments.begin(), {chiploc_program(), "--config", config});
    std::vector<char*> words;
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    std::array<int, 2> out{}, err{};
    REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    ::posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    const int failed = ::posix_spawn(&pid_, words[0], &actions, nullptr, words.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    out_.fd = out[0];
    err_.fd = err[0];
    REQUIRE(failed == 0);
  }
  ~GoingCommand() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    stop_reading();
    ::close(err_.fd);
  }
  GoingCommand(const GoingCommand&) = delete;
  GoingCommand& operator=(const GoingCommand&) = delete;

  /// The next line of standard output, or of standard error, without its end; empty: there are no more.
  std::string line() { return next(out_); }
  std::string said() { return next(err_); }
  void interrupt() const { ::kill(pid_, SIGINT); }
  /// Nobody reads its standard output any more.
  void stop_reading() {
    if (out_.fd >= 0) ::close(std::exchange(out_.fd, -1));
  }
  /// Its exit code, 128 and a signal's number, once it has ended by itself.
  int ended() {
    int status = 0;
    while (!next(err_).empty()) {
    }
    REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  struct Lines {
    int fd = -1;
    std::string read{};
  };
  static std::string next(Lines& lines) {
    constexpr int kPatienceMs = 120'000;  // only a broken program comes near it
    for (;;) {
      if (const std::size_t end = lines.read.find('\n'); end != std::string::npos) {
        std::string line = lines.read.substr(0, end);
        lines.read.erase(0, end + 1);
        if (!line.empty()) return line;
        continue;
      }
      pollfd more{lines.fd, POLLIN, 0};
      REQUIRE(::poll(&more, 1, kPatienceMs) > 0);
      std::array<char, 4'096> piece{};
      const ssize_t n = ::read(lines.fd, piece.data(), piece.size());
      if (n <= 0) return {};
      lines.read.append(piece.data(), static_cast<std::size_t>(n));
    }
  }
  pid_t pid_ = -1;
  Lines out_, err_;
};

}  // namespace chiploc::test
