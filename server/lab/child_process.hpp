#pragma once
// Starting programs that do not outlive their parent.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// A program that runs as a child: killed by the kernel when the thread that started it ends
/// (PR_SET_PDEATHSIG), so a crashed lab leaves nothing behind. Start children from a thread that lives as
/// long as they should.
///
/// Owns      The child. The destructor stops it (SIGTERM, two seconds, SIGKILL) and collects it.
class ChildProcess {
 public:
  struct Command {
    std::string name;                    ///< for messages
    std::vector<std::string> arguments;  ///< the first is the program's path
    std::filesystem::path log;           ///< standard output and error are appended here
  };
  /// Fails with a sentence: the log cannot be opened, or there can be no more processes. A program that
  /// cannot be executed exits with 127 and says so in its log.
  [[nodiscard]] static Result<ChildProcess, std::string> start(const Command& command);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& log() const { return log_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// How it ended ("exited with 69", "was killed by signal 11"), or nullopt while it runs.
  [[nodiscard]] std::optional<std::string> ended();
  /// SIGTERM, without waiting.
  void ask_to_stop();
  /// Waits until it has ended, at most so long, then SIGKILL. Says how it ended.
  std::string stop(std::chrono::milliseconds patience);

 private:
  ChildProcess(std::string name, std::filesystem::path log, pid_t pid);
  std::string name_;
  std::filesystem::path log_;
  pid_t pid_ = -1;
  std::optional<std::string> end_;
};

/// The last lines of a log file, for the message that says why a program ended; at most `lines`.
[[nodiscard]] std::string last_lines(const std::filesystem::path& file, int lines);

}  // namespace chiploc
