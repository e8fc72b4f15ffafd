#pragma once
#include <spdlog/pattern_formatter.h>

#include <memory>
#include <string>

#include "proto/base/safe_text.hpp"

namespace chiploc {

/// A program's log lines: time, level, message; the message through log_line(), whoever put it together.
class GuardedFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string safe = log_line({message.payload.data(), message.payload.size()});
    spdlog::details::log_msg guarded = message;
    guarded.payload = safe;
    lines_.format(guarded, out);
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<GuardedFormatter>();
  }

 private:
  spdlog::pattern_formatter lines_{"%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc};
};

}  // namespace chiploc
