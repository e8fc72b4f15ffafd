#include <map>

#include "server/eval/delimited.hpp"
#include "server/eval/others.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

class MatrixReader {
 public:
  MatrixReader(char delimiter, RowTaker& to) : delimiter_{delimiter}, to_{to} {}

  bool take(const DelimitedLine& line) {
    if (names_.empty()) return take_header(line);
    take_row(line);
    return !to_.full();
  }
  void finish() {
    if (to_.faults().total() > 0) return;
    if (names_.empty()) {
      to_.fault(1, "", "holds no matrix; its first line names the destinations, each further one a source");
    } else if (sources_.empty()) {
      to_.fault(1, "", "has destinations and no line of a source");
    }
  }

 private:
  bool take_header(const DelimitedLine& line) {
    if (line.cells.size() < 2 || line.cells.size() > to_.limits().nodes + 1) {
      to_.fault(line.line, "",
                line.cells.size() < 2
                    ? "names no destination; part the cells by commas or tabs, the first one is the corner"
                    : "names more than " + std::to_string(to_.limits().nodes) + " destinations");
      return false;
    }
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 1; i < line.cells.size(); ++i) {
      const std::string& name = line.cells[i];
      if (!to_.is_name(line.line, "destination " + std::to_string(i), name)) continue;
      if (const auto [first, fresh] = seen.emplace(name, i); !fresh)
        to_.fault(line.line, "destination " + std::to_string(i),
                  shown(name) + " is destination " + std::to_string(first->second) + " too; keep one");
    }
    names_ = line.cells;
    return to_.faults().total() == 0;  // every row would only repeat it
  }

  void take_row(const DelimitedLine& line) {
    const std::string& source = line.cells.front();
    if (line.cells.size() != names_.size()) {
      to_.fault(line.line, "",
                "has " + std::to_string(line.cells.size()) + " cells, and the first line " +
                    std::to_string(names_.size()) + " (parted by " + std::string{delimiter_name(delimiter_)} +
                    "); write - where nothing was measured");
      return;
    }
    if (!to_.is_name(line.line, "source", source)) return;
    if (const auto [first, fresh] = sources_.emplace(source, line.line); !fresh) {
      to_.fault(line.line, "source",
                shown(source) + " has line " + std::to_string(first->second) + " too; keep one");
      return;
    }
    for (std::size_t i = 1; i < names_.size(); ++i) {
      const std::string& cell = line.cells[i];
      if (names_[i] == source) {
        to_.self();
      } else if (is_missing(cell)) {
        to_.lose();
      } else if (const auto ms = to_.round_trip(line.line, shown(names_[i]), cell)) {
        to_.add(line.line, source, names_[i], {}, *ms);
      }
    }
  }

  char delimiter_;
  RowTaker& to_;
  std::vector<std::string> names_;  // the corner first
  std::map<std::string, std::uint32_t> sources_;
};

}  // namespace

void read_matrix(const OthersFile& file, RowTaker& to) {
  const char delimiter = delimiter_of(file.text);
  MatrixReader reader{delimiter, to};
  const DelimitedLimits limits{to.limits().nodes + 2, to.limits().field_bytes};
  read_delimited(file.text, delimiter, limits, to.faults(),
                 [&](const DelimitedLine& line) { return reader.take(line); });
  reader.finish();
}

}  // namespace chiploc
