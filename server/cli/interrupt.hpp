#pragma once
#include <string_view>

namespace chiploc {

/// Ctrl-C from here on: this sentence on standard error, with what goes on without us and how to learn of it,
/// and exit code 130. Where SIGINT was ignored when the program started (nohup, a script's background), it
/// stays so. Replaces the sentence of before; called on the main thread.
void on_interrupt_say(std::string_view sentence);

/// While one lives an interrupt waits for its end: a file is written whole, or not at all.
class InterruptLater {
 public:
  InterruptLater();
  ~InterruptLater();
  InterruptLater(const InterruptLater&) = delete;
  InterruptLater& operator=(const InterruptLater&) = delete;
};

}  // namespace chiploc
