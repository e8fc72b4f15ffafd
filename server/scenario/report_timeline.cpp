#include "server/scenario/report_timeline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "server/picture/font.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/land.hpp"
#include "server/scenario/expectation.hpp"

namespace chiploc {
namespace {

using Shape = DrawnMark::Shape;

constexpr double kTimeWidth = 1100.0, kTimeLeft = 150.0, kTimeRight = 24.0, kTimeTop = 44.0, kRow = 50.0,
                 kTimeFoot = 30.0;

struct VerdictSign {
  const char* state;
  Shape shape;
  Ink fill, edge;
};
// Each has a shape of its own as well: on paper and for the colour-blind.
constexpr std::array<VerdictSign, 8> kVerdictSigns{{
    {"VERIFIED", Shape::kDot, {0x00734f, 0x4fd1a5}, {0xffffff, 0x14181d}},
    {"CLEARED", Shape::kDot, {0xffffff, 0x14181d}, {0x00734f, 0x4fd1a5}},
    {"UNRESOLVED", Shape::kSquare, {0xffffff, 0x14181d}, {0x8a6100, 0xe6b422}},
    {"OUTSIDE", Shape::kDiamond, {0xb3261e, 0xff8a75}, {0xffffff, 0x14181d}},
    {"PROHIBITED", Shape::kTriangle, {0xb3261e, 0xff8a75}, {0xffffff, 0x14181d}},
    {"INVALID", Shape::kSquare, {0xb3261e, 0xff8a75}, {0xffffff, 0x14181d}},
    {"SILENT", Shape::kCross, {0x59636e, 0x9aa5b0}, {0x59636e, 0x9aa5b0}},
    {"NONE", Shape::kCross, {0xc6ccd2, 0x3a424b}, {0xc6ccd2, 0x3a424b}},
}};
const VerdictSign& sign_for(const std::string& state) {
  const auto* const found = std::find_if(kVerdictSigns.begin(), kVerdictSigns.end(),
                                         [&](const VerdictSign& sign) { return state == sign.state; });
  return found == kVerdictSigns.end() ? kVerdictSigns.back() : *found;
}

Ink band_ink(ChipState state) {
  switch (state) {
    case ChipState::kCompliant:
      return {0xb5e0cd, 0x22604b};
    case ChipState::kPending:
      return {0xe3e7ea, 0x2c343c};
    case ChipState::kAbsent:
      return {0xcfe3f2, 0x1f4059};
    case ChipState::kUnproven:
    case ChipState::kOverdue:
      return {0xf6dd94, 0x6b5413};
    case ChipState::kSilent:
      return {0xd9c8ea, 0x4f3a66};
    case ChipState::kDisputed:
      return {0xf0cfe2, 0x6b3a57};
    case ChipState::kDrifted:
    case ChipState::kProhibited:
    case ChipState::kTampered:
      break;
  }
  return {0xf2a59c, 0x7d2f27};
}

DrawnWords plain_words(double x, double y, std::string words, double size, const char* role,
                       DrawnWords::Align align = DrawnWords::Align::kStart, const Ink& ink = ink::kText) {
  return {{x, y}, std::move(words), ink, size, align, false, std::nullopt, role, ""};
}

DrawnPath box_path(double x, double y, double width, double height, const Ink& fill, const char* role,
                   std::string hover = "") {
  return {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}},
          true,
          fill,
          std::nullopt,
          role,
          std::move(hover)};
}

/// A step between ticks such that there are about eight, in lengths that people count in.
Nanoseconds tick_step(Nanoseconds horizon) {
  constexpr std::array<int, 14> kMinutes{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080};
  for (const int minutes : kMinutes) {
    if (horizon / std::chrono::minutes{minutes} <= 10) return std::chrono::minutes{minutes};
  }
  return std::chrono::hours{24 * 28};
}

class TimelinePainter {
 public:
  TimelinePainter(const LabFile& file, const RunOutcome& run)
      : file_{file}, run_{run}, horizon_{std::max(run.horizon, Nanoseconds{1})} {}

  Drawing paint(const std::string& title) {
    const std::vector<std::size_t> chips = shown_chips(run_);
    drawing_.width = kTimeWidth;
    drawing_.height = kTimeTop + kRow * static_cast<double>(chips.size()) + kTimeFoot;
    drawing_.title = title;
    add(plain_words(kTimeLeft, 18.0, words_within(title, 13.0, kTimeWidth - kTimeLeft), 13.0, "title"));
    ticks(kTimeTop + kRow * static_cast<double>(chips.size()));
    double top = kTimeTop;
    for (const std::size_t chip : chips) {
      row(chip, top);
      top += kRow;
    }
    return std::move(drawing_);
  }

 private:
  void add(DrawnItem item) { drawing_.below.push_back(std::move(item)); }
  [[nodiscard]] double x(Nanoseconds at) const {
    const double share = static_cast<double>(std::clamp(at, Nanoseconds{0}, horizon_).count()) /
                         static_cast<double>(horizon_.count());
    return kTimeLeft + share * (kTimeWidth - kTimeLeft - kTimeRight);
  }

  void ticks(double bottom) {
    const Nanoseconds step = tick_step(horizon_);
    for (Nanoseconds at{0}; at <= horizon_; at += step) {
      add(DrawnPath{{{{x(at), kTimeTop - 6.0}, {x(at), bottom}}},
                    false,
                    std::nullopt,
                    Stroke{ink::kRule, 0.7},
                    "tick",
                    ""});
      add(plain_words(x(at), bottom + 18.0, at == Nanoseconds{0} ? "0" : duration_text(at), 11.0, "tick",
                      DrawnWords::Align::kMiddle, ink::kFaint));
    }
  }

  void row(std::size_t index, double top) {
    const ChipOutcome& chip = run_.chips[index];
    const std::string order =
        chip.order.empty() || chip.serial.starts_with(chip.order) ? "" : " (" + chip.order + ")";
    add(plain_words(kTimeLeft - 10.0, top + 19.0, words_within(chip.serial + order, 12.0, kTimeLeft - 16.0),
                    12.0, "chip", DrawnWords::Align::kEnd));
    cheats(index, top);
    statuses(chip, top + 24.0);
    for (const ChipTurn& turn : chip.turns) {
      const VerdictSign& sign = sign_for(turn.state);
      add(DrawnMark{{x(turn.ended), top + 14.0},
                    sign.shape,
                    9.0,
                    sign.fill,
                    sign.edge,
                    turn.ok ? "round" : "round wrong",
                    turn.state + " at " + duration_text(turn.ended) + ", " + turn.behaviour +
                        (turn.ok ? "" : "; a verdict that may not be")});
      if (!turn.ok)  // said of an honest chip, or for a cheat: it has to be seen
        add(DrawnMark{{x(turn.ended), top + 14.0},
                      Shape::kDot,
                      15.0,
                      Ink{0xffffff, 0x000000, 0.0},
                      ink::kBad,
                      "wrong",
                      ""});
    }
    moment(chip.detected, "flagged", top);
    moment(chip.alarmed, "alarm", top + 14.0);
  }

  void cheats(std::size_t index, double top) {
    for (const auto& [from, until] : cheating_spans(file_, index, horizon_)) {
      const double left = x(from), right = x(until);
      add(box_path(left, top + 4.0, right - left, 20.0, Ink{0xa8407f, 0xe69bc8, 0.10}, "cheat",
                   "cheats from " + duration_text(from) + " to " + duration_text(until)));
      const DrawnLine outline{{left, top + 4.0}, {right, top + 4.0}, {right, top + 24.0}, {left, top + 24.0}};
      add(DrawnPath{hatching({outline}, {left, top + 4.0, right - left, 20.0}, 8.0), false, std::nullopt,
                    Stroke{Ink{0xa8407f, 0xe69bc8, 0.45}, 0.7}, "hatch", ""});
    }
  }

  void statuses(const ChipOutcome& chip, double top) {
    for (std::size_t i = 0; i < chip.status.size(); ++i) {
      const Nanoseconds from = chip.status[i].at;
      const Nanoseconds until = i + 1 < chip.status.size() ? chip.status[i + 1].at : horizon_;
      if (until <= from || from >= horizon_) continue;
      const double left = x(from), width = x(until) - left;
      const std::string name{name_of(chip.status[i].state)};
      add(box_path(left, top, width, 14.0, band_ink(chip.status[i].state), "status",
                   name + " from " + duration_text(from) + " to " + duration_text(until)));
      if (width_of(name, 10.0) + 6.0 <= width) add(plain_words(left + 3.0, top + 10.5, name, 10.0, "status"));
    }
  }

  void moment(const std::optional<Nanoseconds>& at, const std::string& what, double top) {
    if (!at || *at > horizon_) return;
    add(DrawnPath{
        {{{x(*at), kTimeTop > top ? kTimeTop : top}, {x(*at), top + (what == "alarm" ? 26.0 : 38.0)}}},
        false,
        std::nullopt,
        Stroke{ink::kBad, 1.6},
        what,
        what + " at " + duration_text(*at)});
    const std::string said = what + " " + duration_text(*at);
    const bool left = x(*at) + 6.0 + width_of(said, 10.0) > kTimeWidth - kTimeRight;
    add(DrawnWords{{x(*at) + (left ? -4.0 : 4.0), top + (what == "alarm" ? 33.0 : 6.0)},
                   said,
                   ink::kBad,
                   10.0,
                   left ? DrawnWords::Align::kEnd : DrawnWords::Align::kStart,
                   false,
                   ink::kHalo,
                   what,
                   ""});
  }

  const LabFile& file_;
  const RunOutcome& run_;
  Nanoseconds horizon_;
  Drawing drawing_;
};

}  // namespace

std::vector<std::size_t> shown_chips(const RunOutcome& run) {
  std::vector<std::size_t> out(run.chips.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (out.size() <= kTimelineChips) return out;
  std::stable_partition(out.begin(), out.end(),
                        [&](std::size_t i) { return run.chips[i].cheats_from.has_value(); });
  out.resize(kTimelineChips);
  std::sort(out.begin(), out.end());
  return out;
}

Drawing draw_timeline(const LabFile& file, const RunOutcome& run, const std::string& title) {
  return TimelinePainter{file, run}.paint(title);
}

Drawing draw_timeline_legend() {
  Drawing drawing;
  drawing.width = kTimeWidth;
  drawing.height = 72.0;
  drawing.title = "Signs of the timelines";
  double right = 16.0;
  for (const VerdictSign& sign : kVerdictSigns) {
    const std::string words = std::string{sign.state} == "NONE" ? "no verdict" : sign.state;
    drawing.below.emplace_back(DrawnMark{{right, 16.0}, sign.shape, 9.0, sign.fill, sign.edge, "legend", ""});
    drawing.below.emplace_back(plain_words(right + 10.0, 20.0, words, 12.0, "legend"));
    right += width_of(words, 12.0) + 34.0;
  }
  right = 10.0;
  for (std::size_t i = 0; i < kChipStates; ++i) {
    const auto state = static_cast<ChipState>(i);
    const std::string words{name_of(state)};
    const double wide = width_of(words, 11.0) + 12.0;
    drawing.below.emplace_back(box_path(right, 34.0, wide, 16.0, band_ink(state), "legend"));
    drawing.below.emplace_back(plain_words(right + 6.0, 46.0, words, 11.0, "legend"));
    right += wide + 8.0;
  }
  drawing.below.emplace_back(
      plain_words(10.0, 66.0,
                  "Hatched: the chip cheats. A ring about a sign: a verdict that may not be. A "
                  "line: when a round flagged the cheat, and when its status called somebody.",
                  11.0, "legend"));
  return drawing;
}

}  // namespace chiploc
