#pragma once
// Whether a text is well-formed XML, as far as our pictures use it: one root, tags that close, quoted attributes that
// are named once, the five entities, no character that XML forbids.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc::test {

/// Empty if it is well-formed, else what is wrong and where.
inline std::string markup_fault(std::string_view text) {
  std::vector<std::string> open;
  bool rooted = false;
  std::size_t at = 0;
  const auto fault = [&](const std::string& what) { return what + " at byte " + std::to_string(at); };
  const auto is_entity = [](std::string_view rest) {
    for (const std::string_view entity : {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"}) {
      if (rest.substr(0, entity.size()) == entity) return true;
    }
    return false;
  };
  while (at < text.size()) {
    const char c = text[at];
    if (c != '<') {
      if (static_cast<unsigned char>(c) < 0x20U && c != '\n') return fault("a control character");
      if (c == '&' && !is_entity(text.substr(at))) return fault("a bare ampersand");
      if (open.empty() && c != '\n') return fault("text outside the root");
      ++at;
      continue;
    }
    const bool closing = text.substr(at, 2) == "</";
    std::size_t i = at + (closing ? 2 : 1);
    const std::size_t name_at = i;
    while (i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0)) ++i;
    const std::string name{text.substr(name_at, i - name_at)};
    if (name.empty()) return fault("a tag without a name");
    std::set<std::string> attributes;
    while (i < text.size() && text[i] == ' ') {
      const std::size_t equals = text.find("=\"", ++i);
      const std::size_t end = equals == std::string_view::npos ? equals : text.find('"', equals + 2);
      if (end == std::string_view::npos) return fault("an attribute that does not end");
      const std::string attribute{text.substr(i, equals - i)};
      for (const char letter : attribute) {
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '-')
          return fault("attribute " + attribute);
      }
      if (!attributes.insert(attribute).second) return fault("attribute twice: " + attribute);
      for (std::size_t k = equals + 2; k < end; ++k) {
        if (text[k] == '<' || (text[k] == '&' && !is_entity(text.substr(k))))
          return fault("value of " + attribute);
      }
      i = end + 1;
    }
    const bool alone = text.substr(i, 2) == "/>";
    if (!alone && (i >= text.size() || text[i] != '>')) return fault("tag " + name + " does not end");
    if (closing) {
      if (open.empty() || open.back() != name) return fault("closes " + name);
      open.pop_back();
    } else {
      if (open.empty() && rooted) return fault("a second root");
      rooted = true;
      if (!alone) open.push_back(name);
    }
    at = i + (alone ? 2 : 1);
  }
  return open.empty() && rooted ? "" : fault("still open");
}

inline std::size_t times_in(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace chiploc::test
