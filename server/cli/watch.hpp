#pragma once
#include <ostream>
#include <string>
#include <vector>

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

}  // namespace chiploc
