// Reports into the production store: a thousand in one commit against a commit each.
#include <filesystem>

#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

template <class SomeId>
SomeId id(std::uint64_t number) {
  SomeId out;
  // Spread, as random ids are; not random, so that two runs write the same.
  const std::uint64_t mixed = number * 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(mixed >> (56 - 8 * i));
  out.bytes[8] = static_cast<std::uint8_t>(number);
  return out;
}

constexpr std::size_t kReport = 576;  // 512 bytes and a signature

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

void run() {
  const TempDir folder;
  auto opened = open_sqlite_store({.path = (folder / "chiploc.db").string()});
  require(opened.has_value());
  Store& store = **opened;
  constexpr std::uint64_t kBatch = 1'000;
  constexpr std::uint64_t kBatches = 20;
  constexpr std::uint64_t kSingle = 1'000;
  std::uint64_t next_round = 0;
  const WallTime now{std::chrono::seconds{1'790'000'000}};
  const auto begin_rounds = [&](std::uint64_t count) {
    require(store.begin_batch().has_value());
    for (std::uint64_t i = 0; i < count; ++i) {
      RoundIntent intent;
      intent.round = id<RoundId>(next_round + i);
      intent.chip = id<ChipId>(i);
      intent.requested_by = "bench";
      intent.intent = now;
      intent.device_certificate = ByteVector(600, 1);
      require(store.rounds().log_intent(intent).has_value());
    }
    require(store.commit_batch().has_value());
  };
  ByteVector report(kReport, 2);
  std::uint64_t spool = 0;
  const auto append = [&] {
    report[0] = static_cast<std::uint8_t>(spool);
    require(store.rounds()
                .append_report(id<RoundId>(next_round++), {id<AnchorId>(1), ++spool}, report, now)
                .has_value());
  };

  begin_rounds(kBatch * kBatches);
  double batched = 1e300;
  double batched_cpu = 1e300;
  for (std::uint64_t b = 0; b < kBatches; ++b) {
    const double cpu = thread_cpu_us();
    batched = std::min(batched, wall_us([&] {
                                  require(store.begin_batch().has_value());
                                  for (std::uint64_t i = 0; i < kBatch; ++i) append();
                                  require(store.commit_batch().has_value());
                                }) / kBatch);
    batched_cpu = std::min(batched_cpu, (thread_cpu_us() - cpu) / kBatch);
  }
  begin_rounds(kSingle);
  const double single = wall_us([&] {
                          for (std::uint64_t i = 0; i < kSingle; ++i) append();
                        }) /
                        kSingle;
  print_figure("store: one commit a report / a thousand in one commit", text("%.1f us", batched),
               text("%.0f us", single), single / batched, Want::kAtLeast, 40.0);
  print_plain("  processor time of a batched report", text("%.1f us", batched_cpu));
}

}  // namespace chiploc::bench

int main() { chiploc::bench::run(); }
