#include "server/cli/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace chiploc {
namespace {

Fail<CliFault> usage(std::string text) { return Fail{CliFault{ExitCode::kUsage, std::move(text)}}; }

/// A terminal that shows nothing and sends no signals, until destroyed.
class HiddenTerminal {
 public:
  explicit HiddenTerminal(int fd) : fd_{fd} {
    if (::tcgetattr(fd, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    hidden.c_cc[VMIN] = 1;
    hidden.c_cc[VTIME] = 0;
    good_ = ::tcsetattr(fd, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenTerminal() {
    if (good_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  HiddenTerminal(const HiddenTerminal&) = delete;
  HiddenTerminal& operator=(const HiddenTerminal&) = delete;
  [[nodiscard]] bool good() const { return good_; }

 private:
  int fd_;
  termios before_{};
  bool good_ = false;
};

void show(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(terminal, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<SecretText, CliFault> read_hidden(int terminal, std::string_view prompt) {
  constexpr std::size_t kBytesMax = 1'024;
  constexpr char kCtrlC = 3;
  constexpr char kCtrlD = 4;
  constexpr char kBackspace = 8;
  constexpr char kCtrlU = 21;
  constexpr char kDelete = 127;
  const HiddenTerminal hidden{terminal};
  if (!hidden.good()) return usage("no terminal to type a passphrase at; pass --passphrase-file FILE");
  show(terminal, prompt);
  SecretText line;
  std::string& text = line.writable();
  text.reserve(kBytesMax);  // never moved, so that one copy is wiped
  while (true) {
    char c = 0;
    const ssize_t n = ::read(terminal, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == kCtrlC || c == kCtrlD) {
      show(terminal, "\n");
      return usage("no passphrase was typed; nothing was done");
    }
    if (c == '\n' || c == '\r') break;
    if (c == kBackspace || c == kDelete) {
      if (!text.empty()) text.pop_back();
    } else if (c == kCtrlU) {
      text.clear();
    } else if (text.size() < kBytesMax) {
      text.push_back(c);
    }
  }
  show(terminal, "\n");
  return line;
}

Result<SecretText, CliFault> ask_passphrase(std::string_view prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) return usage("no terminal to type a passphrase at; pass --passphrase-file FILE");
  auto typed = read_hidden(terminal, prompt);
  ::close(terminal);
  return typed;
}

Result<SecretText, CliFault> ask_new_passphrase(const std::string& what) {
  auto first = ask_passphrase("New passphrase of " + what + ", empty for none: ");
  if (!first || first->text().empty()) return first;
  if (first->text().size() < kPassphraseLeast) {
    return usage("a passphrase has at least " + std::to_string(kPassphraseLeast) +
                 " characters; nothing was done");
  }
  const auto second = ask_passphrase("The same again: ");
  if (!second) return Fail{second.error()};
  if (first->text() != second->text()) return usage("the two passphrases differ; nothing was done");
  return first;
}

}  // namespace chiploc
