// Arbitrary text as a file of prices of `sim cost`, for all of them and for some: figures within their ranges that are
// written and read back as they were shown, or faults.
#include "server/cost/assumptions.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::filesystem::path name{"/fuzz/prices.toml"};
  for (const CostAssumptions* before :
       {&built_in_assumptions(), static_cast<const CostAssumptions*>(nullptr)}) {
    const AssumptionsRead read = parse_assumptions(fuzz::text_of(data, size), name, before);
    if (!read.faults.empty()) {
      fuzz::demand_faults_of(read.faults, name);
      continue;
    }
    for (const Assumption& one : read.assumptions.all) {
      fuzz::demand(one.low <= one.value && one.value <= one.high);
      fuzz::demand(!one.about.empty() && !one.source.empty());
      fuzz::demand(!one.ours() || (one.year == 0 && one.url.empty() && one.range_ours));
    }
    const std::string text = assumptions_text(read.assumptions);
    const AssumptionsRead again = parse_assumptions(text, name);
    fuzz::demand(again.faults.empty() && assumptions_text(again.assumptions) == text);
  }
  return 0;
}
