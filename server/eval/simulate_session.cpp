#include "server/eval/simulate_session.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "server/anchor/borne_out.hpp"
#include "server/anchor/sample.hpp"

namespace chiploc {
namespace {

using Ns = double;  // 2^53 ns are 104 days: sums of a session's times are exact to far below a nanosecond

constexpr Ns kUs = 1e3;
constexpr Ns kMs = 1e6;

/// Between two steps of a program: short, and one time in twenty whatever a scheduler does.
Ns pause(Dice& dice, Ns usual, Ns longest) {
  return dice.chance(0.95) ? usual * dice.unit() : dice.logarithmic(kUs, longest);
}

/// Clocks of a machine, by the time in which it runs; a pause is no part of that.
class Machine {
 public:
  Machine(Dice& dice, Ns span, SessionTally& tally) {
    constexpr std::array<double, 7> kRates{-0.1, -0.083333, -0.049, -0.0005, 0.0005, 0.083333, 0.1};
    raw_rate_ = 1.0 + (dice.chance(0.3) ? (dice.chance(0.5) ? 5e-4 : -5e-4) : dice.between(-5e-4, 5e-4));
    if (dice.chance(0.4)) {
      ++tally.slews;
      const unsigned pieces = 1 + dice.below(4);
      Ns from = -kMs;
      Ns shown = 0.0;
      for (unsigned i = 0; i < pieces; ++i) {
        const double rate = 1.0 + (dice.chance(0.6) ? kRates[dice.below(7)] : dice.between(-0.1, 0.1));
        pieces_.push_back({from, shown, rate});
        const Ns next = from + span * 2.0 * dice.unit() / pieces;
        shown += (next - from) * rate;
        from = next;
      }
    } else {
      pieces_.push_back({-kMs, 0.0, 1.0});
    }
    wall_ahead_ = dice.between(-1e12, 1e12);
    if (dice.chance(0.1)) {
      ++tally.steps;
      step_at_ = span * dice.unit();
      step_ = (dice.chance(0.5) ? 1.0 : -1.0) * dice.logarithmic(1.0, dice.chance(0.5) ? 1e3 : 1e9);
    }
    if (dice.chance(0.25)) {
      ++tally.pauses;
      pause_at_ = span * dice.unit();
      pause_ = dice.logarithmic(10.0 * kUs, 2e3 * kMs);
    }
  }

  [[nodiscard]] RawTime raw(Ns at) const { return {whole(kEpoch + at * raw_rate_)}; }
  [[nodiscard]] SteadyTime steady(Ns at) const { return {whole(kEpoch + steered(at))}; }
  [[nodiscard]] WallTime wall(Ns at) const {
    return {whole(kEpoch + steered(at) + wall_ahead_ + (at >= step_at_ ? step_ : 0.0))};
  }
  /// All of them, one after the other; `at` is when it was done afterwards.
  [[nodiscard]] ClockReading read(Dice& dice, Ns& at) const {
    ClockReading out;
    const Ns gap = dice.chance(0.9) ? 30.0 : dice.logarithmic(30.0, 0.3 * kMs);
    out.raw = raw(at);
    out.steady = steady(at + gap * dice.unit());
    out.wall = wall(at + gap);
    at += gap * (1.0 + dice.unit());
    out.spread = raw(at) - out.raw;
    return out;
  }
  /// The world's time at the machine's, and back: what comes during the pause is seen at its end.
  [[nodiscard]] Ns world(Ns at) const { return at > pause_at_ ? at + pause_ : at; }
  [[nodiscard]] Ns seen(Ns at) const {
    if (at <= pause_at_) return at;
    return std::max(pause_at_ + 1e-3, at - pause_);
  }

 private:
  struct Piece {
    Ns from;
    Ns shown;
    double rate;
  };
  static constexpr Ns kEpoch = 1e13;
  static Nanoseconds whole(Ns time) { return Nanoseconds{static_cast<std::int64_t>(std::floor(time))}; }
  [[nodiscard]] Ns steered(Ns at) const {
    std::size_t i = pieces_.size() - 1;
    while (i > 0 && pieces_[i].from > at) --i;
    return raw_rate_ * (pieces_[i].shown + (at - pieces_[i].from) * pieces_[i].rate);
  }

  double raw_rate_ = 1.0;
  std::vector<Piece> pieces_;
  Ns wall_ahead_ = 0.0;
  Ns step_at_ = 1e300;
  Ns step_ = 0.0;
  Ns pause_at_ = 1e300;
  Ns pause_ = 0.0;
};

/// A card, or two, by the world's time.
class Card {
 public:
  Card(Dice& dice, Ns path, SessionTally& tally) : kind_{dice.below(8)} {
    if (kind_ > 3) return;
    ++tally.cards;
    rate_ = dice.chance(0.5) ? 0.9 : dice.between(0.9, 1.1);
    if (kind_ == 1) set_back_ = std::max(dice.logarithmic(1.0, 1e9), 1.0) + path * 0.2 + kFarEnough;
    if (kind_ >= 2) other_ahead_ = -dice.logarithmic(1.0, 1e9);
  }
  [[nodiscard]] bool there() const { return kind_ <= 3; }
  [[nodiscard]] CardStamp sent(Ns at) const { return {time(at), kind_ == 3 ? 0U : 1U}; }
  [[nodiscard]] CardStamp received(Ns at) const {
    const unsigned card = kind_ == 2 ? 2U : 1U;
    return {time(at + (other_ahead_ - set_back_) / rate_), kind_ == 3 ? 0U : card};
  }

 private:
  static constexpr Ns kFarEnough = 100.0 * kUs;
  [[nodiscard]] HardwareTime time(Ns at) const {
    return {Nanoseconds{static_cast<std::int64_t>(std::floor(4e12 + at * rate_))}};
  }
  unsigned kind_;  // 0: one, steered; 1: set back meanwhile; 2: two cards; 3: two without names
  double rate_ = 1.0;
  Ns set_back_ = 0.0;
  Ns other_ahead_ = 0.0;
};

}  // namespace

void SessionTally::add(const SessionTally& other) {
  sessions += other.sessions;
  slews += other.slews;
  steps += other.steps;
  cards += other.cards;
  pauses += other.pauses;
  short_stamps += other.short_stamps;
  short_cards += other.short_cards;
  cut += other.cut;
  unborne += other.unborne;
}

std::optional<Nanoseconds> simulate_session(Dice& dice, Nanoseconds path, SessionTally& tally) {
  ++tally.sessions;
  const auto truth = static_cast<Ns>(path.count());
  const unsigned pings = 2 + dice.below(7);
  const Ns apart =
      dice.chance(0.15) ? dice.logarithmic(kUs, 0.5 * truth + kMs) : (truth + kMs) * dice.between(0.2, 1.6);
  const Machine machine{dice, pings * apart + truth, tally};
  const Card card{dice, truth, tally};
  const bool tight = dice.chance(0.2);  // the machine loses no time, which would hide what the clocks do
  const bool transmit_stamps = dice.chance(0.85);
  const bool receive_stamps = dice.chance(0.95);

  std::vector<TimedSample> samples;
  Ns at = 0.0;
  bool short_stamps = false;
  bool short_cards = false;
  bool cut = false;
  for (unsigned i = 0; i < pings; ++i, at += apart * dice.between(0.5, 1.5)) {
    Ns now = at;
    TransmitStamps transmit{machine.read(dice, now), {}, {}};
    now += tight ? 0.0 : pause(dice, 2.0 * kUs, 2.0 * kMs);
    if (transmit_stamps) transmit.kernel = machine.wall(now);
    now += tight ? 0.0 : kUs * dice.unit();
    const Ns left = machine.world(now);
    if (card.there()) transmit.card = card.sent(left);
    // Each waits for itself; the least of some sessions is the truth to the nanosecond.
    const Ns queued = dice.chance(0.4) ? 0.0 : dice.logarithmic(10.0, 3.0 * kMs);
    const Ns came = left + truth + queued;
    ReceiveStamps receive;
    if (card.there()) receive.card = card.received(came);
    now = machine.seen(came) + (tight ? 0.0 : kUs * dice.unit());
    if (receive_stamps) receive.kernel = machine.wall(now);
    now += tight ? 0.0 : pause(dice, 5.0 * kUs, 5.0 * kMs);
    receive.after = machine.read(dice, now);

    const auto measured = measure(transmit, receive);
    if (!measured) continue;
    if (transmit.kernel && receive.kernel)
      short_stamps = short_stamps || *receive.kernel - *transmit.kernel < path;
    if (card.there()) short_cards = short_cards || receive.card->time - transmit.card->time < path;
    cut = cut || static_cast<Ns>(measured->rtt.count()) < 0.999 * truth - 100.0;
    samples.push_back({measured->rtt, transmit.before.steady.since_epoch, receive.after.steady.since_epoch});
  }
  tally.short_stamps += short_stamps ? 1U : 0U;
  tally.short_cards += short_cards ? 1U : 0U;
  tally.cut += cut ? 1U : 0U;
  const auto counted = borne_out(samples);
  if (!counted) {
    ++tally.unborne;
    return std::nullopt;
  }
  return samples[*counted].rtt;
}

}  // namespace chiploc
