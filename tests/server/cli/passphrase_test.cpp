#include "server/cli/passphrase.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

/// A terminal and the person at it.
struct Terminal {
  int person = ::posix_openpt(O_RDWR | O_NOCTTY);
  int program = -1;
  Terminal() {
    REQUIRE(person >= 0);
    REQUIRE(::grantpt(person) == 0);
    REQUIRE(::unlockpt(person) == 0);
    program = ::open(::ptsname(person), O_RDWR | O_NOCTTY);
    REQUIRE(program >= 0);
  }
  ~Terminal() {
    ::close(person);
    ::close(program);
  }
  /// The person reads the prompt, then types; what the terminal showed besides comes back in `shown`.
  Result<SecretText, CliFault> ask(const std::string& typed) {
    std::thread hand{[&] {
      std::string seen;
      char c = 0;
      while (seen.find("secret: ") == std::string::npos && ::read(person, &c, 1) == 1) seen += c;
      REQUIRE(::write(person, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
      while (::read(person, &c, 1) == 1 && c != '\n') shown += c;
    }};
    auto answer = read_hidden(program, "secret: ");
    hand.join();
    return answer;
  }
  std::string shown;
};

TEST_CASE("read_hidden: what is typed is not shown, and can be corrected", "[cli]") {
  Terminal terminal;
  const auto answer = terminal.ask(
      "wrong\x15"
      "horsf\x7f"
      "e battery\r");
  REQUIRE(answer);
  CHECK(answer->text() == "horse battery");
  CHECK(terminal.shown == "\r");  // the line's end alone
  termios after{};
  REQUIRE(::tcgetattr(terminal.program, &after) == 0);
  CHECK((after.c_lflag & static_cast<tcflag_t>(ECHO | ICANON | ISIG)) ==
        static_cast<tcflag_t>(ECHO | ICANON | ISIG));
}

TEST_CASE("read_hidden: Ctrl-C ends it, and the terminal is as it was", "[cli]") {
  Terminal terminal;
  const auto answer = terminal.ask("half a pass\x03");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ExitCode::kUsage);
  CHECK(answer.error().text == "no passphrase was typed; nothing was done");
  termios after{};
  REQUIRE(::tcgetattr(terminal.program, &after) == 0);
  CHECK((after.c_lflag & static_cast<tcflag_t>(ECHO)) != 0);
}

TEST_CASE("read_hidden: what is no terminal says which option there is", "[cli]") {
  const int file = ::open("/dev/null", O_RDWR);
  const auto answer = read_hidden(file, "secret: ");
  ::close(file);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text.find("--passphrase-file") != std::string::npos);
}

}  // namespace
}  // namespace chiploc::test
