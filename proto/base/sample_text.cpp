#include "proto/base/sample_text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace chiploc {
namespace {

[[noreturn]] void not_in_sample(std::string_view what) {
  std::fprintf(stderr, "chiploc: internal error: the sample configuration has no %.*s\n",
               static_cast<int>(what.size()), what.data());
  std::abort();
}

/// Where a value ends that begins at `at`: behind its closing quote or bracket, or before blanks and comment.
std::size_t end_of_value(std::string_view line, std::size_t at) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = at; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[') ++depth;
    if (c == ']') --depth;
    if (depth == 0 && (c == ' ' || c == '#')) return i;
  }
  return line.size();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(c));
      out += escaped;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string csv_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string csv_quoted_name(std::string_view text) {
  const bool letters = std::any_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z' && c != 'e') || (c >= 'A' && c <= 'Z' && c != 'E');
  });
  const bool parted = text.find_first_of("-:/.,") != std::string_view::npos;
  const bool like_a_number = !text.empty() && is_digit(text.front()) && (!letters || parted);
  return csv_quoted((like_a_number ? "'" : "") + std::string{text});
}

void SampleText::set(std::string_view table, std::string_view key, std::string_view value) {
  const std::string plain = "[" + std::string{table} + "]";
  const std::string array = "[" + plain + "]";
  const std::string head = std::string{key} + " = ";
  bool inside = false;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    const std::string_view line = std::string_view{text_}.substr(at, end - at);
    if (!line.empty() && line.front() == '[') {
      if (inside) break;
      inside = line.substr(0, plain.size()) == plain || line.substr(0, array.size()) == array;
    } else if (inside && line.substr(0, head.size()) == head) {
      const std::size_t last = end_of_value(line, head.size());
      text_.replace(at + head.size(), last - head.size(), value);
      return;
    }
    at = end + 1;
  }
  not_in_sample(plain + " with " + std::string{key});
}

void SampleText::insert_before(std::string_view line, std::string_view lines) {
  const std::size_t at = ("\n" + text_).find("\n" + std::string{line});
  if (at == std::string::npos) not_in_sample(line);
  text_.insert(at, lines);
}

}  // namespace chiploc
