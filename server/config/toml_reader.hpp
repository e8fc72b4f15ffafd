#pragma once
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

/// Reads one TOML configuration file and collects every fault in it, so that a person repairs a file once.
///
///     TomlReader file = TomlReader::load(path);
///     TomlSection anchor = file.section("anchor");
///     config.name = anchor.text("name");
///     config.rounds = anchor.integer("rounds", {.min = 1, .max = 100'000, .otherwise = 4096});
///     const std::vector<std::string> faults = file.finish();   // empty: the file is right
///
/// A fault reads `FILE:LINE: section.key: problem; what to do`. A getter that finds a fault notes it and
/// returns its default (or an empty value), so callers go on reading. Keys and sections that nobody asked
/// for are faults too: finish() finds them. Not thread-safe; used once, by a main, before anything runs.
class TomlReader;

/// Bounds and default of a number. Without `otherwise` the key must be there.
struct IntegerRule {
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
  std::optional<std::int64_t> otherwise;
};

/// One [table], or one entry of an [[array of tables]]. Cheap to copy; valid as long as its reader.
class TomlSection {
 public:
  /// Whether the file has this section at all. Getters of an absent section report missing required keys.
  [[nodiscard]] bool present() const;
  /// Whether the key stands there, whatever its value.
  [[nodiscard]] bool has(std::string_view key);
  /// The keys that stand there, sorted: for a section in which people choose them. Each is still to be asked for.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// A string that must be there and not be empty.
  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise);
  /// One of `choices`; the first is the default.
  [[nodiscard]] std::string choice(std::string_view key, std::initializer_list<std::string_view> choices);
  [[nodiscard]] std::int64_t integer(std::string_view key, const IntegerRule& rule);
  [[nodiscard]] double number(std::string_view key, double min, double max, std::optional<double> otherwise);
  /// A length of time in hours, to a year. Fractions count to the second: 0.01 is 36 s, and 0.001 is the least.
  [[nodiscard]] Nanoseconds hours(std::string_view key, Nanoseconds otherwise);
  [[nodiscard]] bool boolean(std::string_view key, bool otherwise);
  /// An array of strings; a required one has at least one entry.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, bool required);
  /// An array of numbers, empty if absent.
  [[nodiscard]] std::vector<double> numbers(std::string_view key, double min, double max);
  /// A path; a relative one is taken from the configuration file's folder. Whether it exists is not asked.
  [[nodiscard]] std::filesystem::path path(std::string_view key);
  [[nodiscard]] std::filesystem::path path(std::string_view key, std::string_view otherwise);

  /// The [table] of this name below this one ("[oidc.groups]"); absent: it is not there.
  [[nodiscard]] TomlSection table(std::string_view key);

  /// "coordinator.address in anchor.toml:5", for what is found out about a value later.
  [[nodiscard]] std::string where(std::string_view key) const;
  /// Notes a fault of the caller's own judging: "port 0 is no address; name a port from 1 to 65535".
  void fault(std::string_view key, std::string_view problem_and_remedy);

 private:
  friend class TomlReader;
  struct Node;
  explicit TomlSection(Node* node) : node_{node} {}
  Node* node_;
};

class TomlReader {
 public:
  /// Reads a file. One that cannot be read or is no TOML leaves one fault and empty sections. `makes_one` is the
  /// command that makes such a file, for who has none.
  [[nodiscard]] static TomlReader load(const std::filesystem::path& file, std::string_view makes_one = "");
  /// The same from text; `name` stands for the file in messages, its folder for relative paths.
  [[nodiscard]] static TomlReader parse(std::string_view text, const std::filesystem::path& name);
  ~TomlReader();
  TomlReader(TomlReader&&) noexcept;
  TomlReader& operator=(TomlReader&&) noexcept;

  [[nodiscard]] TomlSection section(std::string_view name);
  /// The keys that stand in no [table]. Ask once.
  [[nodiscard]] TomlSection top();
  /// The file's folder, absolute: what relative paths start from (also KeyOptions::base_folder).
  [[nodiscard]] const std::filesystem::path& folder() const;
  /// [[name]] as often as it stands there; empty if absent.
  [[nodiscard]] std::vector<TomlSection> sections(std::string_view name);
  /// The text of these sections, all other lines empty: another reader finds its faults at the same lines. Their keys
  /// are that reader's to know.
  [[nodiscard]] std::string lines_of(std::initializer_list<std::string_view> names);
  /// All faults in the order of their lines, unknown keys included. If the file is not TOML at all, only
  /// that fault: every "missing key" after it would be noise.
  [[nodiscard]] std::vector<std::string> finish();
  /// All keys that getters have asked for so far, "section.key": what a reader takes, for tests of its
  /// documentation.
  [[nodiscard]] std::set<std::string> asked() const;

 private:
  friend struct TomlSection::Node;
  friend class TomlSection;
  struct State;
  explicit TomlReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
