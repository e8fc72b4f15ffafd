#pragma once
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "proto/base/time.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

/// Shows a round as it goes, on standard error so that standard output stays the verdict's. On a terminal a
/// block with a line per anchor, redrawn in place; elsewhere one plain line per event. Owns nothing; one
/// thread.
class RoundWatch {
 public:
  /// `terminal_rows` is 0 where `out` is no terminal. A round with more anchors than the terminal has rows is
  /// shown line by line too: what has scrolled off cannot be redrawn.
  RoundWatch(std::ostream& out, std::size_t terminal_rows, bool colour)
      : out_{out}, terminal_rows_{terminal_rows}, colour_{colour} {}
  void on_event(const v1::VerifyEvent& event);

 private:
  [[nodiscard]] bool redraws() const { return anchors_.size() + 2 < terminal_rows_; }
  void draw();
  std::ostream& out_;
  std::size_t terminal_rows_;
  bool colour_;
  std::vector<v1::AnchorProgress> anchors_;  // in the order of the round
  std::size_t lines_drawn_ = 0;
};

/// What a round waits for, on standard error, where nobody watches it: until when for the chip's knock, that it
/// seems to refuse its tickets (when that is heard first, then at twice as often), that an anchor runs twice.
/// A refusal is not signed, so it ends no round; whoever waits may.
class RoundWait {
 public:
  explicit RoundWait(std::ostream& out) : out_{out} {}
  void on_event(const v1::VerifyEvent& event, WallTime now);

 private:
  void on_progress(const v1::AnchorProgress& progress);
  std::ostream& out_;
  std::string until_;                              // as text; empty: the round waits for no knock
  std::map<std::string, std::uint32_t> refusals_;  // by anchor
  std::uint64_t told_ = 0;                         // how many there were then
  std::set<std::string> twice_;
};

}  // namespace chiploc
