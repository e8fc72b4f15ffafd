// Arbitrary texts as a folder that a network is made of: a matrix whose parts fit together, or faults that name file and
// line. The files follow each other, parted by a record separator (0x1E): nodes, rtt, hourly.
#include <string>
#include <vector>

#include "server/eval/rtt_folder.hpp"
#include "server/sim/fit/measured_paths.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

void demand_sound(const MeasuredPaths& measured, const RttSet& set) {
  const RttMatrix& matrix = measured.matrix;
  const std::size_t n = matrix.nodes.size();
  fuzz::demand(n <= set.nodes.size() && matrix.pairs.size() == n * n && measured.input.ends.size() == n);
  for (const MatrixPair& pair : matrix.pairs) {
    fuzz::demand(pair.min_ms < 0.0 || pair.min_ms <= kRttMaxMs + 1.0);
    fuzz::demand(pair.avg_ms < 0.0 || pair.avg_ms >= pair.min_ms);
    fuzz::demand(pair.max_ms < 0.0 || pair.max_ms >= pair.avg_ms);
  }
  for (const FitPair& pair : measured.input.pairs)
    fuzz::demand(pair.a < pair.b && pair.b < n && pair.min_ms >= 0.0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> texts(1);
  for (const char c : fuzz::text_of(data, size)) {
    if (c == '\x1E' && texts.size() < 3)
      texts.emplace_back();
    else
      texts.back().push_back(c);
  }
  RttFiles files;
  files.nodes = texts[0];
  if (texts.size() > 1) files.rtt = texts[1];
  RttReading reading;
  reading.resolution_ms = 0.0;
  RttLimits limits;
  limits.nodes = 40;
  limits.rows = 400;
  limits.field_bytes = 200;
  limits.faults = 5;
  const auto set = parse_rtt_files(files, "fuzz", Borders::world(), reading, limits);
  if (!set) return 0;  // eval_folder has it
  std::optional<HoursText> hours;
  if (texts.size() > 2) hours = HoursText{"hourly.csv", texts[2]};
  const auto measured = measured_of(*set, files.rtt, hours);
  if (!measured) {
    fuzz::demand(!measured.error().empty());
    for (const std::string& fault : measured.error()) {
      const std::size_t file = fault.find(".csv:");
      fuzz::demand(file != std::string::npos && file < 20);
      fuzz::demand(fault[file + 5] >= '1' && fault[file + 5] <= '9');
    }
    return 0;
  }
  demand_sound(*measured, *set);
  const auto paths = MatrixPaths::create(measured->matrix);
  if (!paths) {
    fuzz::demand(!paths.error().empty());
    return 0;
  }
  const auto& nodes = paths->nodes();
  for (std::size_t b = 1; b < nodes.size(); ++b) {
    const PathEnd from{nodes[0].name, nodes[0].place}, to{nodes[b].name, nodes[b].place};
    for (const int hour : {0, 7}) {
      const PathDatagram datagram{1, std::chrono::hours{hour}, 0};
      const PathFate least = paths->least(from, to, datagram), fate = paths->fate(from, to, datagram);
      fuzz::demand(least.delay >= least_one_way(from.place, to.place));
      fuzz::demand(fate.lost == least.lost && fate.delay >= least.delay);
    }
  }
  return 0;
}
