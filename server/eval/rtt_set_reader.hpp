#pragma once
// The work behind parse_rtt_files, in one class over the files of a folder: rtt_folder.cpp (order, outcome),
// rtt_set_nodes.cpp (nodes and targets), rtt_set_rows.cpp (round trips and subsets). Private to this folder.

#include <map>
#include <set>
#include <unordered_map>

#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_folder.hpp"
#include "server/registry/fields.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

/// The names in a file's first line, as far as they need no quoting.
[[nodiscard]] std::vector<std::string> header_of(std::string_view text);
[[nodiscard]] bool has(const std::vector<std::string>& names, std::string_view name);

class SetReader {
 public:
  SetReader(const Borders& borders, const RttReading& reading, const RttLimits& limits);

  void read_nodes(const std::string& text, const std::string& file, bool faulty);
  /// These, and only these, are targets.
  void read_targets(const std::string& text);
  /// Once all nodes are known.
  void make_table();
  void read_rtt(const RttFiles& files);
  void read_subsets(const std::string& text);

  [[nodiscard]] bool good() const { return lines_.empty(); }
  Result<RttSet, std::vector<std::string>> take(std::string name);

 private:
  /// The checked value of a row's field; nullopt after saying what is wrong with it.
  template <class T>
  static std::optional<T> accept(Field<T> field, const Row& row, std::string_view column, FaultLog& faults) {
    if (field) return std::move(field).value();
    faults.add(row[column].line, column, field.error());
    return std::nullopt;
  }

  /// What a file of targets states of a node that is known has to be what is known.
  void same_node(const Row& row, const EvalNode& node, FaultLog& faults);
  static std::optional<NodeRole> role_of(const Row& row, FaultLog& faults);
  /// Kilometres; 0 where the file has no such column, or an empty cell.
  static std::optional<double> uncertainty_of(const Row& row, FaultLog& faults);
  bool add_node(const Row& row, bool faulty, FaultLog& faults);
  /// What is read of a file of round trips: once, since both files have to mean the same.
  void read_rows(const std::string& text, bool faulty, FaultLog& faults);
  std::optional<std::size_t> node(const Row& row, std::string_view column, FaultLog& faults);
  /// A number of milliseconds that can be a round trip's.
  std::optional<double> round_trip(const RowCell& cell, FaultLog& faults);
  void add_rtt(const Row& row, bool faulty, FaultLog& faults);
  void add_anchor(const Row& row, FaultLog& faults);
  void finish(FaultLog& faults);

  const RttReading& reading_;
  const RttLimits& limits_;
  RowBudget budget_;
  const Borders& borders_;
  RttSet set_;
  std::unordered_map<std::string, std::size_t> numbers_;  // looked up, never walked
  std::map<std::pair<std::string, unsigned>, std::size_t> draws_;
  std::set<std::pair<std::size_t, std::size_t>> drawn_;  // draw, anchor
  std::vector<RttRow> rows_;
  std::vector<std::string> lines_;
  std::set<std::size_t> stated_targets_;  // by nodes.csv, whatever --targets says
  std::size_t targets_drawn_ = 0;
  bool full_ = false;
};

}  // namespace chiploc
