#include "server/scenario/setting.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "proto/base/toml.hpp"

namespace chiploc {
namespace {

/// Tables of a lab file that have entries, and the key by which one names them; the others go by number.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kIds{{{"chip", "serial"},
                                                                             {"order", "id"},
                                                                             {"licence", "id"},
                                                                             {"anchor", "name"},
                                                                             {"place", "name"},
                                                                             {"territory", "name"},
                                                                             {"maker", "name"},
                                                                             {"model", "name"},
                                                                             {"entity", "name"}}};
constexpr std::array<std::string_view, 4> kOurs{"scenario", "sweep", "expect", "absence"};

/// As TOML and JSON write it alike.
std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
      out += code.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string literal_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return quoted(text->get());
  if (const auto* number = node.as_floating_point()) return toml_number(number->get());
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return {};
}

/// The node that a key names; its place in the text is in it.
Result<const toml::node*, std::string> find(const toml::table& root, std::string_view key) {
  const auto first = key.find('.');
  const auto last = key.rfind('.');
  if (first == std::string_view::npos || first == 0 || last + 1 == key.size())
    return Fail{std::string{"is no key of the file; write table.key, or table.id.key"}};
  const std::string_view table_name = key.substr(0, first);
  const std::string_view name = key.substr(last + 1);
  const std::string id{first == last ? std::string_view{} : key.substr(first + 1, last - first - 1)};
  for (const std::string_view ours : kOurs) {
    if (table_name == ours)
      return Fail{"is of [" + std::string{ours} + "], which is about the scenario and is not swept"};
  }
  const toml::node* found = root.get(table_name);
  const toml::table* table = found == nullptr ? nullptr : found->as_table();
  if (const toml::array* entries = found == nullptr ? nullptr : found->as_array()) {
    std::string_view id_key;
    for (const auto& [of, by] : kIds) {
      if (of == table_name) id_key = by;
    }
    std::size_t number = 0;
    for (const toml::node& entry : *entries) {
      const toml::table* one = entry.as_table();
      ++number;
      if (one == nullptr) continue;
      const bool wanted = id_key.empty() ? id == std::to_string(number)
                                         : (*one)[id_key].value_or(std::string_view{}) == id && !id.empty();
      if (wanted) table = one;
    }
  }
  if (table == nullptr || (found->is_table() && !id.empty()))
    return Fail{std::string{"names no table of the file; write table.key, or table.id.key"}};
  const toml::node* node = table->get(name);
  if (node == nullptr)
    return Fail{
        std::string{"does not stand in the file; write it there, with the value that holds without a sweep"}};
  if (literal_of(*node).empty()) return Fail{std::string{"is no single value, and cannot be swept"}};
  return node;
}

/// Where a position of toml++ is in the text: its columns count characters.
std::size_t offset_of(std::string_view text, const toml::source_position& at) {
  std::size_t offset = 0;
  for (toml::source_index line = 1; line < at.line; ++line) offset = text.find('\n', offset) + 1;
  for (toml::source_index column = 1; column < at.column && offset < text.size(); ++column) {
    ++offset;
    while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U) ++offset;
  }
  return offset;
}

const toml::node* raw(const toml::table& root, std::string_view table, std::size_t index,
                      std::string_view key) {
  const toml::node* found = root.get(table);
  const toml::array* entries = found == nullptr ? nullptr : found->as_array();
  if (entries == nullptr || index >= entries->size()) return nullptr;
  const toml::table* entry = (*entries)[index].as_table();
  return entry == nullptr ? nullptr : entry->get(key);
}

Result<std::vector<std::string>, std::string> literals_of(const toml::array& array) {
  std::vector<std::string> out;
  for (const toml::node& entry : array) {
    out.push_back(literal_of(entry));
    if (out.back().empty()) return Fail{std::string{"holds something that is no single value"}};
  }
  if (out.empty()) return Fail{std::string{"is empty; give at least one value"}};
  return out;
}

}  // namespace

std::string toml_number(double value) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%.10g", value);
  return out.data();
}

std::optional<double> number_in(std::string_view value) {
  double out = 0.0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return out;
}

Result<std::string, std::string> value_in(std::string_view text, std::string_view key) {
  try {
    const toml::table root = toml::parse(text);
    const auto node = find(root, key);
    if (!node) return Fail{node.error()};
    return literal_of(**node);
  } catch (const toml::parse_error& error) {
    return Fail{std::string{error.description()}};
  }
}

Result<std::string, std::string> with_setting(std::string_view text, const Setting& setting) {
  try {
    const toml::table root = toml::parse(text);
    const auto node = find(root, setting.key);
    if (!node) return Fail{node.error()};
    const toml::source_region& where = (*node)->source();
    const std::size_t begin = offset_of(text, where.begin);
    const std::size_t end = offset_of(text, where.end);
    return std::string{text.substr(0, begin)}.append(setting.value).append(text.substr(end));
  } catch (const toml::parse_error& error) {
    return Fail{std::string{error.description()}};
  }
}

Result<std::vector<std::string>, std::string> values_of(std::string_view text, std::string_view table,
                                                        std::size_t index, std::string_view key) {
  const toml::table root = toml::parse(text);
  const toml::node* node = raw(root, table, index, key);
  if (node == nullptr) return std::vector<std::string>{};
  if (const toml::array* array = node->as_array()) return literals_of(*array);
  return Fail{std::string{"is no list; write [1, 2, 5]"}};
}

Result<std::vector<SettingIs>, std::string> conditions_of(std::string_view text, std::string_view table,
                                                          std::size_t index, std::string_view key) {
  const toml::table root = toml::parse(text);
  const toml::node* node = raw(root, table, index, key);
  std::vector<SettingIs> out;
  if (node == nullptr) return out;
  const toml::table* conditions = node->as_table();
  if (conditions == nullptr) return Fail{std::string{"is no table; write { \"network.loss\" = 0.1 }"}};
  for (const auto& [name, value] : *conditions) {
    SettingIs one{.key = std::string{name.str()}, .values = {}};
    if (const toml::array* range = value.as_array()) {
      auto ends = literals_of(*range);
      if (!ends) return Fail{one.key + ": " + ends.error()};
      one.values = *std::move(ends);
      if (one.values.size() != 2 || !number_in(one.values[0]) || !number_in(one.values[1]))
        return Fail{one.key + ": a range is two numbers, from and to"};
    } else {
      one.values.push_back(literal_of(value));
      if (one.values.back().empty()) return Fail{one.key + ": is no single value and no range"};
    }
    out.push_back(std::move(one));
  }
  return out;
}

bool fulfils(std::string_view value, const SettingIs& condition) {
  const auto number = number_in(value);
  const auto low = number_in(condition.values.front());
  const auto high = number_in(condition.values.back());
  if (!number || !low || !high) return value == condition.values.front();
  constexpr double kSlack = 1e-9;
  return *number >= *low - kSlack * std::abs(*low) && *number <= *high + kSlack * std::abs(*high);
}

}  // namespace chiploc
