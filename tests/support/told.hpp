#pragma once
// What a command says and returns, run in this process.

#include <csignal>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include <pthread.h>
#include <signal.h>

#include "tests/support/catch.hpp"

namespace chiploc::test {

struct Told {
  int code = -1;
  std::string out, err;
};

/// `run` returns an exit code; what it writes to standard output and error meanwhile is caught.
template <class Run>
Told told(const Run& run) {
  std::ostringstream out, err;
  std::streambuf* const real_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const real_err = std::cerr.rdbuf(err.rdbuf());
  const int code = run();
  std::cout.rdbuf(real_out);
  std::cerr.rdbuf(real_err);
  return {code, out.str(), err.str()};
}

/// The same with a signal that comes as soon as the command has its handler in force, and to nobody before.
template <class Run>
Told told_when_interrupted(int signal, const Run& run) {
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, signal);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &signals, &before) == 0);
  std::signal(signal, SIG_DFL);
  std::thread sender{[&] {
    // Unblocked here alone: the handler is in force whenever this thread takes it.
    while (true) {
      struct sigaction now {};
      ::sigaction(signal, nullptr, &now);
      if (now.sa_handler != SIG_DFL) break;
      std::this_thread::yield();
    }
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    ::pthread_kill(::pthread_self(), signal);
  }};
  Told out = told(run);
  sender.join();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return out;
}

}  // namespace chiploc::test
