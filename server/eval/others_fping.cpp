// fping's summaries, as 5.1 prints them: "NAME : 1.23 - 4.56" (-C), "NAME : xmt/rcv/%loss = 3/2/33%,
// min/avg/max = 1.2/3.4/5.6" (-c, -Q; "%return" where more came back than was sent, "outage(ms) = 0, " with -o).
// NAME is padded with blanks, and "NAME (ADDRESS)" with -A -n. Three digits of each value: from 100 ms on whole
// milliseconds.

#include <algorithm>
#include <charconv>

#include "server/eval/others.hpp"
#include "server/tables/characters.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr double kWholeFrom = 100.0;  // ms

class FpingReader {
 public:
  FpingReader(const OthersFile& file, RowTaker& to) : file_{file}, to_{to} {}

  void take(std::string_view line, std::uint32_t number) {
    number_ = number;
    const std::size_t colon = line.find(" : ");
    if (colon == std::string_view::npos || line.starts_with(' ')) return;  // -s indents its counts
    std::string_view head = line.substr(0, colon);
    std::string_view rest = line.substr(colon + 3);
    if (head.starts_with('[')) {  // -D
      const std::size_t close = head.find("] ");
      if (close == std::string_view::npos) return;
      head.remove_prefix(close + 2);
    }
    while (head.ends_with(' ')) head.remove_suffix(1);
    name_ = head;
    address_ = {};
    if (const std::size_t open = head.find(" ("); open != std::string_view::npos && head.ends_with(')')) {
      name_ = head.substr(0, open);
      address_ = head.substr(open + 2, head.size() - open - 3);
    }
    if (name_.find(' ') != std::string_view::npos) return;  // "ICMP Host Unreachable from .. : .."
    if (rest.starts_with('[') || rest.starts_with("duplicate for ")) return;  // replies one by one
    while (rest.ends_with(' ')) rest.remove_suffix(1);
    if (rest.starts_with("xmt/rcv/%")) {
      take_counts(rest);
    } else {
      take_list(rest);
    }
  }
  void finish() {
    if (to_.found() == 0 && to_.faults().total() == 0)
      to_.fault(1, "", "holds no summary of fping; run it with -q and -C N or -c N, and keep standard error");
  }

 private:
  void keep(std::string_view text, double ms) {
    to_.add(number_, file_.source, name_, address_, ms);
    if (ms >= kWholeFrom && text.find('.') == std::string_view::npos) to_.cut_by_fping(number_, name_, ms);
  }

  void take_list(std::string_view rest) {
    std::string_view least_text;
    std::optional<double> least;
    while (!rest.empty()) {
      const std::size_t blank = rest.find(' ');
      const std::string_view text = rest.substr(0, blank);
      rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
      if (text == "-") continue;
      const auto ms = to_.round_trip(number_, shown(name_), text);
      if (!ms) return;
      if (!least || *ms < *least) {
        least = ms;
        least_text = text;
      }
    }
    if (least) {
      keep(least_text, *least);
    } else {
      to_.lose();
    }
  }

  void take_counts(std::string_view rest) {
    const std::size_t equals = rest.find(" = ");
    std::uint64_t received = 0;
    const std::size_t slash = rest.find('/', equals);
    bool good = equals != std::string_view::npos && slash != std::string_view::npos;
    if (good) {
      const auto [end, error] = std::from_chars(rest.data() + slash + 1, rest.data() + rest.size(), received);
      good = error == std::errc{} && end != rest.data() + rest.size() && *end == '/';
    }
    if (!good) {
      to_.fault(number_, shown(name_), "is no summary of fping, which writes xmt/rcv/%loss = 3/3/0%, ..");
      return;
    }
    constexpr std::string_view kLeast = "min/avg/max = ";
    const std::size_t at = rest.find(kLeast);
    if (received == 0 && at == std::string_view::npos) return to_.lose();
    if (received == 0 || at == std::string_view::npos) {
      to_.fault(number_, shown(name_),
                received == 0 ? "says that nothing came back and has times all the same; is the line damaged?"
                              : "says that something came back and has no min/avg/max; is the line cut?");
      return;
    }
    std::string_view values = rest.substr(at + kLeast.size());
    if (std::count(values.begin(), values.end(), '/') != 2) {
      to_.fault(number_, shown(name_), "has no three numbers behind min/avg/max =; is the line cut?");
      return;
    }
    const std::string_view least_text = values.substr(0, values.find('/'));
    std::array<double, 3> ms{};
    for (double& value : ms) {
      const std::size_t end = values.find('/');
      const auto read = to_.round_trip(number_, shown(name_), values.substr(0, end));
      if (!read) return;
      value = *read;
      values.remove_prefix(end == std::string_view::npos ? values.size() : end + 1);
    }
    if (ms[0] > ms[1] || ms[1] > ms[2]) {
      to_.fault(number_, shown(name_),
                "its least is more than its mean, or that more than the most; is the line damaged?");
      return;
    }
    keep(least_text, ms[0]);
  }

  const OthersFile& file_;
  RowTaker& to_;
  std::uint32_t number_ = 0;
  std::string_view name_, address_;
};

}  // namespace

void read_fping(const OthersFile& file, RowTaker& to) {
  if (std::string problem = other_encoding(file.text); !problem.empty()) {
    to.fault(1, "", std::move(problem));
    return;
  }
  FpingReader reader{file, to};
  LineReader lines{file.text};
  for (std::string_view line; lines.next(line) && !to.full();) reader.take(line, lines.number());
  reader.finish();
}

}  // namespace chiploc
