#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace chiploc {

/// The texts of a range with `separator` between them: "DE, FR, NL". An element is a text, or has one
/// (text()), or `text_of` says what its text is.
template <class Range, class TextOf>
[[nodiscard]] std::string joined(const Range& range, std::string_view separator, const TextOf& text_of) {
  std::string out;
  bool first = true;
  for (const auto& element : range) {
    if (!first) out.append(separator);
    out.append(text_of(element));
    first = false;
  }
  return out;
}
template <class Range>
[[nodiscard]] std::string joined(const Range& range, std::string_view separator) {
  return joined(range, separator, [](const auto& element) -> std::string {
    if constexpr (std::is_convertible_v<decltype(element), std::string_view>) {
      return std::string{std::string_view{element}};
    } else {
      return std::string{element.text()};
    }
  });
}

/// The same of the first `most`, and how many there are beside them: "DE FR NL and 2 more".
template <class Range>
[[nodiscard]] std::string first_joined(const Range& range, std::string_view separator, std::size_t most) {
  if (range.size() <= most) return joined(range, separator);
  return joined(std::span{range}.first(most), separator) + " and " + std::to_string(range.size() - most) +
         " more";
}

}  // namespace chiploc
