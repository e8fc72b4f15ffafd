#pragma once
// Names that people type: found in any case of letters, and the nearest ones told where there is none.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chiploc {

/// Lower case, as far as ASCII goes.
[[nodiscard]] std::string folded(std::string_view name);

/// Collects of the names offered those that are most like a text: by the number of characters to change, add or
/// leave out, whatever the case of letters; a third of the longer one's at most.
class NearestNames {
 public:
  NearestNames(std::string_view text, std::size_t most) : text_{folded(text)}, most_{most} {}
  void offer(std::string_view name);
  /// The nearest first, then by name.
  [[nodiscard]] std::vector<std::string> names() const;
  /// "; the nearest are L-1 and L-2"; empty if nothing is near.
  [[nodiscard]] std::string sentence() const;

 private:
  std::string text_;
  std::size_t most_;
  std::vector<std::pair<std::size_t, std::string>> found_;  ///< by distance, then name; at most most_
};

/// The one of a table's names that a text means: exactly, else in another case of letters if only one is. Null:
/// none or several.
template <class Table>
auto named_in(const Table& table, std::string_view text) -> decltype(table.begin()->second.get()) {
  if (const auto at = table.find(text); at != table.end()) return at->second.get();
  const std::string wanted = folded(text);
  decltype(table.begin()->second.get()) found = nullptr;
  for (const auto& [name, record] : table) {
    if (name.size() != text.size() || folded(name) != wanted) continue;
    if (found != nullptr) return nullptr;
    found = record.get();
  }
  return found;
}

}  // namespace chiploc
