#include "server/sim/fit/measured_paths.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <unordered_map>

#include "geo/geodesic.hpp"
#include "server/eval/misplaced.hpp"
#include "server/registry/fields.hpp"
#include "server/tables/rows.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kFileMost = std::size_t{256} << 20;
constexpr std::size_t kHoursMost = 24 * 366;
constexpr std::size_t kFaultsShown = 20;
constexpr std::size_t kRowsMost = 10'000'000;
/// Hours of all directed pairs, those between that nobody measured included: 256 MB, which networks and fits copy.
constexpr std::size_t kHourSlotsMost = 64'000'000;

/// A text file, packed by gzip or not.
Result<std::string, FolderFault> read_text(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr)
    return Fail{
        FolderFault{EvalExit::kNotFound, {path.string() + ": cannot be read; look at its permissions"}}};
  std::string text;
  std::array<char, 65'536> buffer{};
  int got = 0;
  while ((got = gzread(file, buffer.data(), buffer.size())) > 0 && text.size() <= kFileMost)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  const bool whole = gzclose(file) == Z_OK && got >= 0;
  if (!whole)
    return Fail{FolderFault{EvalExit::kBadData, {path.string() + ": is no whole gzip file; copy it again"}}};
  if (text.size() > kFileMost)
    return Fail{FolderFault{EvalExit::kBadData, {path.string() + ":1: has more than 256 MB; split the set"}}};
  return text;
}

class Reader {
 public:
  explicit Reader(const RttSet& set) : set_{set} {
    std::set<std::string> names;
    for (const EvalNode& node : set.nodes) names.insert(node.name);
    const bool by_name = names.size() == set.nodes.size();
    std::vector<std::size_t> kept;
    for (std::size_t n = 0; n < set.nodes.size(); ++n) {
      const EvalNode& node = set.nodes[n];
      if (node.doubt == NodeDoubt::kPlace) {  // its round trips would be those of another place
        numbers_[node.id] = std::nullopt;
        continue;
      }
      numbers_[node.id] = kept.size();
      kept.push_back(n);
      out_.matrix.nodes.push_back({by_name ? node.name : node.id, node.place});
      out_.input.ends.push_back({by_name ? node.name : node.id, node.place});
    }
    out_.name = set.name;
    out_.matrix.pairs.resize(kept.size() * kept.size());
    for (std::size_t a = 0; a < kept.size(); ++a) {
      for (std::size_t b = 0; b < kept.size(); ++b) {
        const double ms = set.rtt_ms(kept[a], kept[b]);
        if (!std::isnan(ms)) out_.matrix.pairs[a * kept.size() + b].min_ms = ms;
      }
    }
  }

  void read_columns(std::string_view text) {
    const std::array<std::string_view, 5> columns{"src", "dst", "avg_ms", "max_ms", "mdev_ms"};
    FaultLog faults{"rtt.csv", kFaultsShown};
    RowBudget budget{kRowsMost, kRowsMost, 4'096, "in one folder; leave some nodes out"};
    read_csv(
        text, columns, budget, faults, [&](const Row& row) { add_row(row, faults); }, OtherColumns::kIgnore,
        3);
    finish("rtt.csv", faults);
  }

  void read_hours(const std::string& name, std::string_view text) {
    const std::array<std::string_view, 4> columns{"hour", "src", "dst", "min_ms"};
    FaultLog faults{name, kFaultsShown};
    RowBudget budget{kRowsMost, kRowsMost, 4'096, "in one folder; leave some hours out"};
    std::size_t rows = 0;
    const auto take_row = [&](const Row& row) {
      ++rows;
      add_hour(row, faults);
    };
    read_csv(text, columns, budget, faults, take_row, OtherColumns::kIgnore);
    if (rows == 0 && faults.total() == 0) faults.add(1, "", "has no hours; write some, or remove the file");
    finish(name, faults);
  }

  Result<MeasuredPaths, std::vector<std::string>> take(bool hours) {
    if (!lines_.empty()) return Fail{std::move(lines_)};
    make_input(hours);
    return std::move(out_);
  }

 private:
  void finish(const std::string& file, FaultLog& faults) {
    const std::uint32_t total = faults.total();
    const auto kept = faults.take();
    for (const RowFault& fault : kept)
      lines_.push_back(fault.file + ":" + std::to_string(std::max(1U, fault.line)) + ": " +
                       (fault.field.empty() ? "" : fault.field + ": ") + fault.problem);
    if (total > kept.size())
      lines_.push_back(file + ":" + std::to_string(std::max(1U, kept.back().line)) + ": and " +
                       std::to_string(total - kept.size()) + " more faults in this file");
  }

  /// Null: a fault, a node and itself, or a pair that is left out.
  MatrixPair* pair_of(const Row& row, FaultLog& faults) {
    std::array<std::optional<std::size_t>, 2> ends{};
    for (const std::size_t e : {std::size_t{0}, std::size_t{1}}) {
      const std::string_view column = e == 0 ? "src" : "dst";
      const auto found = numbers_.find(row[column].text);
      if (found == numbers_.end()) {
        faults.add(
            row[column].line, column,
            shown(row[column].text) + " is no node of this folder; add it to nodes.csv, or drop the row");
        return nullptr;
      }
      ends[e] = found->second;
    }
    if (!ends[0] || !ends[1] || *ends[0] == *ends[1]) return nullptr;
    return &out_.matrix.pairs[*ends[0] * out_.matrix.nodes.size() + *ends[1]];
  }

  /// A number of milliseconds, with `more`; -1 where the column is absent or the cell empty.
  static double milliseconds(const Row& row, std::string_view column, FaultLog& faults, double more = 0.0) {
    const RowCell& cell = row[column];
    if (cell.line == 0 || cell.text.empty()) return -1.0;
    const auto value = parse_number(cell.text, 0.0, kRttMaxMs);
    if (value) return *value + more;
    faults.add(cell.line, column, value.error() + "; correct it, or leave it empty");
    return -1.0;
  }

  void add_row(const Row& row, FaultLog& faults) {
    MatrixPair* pair = pair_of(row, faults);
    if (pair == nullptr) return;
    pair->avg_ms = milliseconds(row, "avg_ms", faults, set_.added_ms);
    pair->max_ms = milliseconds(row, "max_ms", faults, set_.added_ms);
    pair->mdev_ms = milliseconds(row, "mdev_ms", faults);
    if (pair->avg_ms >= 0.0 && pair->avg_ms < pair->min_ms)
      faults.add(row["avg_ms"].line, "avg_ms", "is below min_ms; no mean is below the least: swap the two");
    if (pair->max_ms >= 0.0 && pair->max_ms < std::max(pair->min_ms, pair->avg_ms))
      faults.add(row["max_ms"].line, "max_ms",
                 "is below min_ms or avg_ms; nothing is above the most: swap the two");
  }

  void add_hour(const Row& row, FaultLog& faults) {
    MatrixPair* pair = pair_of(row, faults);
    const double ms = milliseconds(row, "min_ms", faults, set_.added_ms);
    const auto hour = parse_number(row["hour"].text, 0.0, static_cast<double>(kHoursMost - 1));
    if (!hour || std::floor(*hour) != *hour) {
      faults.add(row["hour"].line, "hour",
                 shown(row["hour"].text) + " is no hour; count them from 0 on, to a year");
      return;
    }
    if (pair == nullptr || ms < 0.0) return;
    const auto number = static_cast<std::size_t>(*hour);
    if (pair->hourly_ms.size() <= number) {
      const std::size_t more = number + 1 - pair->hourly_ms.size();
      if (hour_slots_ + more > kHourSlotsMost) {
        faults.add(row["hour"].line, "hour",
                   "makes more hours of all pairs than " + std::to_string(kHourSlotsMost) +
                       ", gaps included; leave some hours or nodes out");
        return;
      }
      hour_slots_ += more;
      pair->hourly_ms.resize(number + 1, -1.0F);
    }
    if (pair->hourly_ms[number] >= 0.0F) {
      faults.add(row.line, "", "this hour of the pair stands in the file already; drop one of the rows");
      return;
    }
    // Rounding to a float must not put an hour below the least of all.
    auto rounded = static_cast<float>(ms);
    if (static_cast<double>(rounded) < ms) rounded = std::nextafterf(rounded, 1e9F);
    pair->hourly_ms[number] = rounded;
    if (pair->min_ms >= 0.0 && ms < pair->min_ms * (1.0 - 1e-9))
      faults.add(row["min_ms"].line, "min_ms",
                 "is below the pair's min_ms in rtt.csv; that has to be the least of all hours");
  }

  void make_input(bool hours) {
    const auto& nodes = out_.matrix.nodes;
    const std::size_t n = nodes.size();
    const auto least_of = [](double a, double b) { return a < 0.0 ? b : b < 0.0 ? a : std::min(a, b); };
    const auto mean_of = [](double a, double b) { return a < 0.0 ? b : b < 0.0 ? a : 0.5 * (a + b); };
    std::size_t fast = 0;
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = a + 1; b < n; ++b) {
        const MatrixPair &there = out_.matrix.pairs[a * n + b], &back = out_.matrix.pairs[b * n + a];
        if (there.min_ms < 0.0 && back.min_ms < 0.0) continue;
        const double km = geodesic_distance(nodes[a].place, nodes[b].place).km();
        FitPair pair{a, b, km, least_of(there.min_ms, back.min_ms)};
        // The mean over the lesser minimum would count the difference of two routes as queueing.
        const auto more = [](const MatrixPair& it) { return it.avg_ms < 0.0 ? -1.0 : it.avg_ms - it.min_ms; };
        const double excess = mean_of(more(there), more(back));
        if (excess >= 0.0) pair.avg_ms = pair.min_ms + excess;
        pair.mdev_ms = mean_of(there.mdev_ms, back.mdev_ms);
        fast += pair.min_ms < km * kFibreMsPerKm ? 1 : 0;
        out_.input.pairs.push_back(pair);
        if (!hours) continue;
        for (const MatrixPair* one : {&there, &back}) {
          if (!one->hourly_ms.empty())
            out_.input.hours.push_back({a, b, km, middle_of(a, b), one->hourly_ms});
        }
      }
    }
    if (fast > 0)
      out_.notes.push_back(std::to_string(fast) +
                           " pairs are faster than light in fibre (2/3 c); fitted as if they were as fast");
  }

  /// The longitude half way between two nodes, the short way round.
  [[nodiscard]] double middle_of(std::size_t a, std::size_t b) const {
    const double from = out_.matrix.nodes[a].place.lon_deg();
    double across = out_.matrix.nodes[b].place.lon_deg() - from;
    across -= 360.0 * std::floor(across / 360.0 + 0.5);
    return from + 0.5 * across;
  }

  const RttSet& set_;
  /// Of each id; nullopt: left out. Looked up, never walked.
  std::unordered_map<std::string, std::optional<std::size_t>> numbers_;
  std::size_t hour_slots_ = 0;
  MeasuredPaths out_;
  std::vector<std::string> lines_;
};

}  // namespace

Result<MeasuredPaths, std::vector<std::string>> measured_of(const RttSet& set, std::string_view rtt,
                                                            const std::optional<HoursText>& hourly) {
  Reader reader{set};
  reader.read_columns(rtt);
  if (hourly) reader.read_hours(hourly->file, hourly->text);
  return reader.take(hourly.has_value());
}

Result<MeasuredPaths, FolderFault> load_measured(const OthersArguments& arguments,
                                                 const RttReading& reading) {
  auto set = load_rtt_input(arguments, false, reading, Borders::world());
  if (!set) return Fail{set.error()};
  const std::string misplaced = mark_misplaced(*set, Borders::world());
  const bool in_folder = names_folder(arguments);
  const std::filesystem::path folder = in_folder ? arguments.inputs.front() : std::string{};
  std::string rtt = "src,dst\n";
  if (in_folder) {
    auto text = read_text(folder / "rtt.csv");
    if (!text) return Fail{text.error()};
    rtt = std::move(text).value();
  }
  std::optional<HoursText> hourly;
  std::error_code ignored;
  for (const char* name : {"hourly.csv", "hourly.csv.gz"}) {
    if (!in_folder || !std::filesystem::exists(folder / name, ignored)) continue;
    if (hourly)
      return Fail{
          FolderFault{EvalExit::kBadData,
                      {(folder / name).string() + ":1: hourly.csv is there as well; remove one of them"}}};
    auto text = read_text(folder / name);
    if (!text) return Fail{text.error()};
    hourly = HoursText{name, std::move(text).value()};
  }
  auto measured = measured_of(*set, rtt, hourly);
  if (measured) {
    auto notes = notes_of(*set);
    if (!misplaced.empty()) notes.push_back(misplaced);
    measured->notes.insert(measured->notes.begin(), notes.begin(), notes.end());
    return std::move(measured).value();
  }
  FolderFault fault{EvalExit::kBadData, {}};
  for (const std::string& line : measured.error()) fault.lines.push_back((folder / line).string());
  return Fail{std::move(fault)};
}

Result<MeasuredPaths, FolderFault> load_measured(const std::filesystem::path& folder,
                                                 const RttReading& reading) {
  OthersArguments arguments;
  arguments.inputs = {folder.string()};
  return load_measured(arguments, reading);
}

}  // namespace chiploc
