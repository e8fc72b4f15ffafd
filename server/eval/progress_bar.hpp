#pragma once
#include <cstdint>

namespace chiploc {

/// A line on standard error that is redrawn in place, when that is a terminal, and nothing otherwise. One
/// thread at a time.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(std::uint64_t done, std::uint64_t total);

 private:
  bool terminal_;
  int shown_permille_ = -1;
};

}  // namespace chiploc
