#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/anchor/udp_socket.hpp"

/// Is this machine fit to be an anchor? What its kernel and cards promise is one thing (drivers accept
/// stamping modes that they never deliver), what comes another: `chiploc-anchor selftest` sends pings and
/// counts.
namespace chiploc {

struct SelfTestOptions {
  std::vector<Endpoint> listen;  ///< one row each; port 0: any
  std::optional<Endpoint> peer;  ///< pings go there; else to the listening socket itself, over loopback
  Nanoseconds time = std::chrono::seconds{3};
  StampMode stamps = StampMode::kKernel;
};

/// One listening socket.
struct StampRow {
  Endpoint listen;
  Endpoint target;
  std::string interface;  ///< where transmit stamps came from; empty: none came
  std::uint64_t sent = 0;
  std::uint64_t transmit_kernel = 0;
  std::uint64_t transmit_card = 0;
  std::uint64_t received = 0;
  std::uint64_t receive_kernel = 0;
  std::uint64_t receive_card = 0;
  SampleTally samples;         ///< of pings that came back themselves; a peer's answers make no samples
  std::uint64_t measured = 0;  ///< of those
  Nanoseconds rtt_min{0};
};
/// What a driver says that it can do (ETHTOOL_GET_TS_INFO); nothing of it need be true.
struct InterfaceClaim {
  std::string name;
  bool transmit_kernel = false;
  bool transmit_card = false;
  bool receive_kernel = false;
  bool receive_card = false;
  int clock = -1;  ///< /dev/ptpN; -1: none
};
/// Against the raw clock, in ppm, in windows of 100 ms.
struct ClockRate {
  std::string name;
  double mean = 0;
  double least = 0;
  double most = 0;
};
struct ReadingSpread {
  Nanoseconds median{0};
  Nanoseconds p99{0};
  Nanoseconds most{0};
};
/// adjtimex(2), and who may be behind it.
struct Discipline {
  bool known = false;  ///< adjtimex can be asked
  double tick_ppm = 0;
  double frequency_ppm = 0;
  bool synchronised = false;
  bool phase_locked = false;      ///< the kernel's own loop steers
  std::vector<std::string> seen;  ///< programs and units, by name; none: nobody, or hidden from us
};
struct SelfTestResult {
  std::vector<StampRow> stamps;
  std::vector<InterfaceClaim> claims;
  std::vector<ClockRate> rates;
  ReadingSpread spread;
  double apart_ppm =
      0;  ///< the largest difference of wall and monotonic clock's rates in a window without step
  std::uint64_t steps = 0;  ///< windows in which the wall clock was set
  Discipline discipline;
  bool peer = false;
};

/// Takes about `options.time`. Needs no privileges. Fails with a sentence that names an address that cannot
/// be bound.
[[nodiscard]] Result<SelfTestResult, std::string> run_self_test(const SelfTestOptions& options);

struct FitnessVerdict {
  std::vector<std::string> faults;  ///< why it is not fit; empty: fit
  std::vector<std::string> notes;   ///< what to know besides
  /// Interfaces besides loopback that no stamp came from: only what their drivers claim is known of them.
  std::vector<std::string> untried;
};
/// Not fit: kernel stamps of either end missing from more than a tenth of the pings (round trips are then
/// longer than they need be); no answer; the clock is slewed by more than 500 ppm, or was set, during the
/// test; wall and monotonic clock do not share one rate (measure() assumes it); readings of the clocks that
/// take more than 10 us.
[[nodiscard]] FitnessVerdict judge_fitness(const SelfTestResult& result);

/// One table for people; one JSON object with the same figures (README.md names the fields).
[[nodiscard]] std::string self_test_table(const SelfTestResult& result, const FitnessVerdict& verdict);
[[nodiscard]] std::string self_test_json(const SelfTestResult& result, const FitnessVerdict& verdict);

}  // namespace chiploc
