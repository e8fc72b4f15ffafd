#include "server/lab/child_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct Log {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("child_process_test." + std::to_string(::getpid()) + ".log");
  Log() { std::filesystem::remove(path); }
  ~Log() { std::filesystem::remove(path); }
};

ChildProcess start(const Log& log, std::vector<std::string> arguments) {
  auto child = ChildProcess::start({.name = "child", .arguments = std::move(arguments), .log = log.path});
  if (!child) FAIL(child.error());
  return std::move(child).value();
}

TEST_CASE("ChildProcess: its output goes to the log and its end is told", "[sim][process]") {
  const Log log;
  ChildProcess child = start(log, {"/bin/sh", "-c", "echo one; echo two >&2; exit 3"});
  while (!child.ended()) {
  }
  CHECK(child.ended() == "exited with 3");
  CHECK(last_lines(log.path, 1) == "two\n");
  CHECK(last_lines(log.path, 9) == "one\ntwo\n");
  CHECK(child.stop(1s) == "exited with 3");
}

TEST_CASE("ChildProcess: one that listens ends by SIGTERM, one that does not by SIGKILL", "[sim][process]") {
  const Log log;
  ChildProcess polite = start(log, {"/bin/sleep", "60"});
  CHECK_FALSE(polite.ended().has_value());
  CHECK(polite.stop(5s) == "was killed by signal " + std::to_string(SIGTERM));
  ChildProcess deaf = start(log, {"/bin/sh", "-c", "trap '' TERM; echo ready; while :; do :; done"});
  while (last_lines(log.path, 1) != "ready\n") {
  }
  CHECK(deaf.stop(50ms) == "was killed by signal " + std::to_string(SIGKILL));
}

TEST_CASE("ChildProcess: a program that is not there says so in the log", "[sim][process]") {
  const Log log;
  ChildProcess child = start(log, {"/nonexistent/program"});
  while (!child.ended()) {
  }
  CHECK(child.ended() == "exited with 127");
  CHECK(last_lines(log.path, 1) == "cannot execute: No such file or directory\n");
}

TEST_CASE("ChildProcess: does not outlive its owner", "[sim][process]") {
  const Log log;
  pid_t pid = 0;
  {
    ChildProcess child = start(log, {"/bin/sleep", "60"});
    pid = child.pid();
    ChildProcess moved = std::move(child);
    CHECK(moved.pid() == pid);
  }
  CHECK(::kill(pid, 0) != 0);
}

}  // namespace
}  // namespace chiploc
