// Arbitrary texts as measurements of other programs: rows within their limits, or faults that name file and line.
// The first line chooses the reader: matrix, table, ping, fping or atlas; "probes" reads probes of RIPE Atlas, and
// any other word asks which format the rest is of, and reads it as that.
#include <cmath>
#include <string>

#include "server/eval/atlas_probes.hpp"
#include "server/eval/others_set.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

void demand_faults(const std::vector<std::string>& faults) {
  fuzz::demand(!faults.empty());
  for (const std::string& fault : faults)
    fuzz::demand(!fault.empty() && fault.find('\0') == std::string::npos);
}

RttLimits small_limits() {
  RttLimits limits;
  limits.nodes = 40;
  limits.rows = 400;
  limits.field_bytes = 200;
  limits.faults = 5;
  return limits;
}

void read_as(OthersFormat format, const OthersFile& file) {
  const RttLimits limits = small_limits();
  OthersRows rows;
  RowTaker to{file, 0, limits, rows};
  switch (format) {
    case OthersFormat::kMatrix:
      read_matrix(file, to);
      break;
    case OthersFormat::kTable:
      read_table(file, {"1", "2", "3"}, to);
      break;
    case OthersFormat::kPing:
      read_ping(file, to);
      break;
    case OthersFormat::kFping:
      read_fping(file, to);
      break;
    case OthersFormat::kAtlas:
      read_atlas(file, to);
      break;
  }
  fuzz::demand(rows.rows.size() <= limits.rows);
  for (const MeasuredRow& row : rows.rows) {
    fuzz::demand(row.line >= 1 && row.source != row.target && !row.source.empty() && !row.target.empty());
    fuzz::demand(row.ms >= 0.0 && row.ms <= kRttMaxMs);
  }
  // Nothing is passed over without a word.
  const std::uint32_t faults = to.faults().total();
  fuzz::demand(faults > 0 || to.found() > 0);
  for (const RowFault& fault : to.faults().take())
    fuzz::demand(fault.line >= 1 && fault.problem.size() < 100'000);
}

/// All of it, with every name a node: what comes out is a folder, or says why not.
void read_all(const OthersFile& file) {
  OthersInput input;
  input.files = {file};
  const auto set = read_others(input, small_limits());
  if (!set) return demand_faults(set.error());
  RttReading reading;
  reading.resolution_ms = 1.0;
  reading.believed_all = true;
  const auto parsed = parse_rtt_files(set->files, "fuzz", Borders::world(), reading, small_limits());
  if (!parsed) return demand_faults(in_their_lines(*set, parsed.error()));
  fuzz::demand(parsed->nodes.size() == set->node_lines.size());
  std::size_t rows = 0;
  for (const double ms : parsed->min_ms) rows += std::isnan(ms) ? 0U : 1U;
  fuzz::demand(rows == set->rtt_lines.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = fuzz::text_of(data, size);
  const std::size_t end = all.find('\n');
  const std::string_view word = all.substr(0, end);
  const OthersFile file{"in", "here", std::string{end == std::string_view::npos ? "" : all.substr(end + 1)}};
  if (word == "probes") {
    FaultLog faults{"in", 5};
    for (const AtlasProbe& probe : read_probes(file, faults))
      fuzz::demand(!probe.place || LatLon::from_degrees(*probe.place).has_value());
    return 0;
  }
  if (const auto format = format_named(word)) {
    read_as(*format, file);
    return 0;
  }
  for (const OthersFormat format : formats_of(file.text)) read_as(format, file);
  read_all(file);
  return 0;
}
