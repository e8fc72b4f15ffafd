// Arbitrary bytes as the agent's state file: refused with a sentence that names it, or exactly what the agent
// itself would have written for those numbers.
#include "agent/state_file.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const fuzz::ScratchFolder kFolder;
  const auto file = kFolder.write("agent.state", fuzz::text_of(data, size));
  const auto checked = StateFile::check(kFolder.path());
  if (!checked) fuzz::demand(checked.error().compare(0, file.string().size(), file.string()) == 0);
  auto opened = StateFile::open(kFolder.path());
  if (!checked) {
    fuzz::demand(!opened);
    return 0;
  }
  if (!opened) return 0;  // a boot count that cannot grow
  const std::uint64_t before = (*opened)->round_counter();
  const auto next = (*opened)->next_round_counter();
  if (next) fuzz::demand(*next == before + 1);
  fuzz::demand((*opened)->boot_count() > 0 && StateFile::check(kFolder.path()).has_value());
  return 0;
}
