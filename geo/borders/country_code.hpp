#pragma once
// Two letters that name a territory, as in ISO 3166-1 alpha-2.

#include <array>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// Two capital letters A to Z. Whether anything is known under them is for Borders::knows() to say: codes
/// arrive in licences and policies before any map is consulted.
class CountryCode {
 public:
  /// Takes     "DE" or "de". Fails with nullopt for anything that is not exactly two ASCII letters.
  [[nodiscard]] static constexpr std::optional<CountryCode> from_text(std::string_view text) {
    if (text.size() != 2) return std::nullopt;
    std::array<char, 2> letters{};
    for (std::size_t i = 0; i < 2; ++i) {
      const char c = text[i];
      if (c >= 'A' && c <= 'Z') {
        letters[i] = c;
      } else if (c >= 'a' && c <= 'z') {
        letters[i] = static_cast<char>(c - 'a' + 'A');
      } else {
        return std::nullopt;
      }
    }
    return CountryCode{letters};
  }

  [[nodiscard]] constexpr std::string_view view() const { return {letters_.data(), letters_.size()}; }
  [[nodiscard]] std::string text() const { return std::string{view()}; }

  friend constexpr auto operator<=>(const CountryCode&, const CountryCode&) = default;

 private:
  constexpr explicit CountryCode(std::array<char, 2> letters) : letters_{letters} {}
  std::array<char, 2> letters_;
};

}  // namespace chiploc

template <>
struct std::hash<chiploc::CountryCode> {
  std::size_t operator()(const chiploc::CountryCode& code) const noexcept {
    return std::hash<std::string_view>{}(code.view());
  }
};
