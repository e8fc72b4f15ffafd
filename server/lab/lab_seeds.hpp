#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// Which networks a lab is run on, one after the other.
struct LabSeeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};
inline constexpr std::uint64_t kLabSeedsMax = 10'000;

/// "20" is 1 to 20, "5..8" what it says; nullopt: neither, backwards, or more than kLabSeedsMax.
[[nodiscard]] inline std::optional<LabSeeds> seeds_of(const std::string& text) {
  const auto number = [](std::string_view word) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
  };
  const auto dots = text.find("..");
  const auto first =
      dots == std::string::npos ? std::optional<std::uint64_t>{1} : number(text.substr(0, dots));
  const auto last = number(dots == std::string::npos ? text : text.substr(dots + 2));
  if (!first || !last || *last < *first || *last - *first >= kLabSeedsMax) return std::nullopt;
  return LabSeeds{.first = *first, .last = *last};
}

}  // namespace chiploc
