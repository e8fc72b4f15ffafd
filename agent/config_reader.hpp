#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

/// One thing wrong with a configuration file.
struct AgentConfigFault {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::string key;         ///< "table.key", "table[2].key"
  std::string problem;
  std::string remedy;
  /// FILE:LINE: key: problem; what to do
  [[nodiscard]] std::string text() const;
};

/// Reads the values of a TOML file one by one and notes every fault on the way, so that a person mends the
/// file in one go. A value that is missing or wrong comes back empty; whoever reads checks faults() once, at
/// the end. Every key that was never asked for is a fault too. toml++ stays inside the .cpp.
class AgentConfigReader {
 public:
  /// `file` is for messages.
  AgentConfigReader(std::string_view toml, std::string file);
  ~AgentConfigReader();
  AgentConfigReader(const AgentConfigReader&) = delete;
  AgentConfigReader& operator=(const AgentConfigReader&) = delete;

  /// Where a value stands: the table's name and, in an array of tables, which of them (from 0).
  struct Table {
    std::string_view name;
    int index = -1;
  };
  enum class Need : std::uint8_t { kRequired, kOptional };

  [[nodiscard]] std::string text(Table table, std::string_view key, Need need = Need::kRequired);
  [[nodiscard]] std::vector<std::string> texts(Table table, std::string_view key,
                                               Need need = Need::kRequired);
  /// `otherwise` if the key is not there. The bounds are inclusive.
  [[nodiscard]] std::int64_t number(Table table, std::string_view key, std::int64_t otherwise,
                                    std::int64_t min, std::int64_t max);
  /// How many tables an array of tables has; 0 if there is none.
  [[nodiscard]] int count(std::string_view name);
  /// The line of a value, of its table if the value is missing, or 0.
  [[nodiscard]] std::uint32_t line_of(Table table, std::string_view key) const;

  void fault(Table table, std::string_view key, std::string problem, std::string remedy);
  /// The file is no TOML at all: one fault, and nothing else makes sense.
  [[nodiscard]] bool unreadable() const;
  /// Notes what nobody asked for; call it last.
  void finish();
  /// In the order of their lines.
  [[nodiscard]] std::vector<AgentConfigFault> faults() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
