// Arbitrary texts as a folder of measurements: a set whose parts fit together, or faults that name file and
// line. The files follow each other, parted by a record separator (0x1E): nodes, rtt, subsets, faulty nodes,
// faulty rtt, targets. The first byte of the last part chooses how the numbers are to be read.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "server/eval/cases.hpp"
#include "server/eval/rtt_folder.hpp"
#include "server/eval/usage.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

void demand_sound(const RttSet& set) {
  const std::size_t n = set.nodes.size();
  fuzz::demand(n >= 2 && n <= 40 && set.min_ms.size() == n * n);
  for (std::size_t a = 0; a < n; ++a) {
    fuzz::demand(std::isnan(set.rtt_ms(a, a)));
    for (std::size_t b = 0; b < n; ++b) {
      const double rtt = set.rtt_ms(a, b);
      fuzz::demand(std::isnan(rtt) || (rtt >= kRttMinMs && rtt <= kRttMaxMs + 1.0));
    }
  }
  const auto rows = build_rows(set, supported_rows(set));
  fuzz::demand(rows.has_value());
  for (const CaseRow& row : *rows) {
    for (const CaseGroup& group : row.groups) {
      for (const std::size_t target : group.targets) {
        fuzz::demand(!set.nodes[target].faulty);
        fuzz::demand(std::find(group.anchors.begin(), group.anchors.end(), target) == group.anchors.end());
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> texts(1);
  for (const char c : fuzz::text_of(data, size)) {
    if (c == '\x1E' && texts.size() < 6) {
      texts.emplace_back();
    } else {
      texts.back().push_back(c);
    }
  }
  RttFiles files;
  files.nodes = texts[0];
  if (texts.size() > 1) files.rtt = texts[1];
  if (texts.size() > 2) files.subsets = texts[2];
  if (texts.size() > 3) files.faulty_nodes = texts[3];
  if (texts.size() > 4) files.faulty_rtt = texts[4];
  RttReading reading;
  if (texts.size() > 5 && !texts[5].empty()) {
    const char how = texts[5].front();
    reading.statistic = (how & 1) != 0 ? RttStatistic::kMean : RttStatistic::kMinimum;
    if ((how & 2) != 0) reading.resolution_ms = (how & 4) != 0 ? 1.0 : 0.0;
    reading.truncated = (how & 8) != 0;
    if ((how & 16) != 0) reading.targets = texts[5].substr(1);
  }
  RttLimits limits;
  limits.nodes = 40;
  limits.rows = 400;
  limits.field_bytes = 200;
  limits.faults = 5;
  const auto set = parse_rtt_files(files, "fuzz", Borders::world(), reading, limits);
  if (set) {
    demand_sound(*set);
    const auto rows = build_rows(*set, supported_rows(*set));
    fuzz::demand(!describe_usage(*set, *rows).empty());
    static_cast<void>(no_cases(*set, *rows, true));
    return 0;
  }
  fuzz::demand(!set.error().empty());
  for (const std::string& line : set.error()) {
    const std::size_t file = line.find(".csv:");
    fuzz::demand(file != std::string::npos && file < 20 && line.size() < 1'000);
    fuzz::demand(line[file + 5] >= '1' && line[file + 5] <= '9');
  }
  return 0;
}
