#include "agent/config_reader.hpp"

#include <algorithm>
#include <set>

#include "proto/base/foreign_config.hpp"
#include "proto/base/toml.hpp"

namespace chiploc {

std::string AgentConfigFault::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line);
  out += ": ";
  if (!key.empty()) out += key + ": ";
  return out + problem + "; " + remedy;
}

struct AgentConfigReader::State {
  std::string file;
  toml::table root;
  bool unreadable = false;
  std::vector<AgentConfigFault> faults;
  std::set<std::string> asked;  // "table", "table.key", "table[0].key"

  [[nodiscard]] const toml::table* find(Table table) const {
    const toml::node* node = root.get(table.name);
    if (node == nullptr) return nullptr;
    if (table.index < 0) return node->as_table();
    const toml::array* const array = node->as_array();
    if (array == nullptr || static_cast<std::size_t>(table.index) >= array->size()) return nullptr;
    return array->get(static_cast<std::size_t>(table.index))->as_table();
  }
  [[nodiscard]] const toml::node* find(Table table, std::string_view key) const {
    const toml::table* const found = find(table);
    return found == nullptr ? nullptr : found->get(key);
  }
  [[nodiscard]] static std::string name_of(Table table) {
    std::string name{table.name};
    if (table.index >= 0) name += "[" + std::to_string(table.index) + "]";
    return name;
  }
  [[nodiscard]] static std::string path_of(Table table, std::string_view key) {
    return name_of(table) + "." + std::string{key};
  }
  void unknown(std::uint32_t line, std::string key, const char* problem) {
    faults.push_back({file, line, std::move(key), problem, "remove it or correct its spelling"});
  }
};

AgentConfigReader::AgentConfigReader(std::string_view toml, std::string file)
    : state_{std::make_unique<State>()} {
  state_->file = std::move(file);
  try {
    state_->root = toml::parse(toml, state_->file);
  } catch (const toml::parse_error& error) {
    state_->unreadable = true;
    state_->faults.push_back({state_->file, error.source().begin.line, "", std::string{error.description()},
                              "write it as TOML 1.0"});
  }
}

AgentConfigReader::~AgentConfigReader() = default;

std::string AgentConfigReader::text(Table table, std::string_view key, Need need) {
  state_->asked.insert(State::path_of(table, key));
  const toml::node* const node = state_->find(table, key);
  if (node == nullptr) {
    if (need == Need::kRequired) fault(table, key, "is missing", "add it as a string in quotes");
    return {};
  }
  if (const auto* const value = node->as_string()) {
    if (value->get().empty() && need == Need::kRequired) fault(table, key, "is empty", "give it a value");
    return value->get();
  }
  fault(table, key, "is not a string", "write the value in quotes");
  return {};
}

std::vector<std::string> AgentConfigReader::texts(Table table, std::string_view key, Need need) {
  state_->asked.insert(State::path_of(table, key));
  const toml::node* const node = state_->find(table, key);
  if (node == nullptr) {
    if (need == Need::kRequired) fault(table, key, "is missing", "add it as a list of strings");
    return {};
  }
  std::vector<std::string> out;
  const toml::array* const array = node->as_array();
  bool good = array != nullptr;
  if (good) {
    for (const toml::node& entry : *array) {
      if (const auto* const value = entry.as_string()) {
        out.push_back(value->get());
      } else {
        good = false;
      }
    }
  }
  if (!good) {
    fault(table, key, "is not a list of strings", "write it as [\"...\", \"...\"]");
    return {};
  }
  return out;
}

std::int64_t AgentConfigReader::number(Table table, std::string_view key, std::int64_t otherwise,
                                       std::int64_t min, std::int64_t max) {
  state_->asked.insert(State::path_of(table, key));
  const toml::node* const node = state_->find(table, key);
  if (node == nullptr) return otherwise;
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  const auto* const value = node->as_integer();
  if (value == nullptr) {
    fault(table, key, "is not a whole number", "write a number from " + range + " without quotes");
    return otherwise;
  }
  if (value->get() < min || value->get() > max) {
    fault(table, key, std::to_string(value->get()) + " is out of range", "use a number from " + range);
    return otherwise;
  }
  return value->get();
}

int AgentConfigReader::count(std::string_view name) {
  const toml::node* const node = state_->root.get(name);
  if (node == nullptr) return 0;
  const toml::array* const array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) return 0;  // finish() says so
  return static_cast<int>(array->size());
}

std::uint32_t AgentConfigReader::line_of(Table table, std::string_view key) const {
  if (const toml::node* const node = state_->find(table, key)) return node->source().begin.line;
  if (const toml::table* const found = state_->find(table)) return found->source().begin.line;
  return 0;
}

void AgentConfigReader::fault(Table table, std::string_view key, std::string problem, std::string remedy) {
  state_->faults.push_back(
      {state_->file, line_of(table, key), State::path_of(table, key), std::move(problem), std::move(remedy)});
}

bool AgentConfigReader::unreadable() const { return state_->unreadable; }

void AgentConfigReader::finish() {
  const auto check_keys = [&](Table at, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string path = State::path_of(at, key.str());
      if (state_->asked.count(path) == 0) state_->unknown(key.source().begin.line, path, "unknown key");
    }
  };
  const auto known = [&](const std::string& prefix) {
    const auto at = state_->asked.lower_bound(prefix);
    return at != state_->asked.end() && at->compare(0, prefix.size(), prefix) == 0;
  };
  std::vector<std::string> names;
  for (const auto& [key, node] : state_->root) {
    const std::string name{key.str()};
    const std::uint32_t line = key.source().begin.line;
    // An array of tables is also known by name when it was only counted: see the callers, which read each
    // entry.
    if (const auto* const table = node.as_table(); table != nullptr && known(name + ".")) {
      check_keys({key.str()}, *table);
    } else if (const auto* const array = node.as_array(); array != nullptr && known(name + "[")) {
      for (std::size_t i = 0; i < array->size(); ++i) {
        check_keys({key.str(), static_cast<int>(i)}, *array->get(i)->as_table());
      }
    } else if (known(name + ".")) {
      state_->faults.push_back({state_->file, line, name, "is not a table", "write it as [" + name + "]"});
    } else if (name == "coordinator" || name == "rendezvous") {
      state_->faults.push_back(
          {state_->file, line, name, "is not a list of tables", "write each one as [[" + name + "]]"});
    } else {
      state_->unknown(line, name, "unknown table or key");
      names.push_back(name);
    }
  }
  if (std::string whose = foreign_config(names); !whose.empty())
    state_->faults.insert(state_->faults.begin(),
                          {state_->file, 0, "", std::move(whose), "name an agent.toml"});
}

std::vector<AgentConfigFault> AgentConfigReader::faults() const {
  auto out = state_->faults;
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  return out;
}

}  // namespace chiploc
