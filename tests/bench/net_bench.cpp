// Figures of the timed path over a pair of namespaces: precision, MAC, throughput.
//     chiploc-net-bench ANCHOR_NETNS ANCHOR_ADDRESS AGENT_NETNS AGENT_ADDRESS [ICMP_TOOL RATE CPU_US]...
// Without namespaces ("-" for both files) all of it runs on one interface. Each ICMP_TOOL was run by bench.sh
// just before: exchanges a second, and processor time an exchange.
#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/bench/duel.hpp"
#include "tests/bench/figure.hpp"

namespace chiploc::bench {
namespace {

using std::chrono::milliseconds;

/// Keeps both processors busy as long as it lives.
class Load {
 public:
  Load() {
    for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()); ++i) {
      threads_.emplace_back([this] {
        while (!stop_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~Load() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

std::string us(double value) { return text("%.1f us", value); }
std::string rate(double value) { return text("%.0f /s", value); }

void precision(const DuelOptions& base) {
  DuelOptions options = base;
  options.sessions = 100;
  options.at_once = 2;
  options.ping_interval = milliseconds{2};
  options.fifo_priority = 50;
  const std::string name = "p99, busy, FIFO at both ends: kernel stamps / user clocks";
  const Load load;
  const auto result = run_duel(options);
  if (!result) return print_skipped(name, result.error());
  const double ours = percentile(result->kernel_us, 0.99);
  const double reference = percentile(result->bracket_us, 0.99);
  print_figure(name, us(ours), us(reference), ours / reference, Want::kAtMost, 0.8);
  print_plain("  median, busy, FIFO at both ends, kernel stamps", us(percentile(result->kernel_us, 0.5)));
}

void usual_scheduler(const DuelOptions& base) {
  DuelOptions options = base;
  options.sessions = 50;
  options.at_once = 2;
  options.ping_interval = milliseconds{2};
  const Load load;
  const auto result = run_duel(options);
  if (result)
    print_plain("  p99, busy, usual scheduler, kernel stamps", us(percentile(result->kernel_us, 0.99)));
}

void mac(const DuelOptions& base) {
  DuelOptions options = base;
  options.sessions = 40;
  options.ping_interval = milliseconds{1};
  std::vector<double> ours;
  std::vector<double> bare;
  for (int i = 0; i < 3; ++i) {  // in turns: what else the machine does meets both
    options.bare_echo = false;
    const auto sealed = run_duel(options);
    options.bare_echo = true;
    const auto echoed = run_duel(options);
    if (!sealed || !echoed)
      return print_skipped("round trip with MAC / bare echo", (sealed ? echoed : sealed).error());
    ours.push_back(percentile(sealed->kernel_us, 0.5));
    bare.push_back(percentile(echoed->kernel_us, 0.5));
  }
  const double a = percentile(ours, 0.5);
  const double b = percentile(bare, 0.5);
  print_figure("round trip with MAC / bare echo, median", us(a), us(b), a / b, Want::kAtMost, 1.15);
}

struct Throughput {
  double rate = 0.0;
  double cpu_us = 0.0;  ///< an exchange, both ends
  double anchor_us = 0.0;
  double agent_us = 0.0;
};
Throughput throughput_of(const DuelResult& r) {
  if (r.exchanges <= 0.0) return {};
  return {r.exchanges / r.seconds, (r.anchor_cpu_us + r.agent_cpu_us) / r.exchanges,
          r.anchor_cpu_us / r.exchanges, r.agent_cpu_us / r.exchanges};
}

/// The best of several paces: beyond what the ends can do, packets wait and are lost in the sockets. A
/// session has 64 pings at most, so at the fastest paces the first may be over before the last is open; then
/// there was no moment at which all were pinged, and the pace is tried again.
Throughput best_throughput(const DuelOptions& base, StampMode stamps) {
  Throughput best;
  for (const int interval_ms : {16, 10, 8, 7, 6, 5, 4}) {
    DuelOptions options = base;
    options.stamps = stamps;
    options.sessions = 800;
    options.at_once = 800;
    options.ping_interval = milliseconds{interval_ms};
    for (int attempt = 0; attempt < 4; ++attempt) {
      const auto result = run_duel(options);
      if (!result || result->seconds < 0.08) continue;
      const Throughput t = throughput_of(*result);
      if (t.rate > best.rate) best = t;
      break;
    }
  }
  return best;
}

void throughput(const DuelOptions& base, char** tools, int count) {
  DuelOptions apart = base;
  apart.anchor.cpu = 0;
  apart.agent.cpu = 1;
  const Throughput stamped = best_throughput(apart, StampMode::kKernel);
  const Throughput plain = best_throughput(apart, StampMode::kKernelReceive);
  Throughput asio;
  for (const std::size_t window : {16U, 64U}) {
    const auto result = run_asio_duel(apart, window);
    if (result && throughput_of(*result).rate > asio.rate) asio = throughput_of(*result);
  }
  for (int i = 0; i + 2 < count; i += 3) {
    const std::string tool = tools[i];
    const double tool_rate = std::strtod(tools[i + 1], nullptr);
    const double tool_us = std::strtod(tools[i + 2], nullptr);
    if (tool_rate <= 0.0) {
      print_skipped("against " + tool, tool + " is not installed or did not run");
      continue;
    }
    print_figure("processor time an exchange, both ends: ours / " + tool, us(plain.cpu_us), us(tool_us),
                 plain.cpu_us / tool_us, Want::kAtMost, 1.1);
    if (tool == "fping")
      print_figure("exchanges: ours / " + tool, rate(plain.rate), rate(tool_rate), plain.rate / tool_rate,
                   Want::kAtLeast, 1.8);
  }
  print_figure("exchanges: ours / Asio, one datagram a call", rate(plain.rate), rate(asio.rate),
               plain.rate / asio.rate, Want::kAtLeast, 1.3);
  print_plain("  processor time of the anchor, of the agent, an exchange",
              us(plain.anchor_us) + ", " + us(plain.agent_us));
  print_plain("  the same with transmit stamps", us(stamped.anchor_us) + ", " + us(stamped.agent_us));
  print_plain("  exchanges with transmit stamps", rate(stamped.rate));
  print_plain("  Asio: processor time of both ends", us(asio.anchor_us) + ", " + us(asio.agent_us));
}

}  // namespace
}  // namespace chiploc::bench

int main(int argc, char** argv) {
  using namespace chiploc::bench;
  if (argc < 5) {
    std::fprintf(
        stderr,
        "usage: chiploc-net-bench ANCHOR_NETNS ANCHOR_ADDRESS AGENT_NETNS AGENT_ADDRESS [TOOL RATE US]...\n");
    return 64;
  }
  const auto file = [](const char* name) {
    return std::string{name} == "-" ? std::string{} : std::string{name};
  };
  DuelOptions base;
  base.anchor = {file(argv[1]), argv[2], -1};
  base.agent = {file(argv[3]), argv[4], -1};
  precision(base);
  usual_scheduler(base);
  mac(base);
  throughput(base, argv + 5, argc - 5);
  return 0;
}
