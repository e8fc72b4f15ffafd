#pragma once
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

namespace chiploc {

/// For every option of a real number, before CLI::Range: that one lets NaN pass, which compares as neither
/// too small nor too large, and CLI11 reads "nan" as a number. Neither it nor an infinity is one here.
inline CLI::Validator is_number() {
  return CLI::Validator{[](std::string& text) {
                          char* end = nullptr;
                          const double value = std::strtod(text.c_str(), &end);
                          const bool read = end != text.c_str();
                          return read && !std::isfinite(value) ? text + " is no number" : std::string{};
                        },
                        ""};
}

/// For every option of a whole number from 0 on: CLI11 takes -1 for 2^64 - 1.
inline CLI::Validator is_whole() {
  return CLI::Validator{[](std::string& text) {
                          const bool whole = text.find_first_not_of("0123456789") == std::string::npos;
                          return whole ? std::string{} : text + " is no whole number from 0 on";
                        },
                        ""};
}

}  // namespace chiploc
