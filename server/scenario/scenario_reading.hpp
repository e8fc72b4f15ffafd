#pragma once
// One scenario file being read; private to this folder.

#include <set>
#include <string>
#include <vector>

#include "server/config/toml_reader.hpp"
#include "server/scenario/scenario_file.hpp"

namespace chiploc {

/// Reads the scenario's own sections. `text` has them at the lines where they stand in the file.
class ScenarioReading {
 public:
  ScenarioReading(std::string text, const std::filesystem::path& name);

  void read_head();
  /// What is the lab's, with all its lines where they are: what is varied must stand there.
  void read_sweeps(std::string_view lab_text);
  void read_detect();
  void read_absences();
  void read_expectations();
  /// Names that the lab must have, once it is read.
  void check_names(const LabFile& lab);
  [[nodiscard]] std::vector<std::string> faults() { return reader_.finish(); }
  [[nodiscard]] std::set<std::string> asked() const { return reader_.asked(); }
  [[nodiscard]] const std::optional<Nanoseconds>& horizon() const { return horizon_; }
  void fault_of_horizon(const std::string& problem) { head_.fault("horizon", problem); }
  [[nodiscard]] ScenarioFile take() { return std::move(file_); }

 private:
  LabSeeds read_seeds(TomlSection& section, std::string_view key, std::string_view otherwise);
  std::optional<Nanoseconds> time(TomlSection& section, std::string_view key, bool required);
  void read_axis(TomlSection& section, std::size_t index, std::string_view lab_text);
  void read_range(TomlSection& section, SweepAxis& axis);
  void read_expectation(TomlSection& section, std::size_t index);
  void read_what(TomlSection& section, Expectation& out);
  void read_detector(TomlSection& section, Expectation& out);
  void read_share(TomlSection& section, std::string_view key, Expectation& out);

  std::string text_;
  TomlReader reader_;
  TomlSection head_;
  ScenarioFile file_;
  std::optional<Nanoseconds> horizon_;
  std::vector<TomlSection> expect_sections_, absence_sections_;  ///< beside file_'s
};

}  // namespace chiploc
