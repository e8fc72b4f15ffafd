// Real chiplocd, chiploc-anchor and chiploc-agent on loopback, with a relay that holds every pong for a known
// time by CLOCK_MONOTONIC_RAW, while the system clock is slewed: no sample that an anchor reports may be
// below the hold.
//
//   chiploc_held_pings --samples N --hold-ms H --slew none|tick|running|PPM
//   chiploc_held_pings --bend SOCKET        feeds chronyd's reference clock (SOCK) until killed, and nothing
//                                           else
//
// none     the clock is left alone; what this machine's own clock is doing counts
// tick     adjtimex(2) throws the tick between 9,000 and 11,000 us every 150 ms: +-10 %. Needs CAP_SYS_TIME;
//          for virtual machines only
// PPM      a preloaded library slews what the anchors see of their clocks and stamps, for example -83333
// running  somebody else slews (chronyd); fails if the clock is not seen to be slewed by 2 % at least
//
// A bent reference is right for eight seconds, then jumps back by three and forth again every 40 s.
//
// Exit code 0: held; 1: a sample was short, or too few came, or the clock was not slewed; 64: wrong
// arguments.
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <map>
#include <string>
#include <thread>

#include "proto/v1/evidence.pb.h"
#include "tests/faults/fault_lab.hpp"
#include "tests/faults/holding_relay.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;

struct Wanted {
  std::size_t samples = 400;
  Nanoseconds hold = 30ms;
  std::string slew = "none";
  std::int64_t ppm = 0;  ///< of the anchors' clocks, by the shim
};

/// Looks at the rate of CLOCK_MONOTONIC against the raw clock ten times a second, and changes it if told to.
class ClockWatch {
 public:
  explicit ClockWatch(bool throws_tick) : throws_tick_{throws_tick}, thread_{[this] { run(); }} {}
  ~ClockWatch() {
    ends_ = true;
    thread_.join();
  }
  ClockWatch(const ClockWatch&) = delete;
  ClockWatch& operator=(const ClockWatch&) = delete;
  std::atomic<double> slowest{0};  ///< ppm
  std::atomic<double> fastest{0};
  std::atomic<int> looks{0};
  std::atomic<int> slewed{0};  ///< of those, beyond 2 %
  std::atomic<bool> failed{false};

 private:
  static Nanoseconds steady_clock() {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
  }
  void set_tick(long tick) {
    timex change{};
    change.modes = ADJ_TICK;
    change.tick = tick;
    if (::adjtimex(&change) < 0) failed = true;
  }
  void run() {
    bool slow = false;
    for (int i = 0; !ends_; ++i) {
      if (throws_tick_ && i % 3 == 0) set_tick((slow = !slow) ? 9'000 : 11'000);
      const Nanoseconds raw = raw_clock();
      const Nanoseconds steady = steady_clock();
      std::this_thread::sleep_for(50ms);
      const auto raw_gone = static_cast<double>((raw_clock() - raw).count());
      const double ppm = (static_cast<double>((steady_clock() - steady).count()) / raw_gone - 1.0) * 1e6;
      slowest = std::min(slowest.load(), ppm);
      fastest = std::max(fastest.load(), ppm);
      ++looks;
      if (ppm < -20'000 || ppm > 20'000) ++slewed;
    }
    if (throws_tick_) set_tick(10'000);
  }
  bool throws_tick_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

struct Found {
  std::size_t samples = 0;
  std::size_t discarded = 0;
  std::size_t shortened = 0;
  Nanoseconds least{Nanoseconds::max()};
  std::map<int, std::size_t> sources;
};

/// Every sample of every report in chiplocd's database.
Found read_samples(const std::filesystem::path& database, Nanoseconds hold) {
  Found out;
  sqlite3* db = nullptr;
  sqlite3_stmt* row = nullptr;
  if (sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
      sqlite3_busy_timeout(db, 10'000) != SQLITE_OK ||
      sqlite3_prepare_v2(db, "SELECT bytes FROM reports", -1, &row, nullptr) != SQLITE_OK)
    throw std::runtime_error{database.string() + ": " + sqlite3_errmsg(db)};
  while (sqlite3_step(row) == SQLITE_ROW) {
    v1::SignedReport envelope;
    v1::ReportBody body;
    if (!envelope.ParseFromArray(sqlite3_column_blob(row, 0), sqlite3_column_bytes(row, 0)) ||
        !body.ParseFromString(envelope.body()))
      throw std::runtime_error{"a report in the database cannot be read"};
    for (const v1::SessionReport& session : body.sessions()) {
      out.discarded += session.samples_discarded();
      for (const v1::Sample& sample : session.samples()) {
        ++out.samples;
        ++out.sources[sample.source()];
        out.least = std::min(out.least, Nanoseconds{sample.rtt_ns()});
        out.shortened += Nanoseconds{sample.rtt_ns()} < hold ? 1U : 0U;
      }
    }
  }
  sqlite3_finalize(row);
  sqlite3_close(db);
  return out;
}

/// chronyd's "SOCK" reference clock driver takes these (chrony.conf(5), refclock_sock.c).
struct SockSample {
  timeval tv;     ///< system time
  double offset;  ///< true time less system time, s
  int pulse = 0;
  int leap = 0;
  int pad = 0;
  int magic = 0x534f434b;
};

int bend(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  const auto wall_now = [] {
    timeval t{};
    ::gettimeofday(&t, nullptr);
    return t;
  };
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  const Nanoseconds began = raw_clock();
  const double at_first = seconds(wall_now());
  for (;;) {
    SockSample sample{};
    sample.tv = wall_now();
    const double gone = std::chrono::duration<double>(raw_clock() - began).count();
    const double jump = gone > 8 && std::fmod(gone - 8, 80) < 40 ? -3.0 : 0.0;
    sample.offset = at_first + gone + jump - seconds(sample.tv);
    ::sendto(fd, &sample, sizeof sample, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    std::this_thread::sleep_for(250ms);
  }
}

int run(const Wanted& wanted) {
  FaultLab lab{{.anchors = 3,
                .chips = 1,
                .prepare_deadline_ms = 4000,
                .round_deadline_ms = 15'000,
                .pings = 64,
                .ping_interval_ms = 4,
                .shim = wanted.ppm != 0,
                .fronts = true,
                .patience = std::chrono::minutes{3}}};
  std::vector<HoldingRelay::Front> fronts;
  for (const LabEndpoint& anchor : lab.plan().anchors) fronts.push_back({anchor.front, anchor.real, true});
  for (const LabAgent& agent : lab.plan().agents)
    fronts.push_back({agent.endpoint.front, agent.endpoint.real, false});
  const HoldingRelay relay{std::move(fronts), wanted.hold};
  if (wanted.ppm != 0) {
    for (const std::string& anchor : lab.anchors()) lab.plan_of(anchor).slew_ppm = wanted.ppm;
  }
  if (const std::string fault = lab.up(); !fault.empty()) {
    std::printf("the lab does not come up: %s\n", fault.c_str());
    return 1;
  }
  const ClockWatch watch{wanted.slew == "tick"};
  Found found;
  std::string last;
  for (int round = 0; round < 400 && found.samples < wanted.samples; ++round) {
    last = text_of(lab.verify(0));
    found = read_samples(lab.database(), wanted.hold);
  }
  std::printf(
      "slew=%s samples=%zu below_hold=%zu hold_ns=%lld least_ns=%lld discarded=%zu rate_ppm=%.0f..%.0f "
      "slewed=%d/%d verdict=%s\n",
      wanted.slew.c_str(), found.samples, found.shortened, static_cast<long long>(wanted.hold.count()),
      static_cast<long long>(found.least.count()), found.discarded, watch.slowest.load(),
      watch.fastest.load(), watch.slewed.load(), watch.looks.load(), last.c_str());
  for (const auto& [source, count] : found.sources)
    std::printf("  %s %zu\n", v1::StampSource_Name(static_cast<v1::StampSource>(source)).c_str(), count);
  if (found.samples < wanted.samples) {
    std::printf("FAILED: too few samples\n");
    return 1;
  }
  if (watch.failed ||
      ((wanted.slew == "tick" || wanted.slew == "running") && watch.slewed * 4 < watch.looks)) {
    std::printf("FAILED: the clock was not slewed, so this shows nothing\n");
    return 1;
  }
  if (found.shortened != 0) {
    std::printf("FAILED: %zu samples are shorter than the pongs were held\n", found.shortened);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace chiploc::faults

int main(int argc, char** argv) {
  chiploc::faults::Wanted wanted;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--samples") {
      wanted.samples = static_cast<std::size_t>(std::atoll(value.c_str()));
    } else if (name == "--hold-ms") {
      wanted.hold = std::chrono::milliseconds{std::atoll(value.c_str())};
    } else if (name == "--slew" && (value == "none" || value == "tick" || value == "running")) {
      wanted.slew = value;
    } else if (name == "--slew" && std::atoll(value.c_str()) != 0) {
      wanted.slew = value;
      wanted.ppm = std::atoll(value.c_str());
    } else if (name == "--bend") {
      return chiploc::faults::bend(value);
    } else {
      std::fprintf(stderr, "chiploc_held_pings: %s %s: not understood\n", name.c_str(), value.c_str());
      return 64;
    }
  }
  try {
    return chiploc::faults::run(wanted);
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n", error.what());
    return 1;
  }
}
