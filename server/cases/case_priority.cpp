#include "server/cases/case_priority.hpp"

#include <algorithm>
#include <bit>

namespace chiploc {
namespace {

constexpr unsigned kChipsMost = 20, kShareMost = 15, kWatchPoints = 10, kTransshipmentPoints = 5,
                   kPriorMost = 5;

unsigned kind_points(const CaseStory& story) {
  switch (story.ref.key.kind) {
    case CaseKind::kElsewhere:
      return story.prohibited ? 40 : 30;
    case CaseKind::kTampering:
      return 35;
    case CaseKind::kAnotherUser:
      return 30;
    case CaseKind::kSpoofing:
    case CaseKind::kMisleading:
      return 20;
    case CaseKind::kBlocking:
      return 15;
    case CaseKind::kUnproven:
      break;
  }
  return 5;
}

unsigned chip_points(std::uint32_t chips) {
  return std::min(kChipsMost, 2 * static_cast<unsigned>(std::bit_width(chips)));
}

/// More chips than the order is known to have are all of them.
unsigned share_points(std::uint64_t chips, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<unsigned>(kShareMost * std::min(chips, all) / all);
}

unsigned age_points(Nanoseconds age) {
  return age < kAgePointAfter
             ? 0
             : static_cast<unsigned>(std::min<std::int64_t>(kAgePointsMost, age / kAgePointAfter));
}

std::string counted(std::uint64_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace

Priority priority_of(const CaseStory& story, WallTime now) {
  Priority out;
  if (story.state == CaseState::kResolved) return out;
  const auto add = [&out](unsigned points, std::string text) {
    if (points == 0) return;
    out.points += points;
    out.reasons.push_back({points, std::move(text)});
  };
  const CaseWeights& weights = story.weights;
  add(kind_points(story), story.prohibited && story.ref.key.kind == CaseKind::kElsewhere
                              ? "Chips were proved in prohibited territory."
                              : std::string{heading_of(story.ref.key.kind)} + ".");
  add(chip_points(story.standing), counted(story.standing, "chip stands", "chips stand") + " in it.");
  add(share_points(story.standing, weights.order_chips),
      "They are " + counted(story.standing, "chip", "chips") + " of " + std::to_string(weights.order_chips) +
          ".");
  if (!weights.watch_listed.empty()) add(kWatchPoints, weights.watch_listed + " is on the watch list.");
  if (!weights.transshipment.empty())
    add(kTransshipmentPoints, "A country of transshipment: " + weights.transshipment + ".");
  add(std::min(kPriorMost, 2 * std::min(weights.prior_cases, kPriorMost)),
      counted(weights.prior_cases, "case", "cases") + " of the order " +
          (weights.prior_cases == 1 ? "was" : "were") + " confirmed before.");
  const Nanoseconds age = now - story.opened;
  add(age_points(age),
      "It has been open for " +
          counted(static_cast<std::uint64_t>(std::max<std::int64_t>(0, age / kAgePointAfter)), "week",
                  "weeks") +
          ".");
  std::stable_sort(out.reasons.begin(), out.reasons.end(),
                   [](const PriorityReason& a, const PriorityReason& b) { return a.points > b.points; });
  return out;
}

}  // namespace chiploc
