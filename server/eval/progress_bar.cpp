#include "server/eval/progress_bar.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kBarWidth = 40;

}  // namespace

ProgressBar::ProgressBar() : terminal_{is_terminal(STDERR_FILENO)} {}

ProgressBar::~ProgressBar() {
  if (terminal_ && shown_permille_ >= 0) std::fputs("\r\033[K", stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
  if (!terminal_ || total == 0) return;
  const int permille = static_cast<int>(done * 1000 / total);
  if (permille == shown_permille_) return;
  shown_permille_ = permille;
  const std::size_t filled = kBarWidth * done / total;
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  std::fprintf(stderr, "\r[%s] %3d %%  %llu of %llu", bar.c_str(), permille / 10,
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
  std::fflush(stderr);
}

}  // namespace chiploc
