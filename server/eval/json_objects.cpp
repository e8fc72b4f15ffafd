#include "server/eval/json_objects.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kDepthMost = 64;
constexpr std::size_t kObjectMost = std::size_t{16} << 20;
constexpr std::string_view kTooLong = "an object begins here that has more than 16 MB";

class ObjectReader {
 public:
  ObjectReader(std::string_view text, FaultLog& faults, const std::function<bool(const JsonObject&)>& sink)
      : text_{text}, faults_{faults}, sink_{sink} {}

  void run(std::span<const std::string_view> keys) {
    pass_blanks();
    if (at_end()) {
      stop("is empty; it should hold objects of JSON");
    } else if (text_[at_] == '[') {
      if (array()) end();
    } else if (text_[at_] == '{') {
      const Place begin = place();
      const std::optional<std::string_view> first = object(text_.size());  // all of an API's answer, perhaps
      if (!first) return;
      pass_blanks();
      const auto inside = at_end() ? array_in(*first, keys) : std::nullopt;
      if (inside) {
        go({begin.at + static_cast<std::size_t>(inside->data() - first->data()), begin.line});
        line_ +=
            static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin.at),
                                                  text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
        static_cast<void>(array());
        return;
      }
      if (first->size() > kObjectMost) {
        faults_.add(begin.line, "", std::string{kTooLong});
        return;
      }
      if (sink_({*first, begin.line})) objects();
    } else {
      stop("is neither an array nor an object of JSON");
    }
  }

 private:
  struct Place {
    std::size_t at;
    std::uint32_t line;
  };
  [[nodiscard]] Place place() const { return {at_, line_}; }
  void go(Place place) {
    at_ = place.at;
    line_ = place.line;
  }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  bool stop(std::string problem) {
    faults_.add(line_, "", std::move(problem));
    return false;
  }
  void pass_blanks() {
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    }
  }
  void end() {
    pass_blanks();
    if (!at_end()) stop("something stands behind the array");
  }
  void objects() {
    for (pass_blanks(); !at_end(); pass_blanks()) {
      const std::uint32_t line = line_;
      if (text_[at_] != '{') {
        stop("is no object of JSON; each line should be one");
        return;
      }
      const auto found = object();
      if (!found || !sink_({*found, line})) return;
    }
  }
  /// From '[' to behind ']'; false after a fault, or if the sink has enough.
  bool array() {
    ++at_;
    pass_blanks();
    if (!at_end() && text_[at_] == ']') {
      ++at_;
      return true;
    }
    for (;;) {
      pass_blanks();
      if (at_end()) return stop("the array is not closed; is the file cut?");
      if (text_[at_] != '{') return stop("the array holds something that is no object");
      const std::uint32_t line = line_;
      const auto found = object();
      if (!found || !sink_({*found, line})) return false;
      pass_blanks();
      if (at_end()) return stop("the array is not closed; is the file cut?");
      const char c = text_[at_++];
      if (c == ']') return true;
      if (c != ',') return stop("a comma is missing between two objects");
    }
  }
  /// The object that begins here; leaves the place behind it.
  std::optional<std::string_view> object(std::size_t most = kObjectMost) {
    const Place begin = place();
    std::vector<char> open;
    bool quoted = false;
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (at_ - begin.at > most) {
        line_ = begin.line;
        stop(std::string{kTooLong});
        return std::nullopt;
      }
      if (quoted) {
        if (c == '\\') {
          ++at_;
        } else if (c == '"') {
          quoted = false;
        }
        continue;
      }
      if (c == '"') quoted = true;
      if (c == '{' || c == '[') open.push_back(c == '{' ? '}' : ']');
      if (open.size() > kDepthMost) {
        stop("more than 64 brackets in each other");
        return std::nullopt;
      }
      if (c != '}' && c != ']') continue;
      if (open.back() != c) {
        stop("a bracket is closed that was not opened");
        return std::nullopt;
      }
      open.pop_back();
      if (!open.empty()) continue;
      ++at_;
      return text_.substr(begin.at, at_ - begin.at);
    }
    line_ = begin.line;
    stop("an object begins here and is not closed; is the file cut?");
    return std::nullopt;
  }
  /// Where the array under one of the keys begins in an object; nullopt: it has none.
  static std::optional<std::string_view> array_in(std::string_view object,
                                                  std::span<const std::string_view> keys) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < object.size(); ++i) {
      const char c = object[i];
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (c != '"') continue;
      const std::size_t begin = ++i;
      while (i < object.size() && object[i] != '"') i += object[i] == '\\' ? 2U : 1U;
      if (i >= object.size()) return std::nullopt;
      if (depth != 1) continue;
      const std::string_view key = object.substr(begin, i - begin);
      std::size_t colon = object.find_first_not_of(" \t\r\n", i + 1);
      if (colon == std::string_view::npos || object[colon] != ':') continue;  // a value
      colon = object.find_first_not_of(" \t\r\n", colon + 1);
      if (colon != std::string_view::npos && object[colon] == '[' &&
          std::find(keys.begin(), keys.end(), key) != keys.end())
        return object.substr(colon);
    }
    return std::nullopt;
  }

  std::string_view text_;
  FaultLog& faults_;
  const std::function<bool(const JsonObject&)>& sink_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

void read_json_objects(std::string_view text, std::span<const std::string_view> keys, FaultLog& faults,
                       const std::function<bool(const JsonObject&)>& sink) {
  if (std::string problem = other_encoding(text); !problem.empty()) {
    faults.add(1, "", std::move(problem));
    return;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  ObjectReader{text, faults, sink}.run(keys);
}

}  // namespace chiploc
