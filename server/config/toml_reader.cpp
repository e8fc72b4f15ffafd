#include "server/config/toml_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "proto/base/foreign_config.hpp"
#include "proto/base/toml.hpp"

namespace chiploc {

struct TomlReader::State {
  struct Fault {
    std::uint32_t line;
    std::string text;
  };

  std::string name;
  std::string content;
  std::filesystem::path folder;
  bool parsed = false;
  toml::table root;
  std::vector<Fault> faults;
  std::vector<std::unique_ptr<TomlSection::Node>> nodes;
  std::set<std::string, std::less<>> sections_asked;

  /// Of the file as a whole: there is no line to look at.
  void fault(std::string_view problem) { faults.push_back({0, name + ": " + std::string{problem}}); }
  void fault(std::uint32_t line, std::string_view key, std::string_view problem) {
    if (line == 0) line = 1;
    std::string text = name + ":" + std::to_string(line) + ": ";
    if (!key.empty()) text.append(key).append(": ");
    faults.push_back({line, text.append(problem)});
  }
};

struct TomlSection::Node {
  TomlReader::State* state = nullptr;
  std::string name;
  const toml::table* table = nullptr;  // null: absent
  std::set<std::string, std::less<>> asked;

  [[nodiscard]] std::uint32_t line_of(std::string_view key) const {
    if (table == nullptr) return 1;
    const toml::node* node = table->get(key);
    return node == nullptr ? table->source().begin.line : node->source().begin.line;
  }
  const toml::node* find(std::string_view key) {
    asked.emplace(key);
    return table == nullptr ? nullptr : table->get(key);
  }
  void fault(std::string_view key, std::string_view problem) {
    state->fault(line_of(key), dotted(key), problem);
  }
  [[nodiscard]] std::string dotted(std::string_view key) const {
    return name.empty() ? std::string{key} : name + "." + std::string{key};
  }
  /// Where a missing key belongs.
  [[nodiscard]] std::string place() const { return name.empty() ? "the file" : "[" + name + "]"; }
};

namespace {
std::string kind_of(const toml::node& node) {
  std::ostringstream out;
  out << node.type();
  return out.str();
}
}  // namespace

bool TomlSection::present() const { return node_->table != nullptr; }

bool TomlSection::has(std::string_view key) { return node_->find(key) != nullptr; }

std::vector<std::string> TomlSection::keys() const {
  std::vector<std::string> out;
  if (node_->table == nullptr) return out;
  for (const auto& [key, value] : *node_->table) out.emplace_back(key.str());
  std::sort(out.begin(), out.end());
  return out;
}

std::string TomlSection::where(std::string_view key) const {
  return node_->dotted(key) + " in " + node_->state->name + ":" + std::to_string(node_->line_of(key));
}

void TomlSection::fault(std::string_view key, std::string_view problem_and_remedy) {
  node_->fault(key, problem_and_remedy);
}

std::string TomlSection::text(std::string_view key) {
  const toml::node* node = node_->find(key);
  if (node == nullptr) {
    node_->fault(key, "missing; add " + std::string{key} + " = \"...\" to " + node_->place());
    return {};
  }
  const auto value = node->value_exact<std::string>();
  if (!value) {
    node_->fault(key, "is a TOML " + kind_of(*node) + ", not a string; put the value in double quotes");
    return {};
  }
  if (value->empty()) node_->fault(key, "is empty; give a value");
  return *value;
}

std::string TomlSection::text(std::string_view key, std::string_view otherwise) {
  const toml::node* node = node_->find(key);
  if (node == nullptr) return std::string{otherwise};
  const auto value = node->value_exact<std::string>();
  if (value) return *value;
  node_->fault(key, "is a TOML " + kind_of(*node) + ", not a string; put the value in double quotes");
  return std::string{otherwise};
}

std::string TomlSection::choice(std::string_view key, std::initializer_list<std::string_view> choices) {
  const std::string value = text(key, *choices.begin());
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string remedy = "\"" + value + "\" is none of the choices; use one of";
  for (const std::string_view choice : choices) remedy.append(" \"").append(choice).append("\"");
  node_->fault(key, remedy);
  return std::string{*choices.begin()};
}

std::int64_t TomlSection::integer(std::string_view key, const IntegerRule& rule) {
  const std::int64_t fallback = rule.otherwise.value_or(rule.min);
  const toml::node* node = node_->find(key);
  if (node == nullptr) {
    if (!rule.otherwise) {
      node_->fault(key, "missing; add " + std::string{key} + " = <number> to " + node_->place());
    }
    return fallback;
  }
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    node_->fault(key,
                 "is a TOML " + kind_of(*node) + ", not a whole number; write it without quotes or a point");
    return fallback;
  }
  if (*value < rule.min || *value > rule.max) {
    std::string limits = "at least " + std::to_string(rule.min);
    if (rule.max != INT64_MAX)
      limits = "from " + std::to_string(rule.min) + " to " + std::to_string(rule.max);
    node_->fault(key, std::to_string(*value) + " is out of range; use a number " + limits);
    return fallback;
  }
  return *value;
}

double TomlSection::number(std::string_view key, double min, double max, std::optional<double> otherwise) {
  const toml::node* node = node_->find(key);
  if (node == nullptr) {
    if (!otherwise) {
      node_->fault(key, "missing; add " + std::string{key} + " = <number> to " + node_->place());
    }
    return otherwise.value_or(min);
  }
  // Whole numbers are numbers too; text is not.
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value) {
    node_->fault(key, "is a TOML " + kind_of(*node) + ", not a number; write it without quotes");
    return otherwise.value_or(min);
  }
  if (!(*value >= min && *value <= max)) {  // also refuses nan
    std::ostringstream problem;
    problem << *value << " is out of range; use a number from " << min << " to " << max;
    node_->fault(key, problem.str());
    return otherwise.value_or(min);
  }
  return *value;
}

Nanoseconds TomlSection::hours(std::string_view key, Nanoseconds otherwise) {
  constexpr double kLeast = 0.001;
  constexpr double kYear = 8'760.0;
  if (!has(key)) return otherwise;
  return std::chrono::seconds{std::llround(number(key, kLeast, kYear, kLeast) * 3'600.0)};
}

bool TomlSection::boolean(std::string_view key, bool otherwise) {
  const toml::node* node = node_->find(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value_exact<bool>();
  if (!value) node_->fault(key, "is a TOML " + kind_of(*node) + ", not a boolean; write true or false");
  return value.value_or(otherwise);
}

std::vector<std::string> TomlSection::texts(std::string_view key, bool required) {
  const toml::node* node = node_->find(key);
  std::vector<std::string> out;
  if (node == nullptr) {
    if (required) {
      node_->fault(key, "missing; add " + std::string{key} + " = [\"...\"] to " + node_->place());
    }
    return out;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    node_->fault(key, "is a TOML " + kind_of(*node) + ", not an array; write [\"...\"]");
    return out;
  }
  for (const toml::node& entry : *array) {
    const auto value = entry.value_exact<std::string>();
    if (!value) {
      node_->state->fault(entry.source().begin.line, node_->dotted(key),
                          "holds a TOML " + kind_of(entry) + "; put every entry in double quotes");
      continue;
    }
    out.push_back(*value);
  }
  if (required && array->empty()) node_->fault(key, "is empty; name at least one");
  return out;
}

std::vector<double> TomlSection::numbers(std::string_view key, double min, double max) {
  const toml::node* node = node_->find(key);
  std::vector<double> out;
  if (node == nullptr) return out;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    node_->fault(key, "is a TOML " + kind_of(*node) + ", not an array; write [1.5, 2]");
    return out;
  }
  for (const toml::node& entry : *array) {
    const auto value = entry.is_number() ? entry.value<double>() : std::nullopt;
    std::ostringstream problem;
    if (!value)
      problem << "holds a TOML " << kind_of(entry) << "; write numbers alone, without quotes";
    else if (!(*value >= min && *value <= max))  // also refuses nan
      problem << "holds " << *value << "; use numbers from " << min << " to " << max;
    else
      out.push_back(*value);
    if (!problem.str().empty())
      node_->state->fault(entry.source().begin.line, node_->dotted(key), problem.str());
  }
  return out;
}

std::filesystem::path TomlSection::path(std::string_view key) {
  const std::string value = text(key);
  return value.empty() ? std::filesystem::path{} : node_->state->folder / value;
}

std::filesystem::path TomlSection::path(std::string_view key, std::string_view otherwise) {
  return node_->state->folder / text(key, otherwise);
}

TomlSection TomlSection::table(std::string_view key) {
  auto node = std::make_unique<Node>();
  node->state = node_->state;
  node->name = node_->dotted(key);
  if (const toml::node* found = node_->find(key)) {
    node->table = found->as_table();
    if (node->table == nullptr) node_->fault(key, "is no table; write [" + node->name + "]");
  }
  node_->state->nodes.push_back(std::move(node));
  return TomlSection{node_->state->nodes.back().get()};
}

TomlReader::TomlReader(std::unique_ptr<State> state) : state_{std::move(state)} {}
TomlReader::~TomlReader() = default;
TomlReader::TomlReader(TomlReader&&) noexcept = default;
TomlReader& TomlReader::operator=(TomlReader&&) noexcept = default;

TomlReader TomlReader::load(const std::filesystem::path& file, std::string_view makes_one) {
  std::ifstream in{file, std::ios::binary};
  const int error = errno;
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(file, ignored);
  if (in && !folder) {
    std::ostringstream text;
    text << in.rdbuf();
    return parse(text.str(), file);
  }
  auto state = std::make_unique<State>();
  state->name = file.string();
  if (folder) {
    state->fault("is a folder; name the file in it");
  } else if (error == ENOENT || error == ENOTDIR) {
    state->fault("no such file; correct the path" +
                 (makes_one.empty() ? "" : ", or make one: " + std::string{makes_one}));
  } else {
    state->fault(std::string{"cannot be read ("} + std::strerror(error) +
                 "); check its owner and permissions");
  }
  return TomlReader{std::move(state)};
}

TomlReader TomlReader::parse(std::string_view text, const std::filesystem::path& name) {
  auto state = std::make_unique<State>();
  state->name = name.string();
  state->content = text;
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(name, failed);
  state->folder = (failed ? name : absolute).parent_path();
  try {
    state->root = toml::parse(text, name.string());
    state->parsed = true;
  } catch (const toml::parse_error& error) {
    state->fault(error.source().begin.line, "",
                 "column " + std::to_string(error.source().begin.column) +
                     ": not TOML: " + std::string{error.description()} + "; correct the syntax");
  }
  return TomlReader{std::move(state)};
}

const std::filesystem::path& TomlReader::folder() const { return state_->folder; }

TomlSection TomlReader::top() {
  auto node = std::make_unique<TomlSection::Node>();
  node->state = state_.get();
  node->table = &state_->root;
  state_->nodes.push_back(std::move(node));
  return TomlSection{state_->nodes.back().get()};
}

TomlSection TomlReader::section(std::string_view name) {
  state_->sections_asked.emplace(name);
  auto node = std::make_unique<TomlSection::Node>();
  node->state = state_.get();
  node->name = name;
  if (const toml::node* found = state_->root.get(name)) {
    node->table = found->as_table();
    if (node->table == nullptr) {
      state_->fault(found->source().begin.line, name, "is no table; write [" + std::string{name} + "]");
    }
  }
  state_->nodes.push_back(std::move(node));
  return TomlSection{state_->nodes.back().get()};
}

std::vector<TomlSection> TomlReader::sections(std::string_view name) {
  state_->sections_asked.emplace(name);
  std::vector<TomlSection> out;
  const toml::node* found = state_->root.get(name);
  if (found == nullptr) return out;
  const toml::array* array = found->as_array();
  if (array == nullptr) {
    state_->fault(found->source().begin.line, name,
                  "is no array of tables; write [[" + std::string{name} + "]] for each");
    return out;
  }
  for (const toml::node& entry : *array) {
    const toml::table* table = entry.as_table();
    if (table == nullptr) {
      state_->fault(entry.source().begin.line, name,
                    "holds something that is no table; write [[" + std::string{name} + "]] for each");
      continue;
    }
    auto node = std::make_unique<TomlSection::Node>();
    node->state = state_.get();
    node->name = name;
    node->table = table;
    state_->nodes.push_back(std::move(node));
    out.push_back(TomlSection{state_->nodes.back().get()});
  }
  return out;
}

std::string TomlReader::lines_of(std::initializer_list<std::string_view> names) {
  // A section goes from its header to the next one. Lines that look like a header within a text are none.
  std::map<std::uint32_t, bool> wanted;
  for (const auto& [key, value] : state_->root) {
    const bool asked = std::find(names.begin(), names.end(), key.str()) != names.end();
    if (asked) state_->sections_asked.emplace(key.str());
    const toml::array* array = value.as_array();
    if (array == nullptr || !value.is_array_of_tables()) {
      wanted[value.source().begin.line] = asked;
      continue;
    }
    for (const toml::node& entry : *array) wanted[entry.source().begin.line] = asked;
  }
  std::istringstream text{state_->content};
  std::string out;
  bool keep = false;
  std::uint32_t number = 0;
  for (std::string line; std::getline(text, line); out += '\n') {
    if (const auto header = wanted.find(++number); header != wanted.end()) keep = header->second;
    if (keep) out += line;
  }
  return out;
}

std::set<std::string> TomlReader::asked() const {
  std::set<std::string> out;
  for (const auto& node : state_->nodes) {
    for (const std::string& key : node->asked) out.insert(node->dotted(key));
  }
  return out;
}

std::vector<std::string> TomlReader::finish() {
  std::vector<State::Fault> faults = state_->faults;
  if (!state_->parsed) {
    faults.resize(std::min<std::size_t>(faults.size(), 1));
  } else {
    State unknown;  // collects, with the same wording, without touching the reader: finish() may be repeated
    unknown.name = state_->name;
    std::vector<std::string> names;
    for (const auto& [key, value] : state_->root) {
      if (state_->sections_asked.count(key.str()) != 0) continue;
      const bool asked_on_top =
          std::any_of(state_->nodes.begin(), state_->nodes.end(), [this, name = key.str()](const auto& node) {
            return node->table == &state_->root && node->asked.count(name) != 0;
          });
      if (asked_on_top) continue;
      names.emplace_back(key.str());
      unknown.fault(key.source().begin.line, key.str(), "unknown; remove it or correct its spelling");
    }
    if (const std::string whose = foreign_config(names); !whose.empty()) unknown.fault(whose);
    for (const auto& node : state_->nodes) {
      if (node->table == nullptr || node->table == &state_->root) continue;
      for (const auto& [key, value] : *node->table) {
        if (node->asked.count(key.str()) != 0) continue;
        unknown.fault(key.source().begin.line, node->dotted(key.str()),
                      "unknown key; remove it or correct its spelling");
      }
    }
    faults.insert(faults.end(), unknown.faults.begin(), unknown.faults.end());
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  std::vector<std::string> out;
  for (auto& fault : faults) {
    if (out.empty() || out.back() != fault.text) out.push_back(std::move(fault.text));
  }
  return out;
}

}  // namespace chiploc
