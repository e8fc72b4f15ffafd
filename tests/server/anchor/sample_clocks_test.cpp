// measure() against simulated clocks whose true time is known: it must never come out short.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "geo/path_bound.hpp"
#include "server/anchor/sample.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

/// True time in nanoseconds -> what each clock shows. Monotonic and wall share one rate, which changes at
/// breakpoints; the wall clock is set now and then.
class Clocks {
 public:
  struct Change {
    double at;
    double rate;  ///< of monotonic and wall, against the raw clock
  };
  struct Step {
    double at;
    double by;
  };
  double raw_rate = 1.0;
  double first_rate = 1.0;
  std::vector<Change> changes;  ///< by time
  std::vector<Step> steps;

  [[nodiscard]] Nanoseconds raw(double at) const { return whole(1e9 + at * raw_rate); }
  [[nodiscard]] Nanoseconds steady(double at) const { return whole(2e9 + slewed(at)); }
  [[nodiscard]] Nanoseconds wall(double at) const {
    double set = 0;
    for (const Step& step : steps) set += at >= step.at ? step.by : 0;
    return whole(5e12 + set + slewed(at));
  }
  /// A reading that begins at `at`; `gaps` are the times between its four reads. Returns when it ended.
  double read(double at, const std::array<double, 3>& gaps, ClockReading& out) const {
    out.raw = RawTime{raw(at)};
    out.steady = SteadyTime{steady(at + gaps[0])};
    out.wall = WallTime{wall(at + gaps[0] + gaps[1])};
    const double end = at + gaps[0] + gaps[1] + gaps[2];
    out.spread = raw(end) - raw(at);
    return end;
  }

 private:
  static Nanoseconds whole(double ns) { return Nanoseconds{static_cast<std::int64_t>(std::floor(ns))}; }
  [[nodiscard]] double slewed(double at) const {
    double sum = 0;
    double from = 0;
    double rate = first_rate;
    for (const Change& change : changes) {
      if (change.at >= at) break;
      sum += (change.at - from) * rate;
      from = change.at;
      rate = change.rate;
    }
    return (sum + (at - from) * rate) * raw_rate;
  }
};

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_{seed} {}
  double between(double low, double high) {
    return std::uniform_real_distribution<double>{low, high}(random_);
  }
  /// Evenly over the orders of magnitude.
  double spread_over(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }
  bool one_in(int n) { return std::uniform_int_distribution<int>{1, n}(random_) == 1; }
  /// To the very limit half of the time: faults love the corners.
  double rate(double limit) {
    const double sign = one_in(2) ? 1.0 : -1.0;
    return 1.0 + sign * (one_in(2) ? limit : between(0, limit));
  }
  std::array<double, 3> gaps() {
    std::array<double, 3> out{};
    for (double& gap : out) gap = one_in(6) ? spread_over(10, 1e6) : between(5, 60);  // preempted, or not
    return out;
  }

 private:
  std::mt19937 random_;
};

/// One exchange under clocks drawn at random; what comes of it, and the true time from transmit to receive.
struct Drawn {
  TransmitStamps transmit;
  ReceiveStamps receive;
  double trip = 0;
};

Drawn draw(Dice& dice, double slew, bool steps) {
  Drawn out;
  Clocks clocks;
  clocks.raw_rate = dice.rate(500e-6);
  clocks.first_rate = dice.rate(slew);
  const std::array<double, 3> first = dice.gaps();
  const std::array<double, 3> last = dice.gaps();
  const double lead = dice.spread_over(50, 3e6);
  const double lag = dice.spread_over(50, 3e6);
  out.trip = std::round(dice.spread_over(1e3, 3e8));
  const double start = dice.between(100, 1e6);
  const double sent = start + first[0] + first[1] + first[2] + lead;
  const double received = sent + out.trip;
  const double read = received + lag;
  const double end = read + last[0] + last[1] + last[2];

  // Changes of rate anywhere, and rather often just where a stamp or a reading is taken.
  const auto moment = [&] {
    if (dice.one_in(2)) return dice.between(0, end);
    const std::array<double, 6> near{start, start + first[0], sent, received, read, read + last[0]};
    return near[static_cast<std::size_t>(dice.between(0, 5.999))] + dice.between(-20, 20);
  };
  for (int i = static_cast<int>(dice.between(0, 5)); i > 0; --i)
    clocks.changes.push_back({moment(), dice.rate(slew)});
  std::sort(clocks.changes.begin(), clocks.changes.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  if (steps && dice.one_in(2)) {
    const double size = dice.spread_over(1, dice.one_in(2) ? 1e9 : 3e3);
    clocks.steps.push_back({moment(), dice.one_in(2) ? size : -size});
  }

  clocks.read(start, first, out.transmit.before);
  if (!dice.one_in(8)) out.transmit.kernel = WallTime{clocks.wall(sent)};
  if (!dice.one_in(16)) out.receive.kernel = WallTime{clocks.wall(received)};
  clocks.read(read, last, out.receive.after);
  return out;
}

struct Outcome {
  int taken = 0;
  int by_kernel = 0;
  int refused = 0;
  int shortened = 0;
  double worst = 0;  ///< ns
};

Outcome run(int samples, double slew, bool steps, std::uint32_t seed) {
  Dice dice{seed};
  Outcome out;
  for (int i = 0; i < samples; ++i) {
    const Drawn drawn = draw(dice, slew, steps);
    const auto sample = measure(drawn.transmit, drawn.receive);
    if (!sample) {
      ++out.refused;
      continue;
    }
    ++out.taken;
    out.by_kernel += sample->source == StampSource::kKernelBoth ? 1 : 0;
    const double proved = static_cast<double>((sample->rtt + oscillator_allowance(sample->rtt)).count());
    if (proved < drawn.trip) {
      ++out.shortened;
      out.worst = std::max(out.worst, drawn.trip - proved);
    }
    if (sample->rtt > sample->bracket) ++out.shortened;
  }
  return out;
}

TEST_CASE("measure: no slew of 10 % that begins, ends or turns anywhere in a sample ever shortens it",
          "[anchor][sample][clocks]") {
  const Outcome out = run(300'000, 0.1, false, 1);
  CAPTURE(out.worst);
  CHECK(out.shortened == 0);
  CHECK(out.refused == 0);  // a slew is no step: nothing has to be thrown away
  CHECK(out.by_kernel > 200'000);
}

TEST_CASE("measure: no step of any size within a slewed sample ever shortens it",
          "[anchor][sample][clocks]") {
  const Outcome out = run(300'000, 0.1, true, 2);
  CAPTURE(out.worst);
  CHECK(out.shortened == 0);
  CHECK(out.taken > 150'000);
  CHECK(out.refused > 10'000);
}

TEST_CASE("measure: the fastest that the kernel slews by all its means together, 22.6 %, shortens nothing",
          "[anchor][sample][clocks]") {
  const Outcome out = run(200'000, 0.226, true, 3);
  CAPTURE(out.worst);
  CHECK(out.shortened == 0);
  CHECK(out.taken > 100'000);
}

TEST_CASE("measure: on quiet clocks kernel stamps give what they say, within microseconds",
          "[anchor][sample][clocks]") {
  Dice dice{4};
  std::vector<double> lost;
  for (int i = 0; i < 20'000; ++i) {
    Clocks clocks;
    clocks.raw_rate = 1.0 + dice.between(-100e-6, 100e-6);
    clocks.first_rate = 1.0 / clocks.raw_rate;  // well disciplined
    const auto quick = [&dice] {
      return std::array<double, 3>{dice.between(20, 40), dice.between(20, 40), dice.between(20, 40)};
    };
    TransmitStamps transmit;
    ReceiveStamps receive;
    const double begun = clocks.read(500, quick(), transmit.before);
    const double sent = begun + dice.between(1e3, 6e3);
    const double received = sent + dice.between(1e5, 5e7);
    transmit.kernel = WallTime{clocks.wall(sent)};
    receive.kernel = WallTime{clocks.wall(received)};
    clocks.read(received + dice.between(3e3, 20e3), quick(), receive.after);
    const auto sample = measure(transmit, receive);
    REQUIRE(sample);
    REQUIRE(sample->source == StampSource::kKernelBoth);
    const double trip = received - sent;
    lost.push_back(static_cast<double>(sample->rtt.count()) - trip - trip * 100e-6);
  }
  std::sort(lost.begin(), lost.end());
  CHECK(lost[lost.size() / 2] < 4e3);
  CHECK(lost.back() < 8e3);  // 1.2 km
}

}  // namespace
}  // namespace chiploc
