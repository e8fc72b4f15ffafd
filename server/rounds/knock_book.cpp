#include "server/rounds/knock_book.hpp"

#include <algorithm>
#include <limits>

namespace chiploc {
namespace {

std::string seconds(Nanoseconds d) {
  return std::to_string((d + std::chrono::milliseconds{500}) / std::chrono::seconds{1}) + " s";
}

}  // namespace

KnockRhythm KnockBook::heard(const ChipId& chip, std::uint32_t knocks, SteadyTime when, WallTime wall) {
  const auto [found, is_new] = chips_.try_emplace(chip, Entry{when, wall});
  Entry& entry = found->second;
  if (!is_new && when > entry.last) {
    const Nanoseconds gap = (when - entry.last) / std::max(knocks, 1U);
    entry.gaps_ms[entry.next] = static_cast<std::uint32_t>(std::min<std::int64_t>(
        gap / std::chrono::milliseconds{1}, std::numeric_limits<std::uint32_t>::max()));
    entry.next = static_cast<std::uint8_t>((entry.next + 1U) % kGaps);
    entry.count = static_cast<std::uint8_t>(std::min<std::size_t>(entry.count + 1U, kGaps));
    entry.last = when;
    entry.last_wall = wall;
  }
  return rhythm_of(entry);
}

std::optional<KnockRhythm> KnockBook::of(const ChipId& chip) const {
  const auto found = chips_.find(chip);
  if (found == chips_.end()) return std::nullopt;
  return rhythm_of(found->second);
}

KnockRhythm KnockBook::rhythm_of(const Entry& entry) {
  KnockRhythm out{.last = entry.last_wall};
  if (entry.count < kGapsNeeded) return out;
  auto gaps = entry.gaps_ms;
  std::sort(gaps.begin(), gaps.begin() + entry.count);
  out.every = std::chrono::milliseconds{gaps[entry.count / 2U]};
  out.longest = std::chrono::milliseconds{gaps[entry.count - 1U]};
  return out;
}

Nanoseconds knock_wait_for(const std::optional<KnockRhythm>& rhythm, const RoundOptions& options) {
  if (!rhythm || rhythm->longest == Nanoseconds{0}) return options.knock_wait;
  const Nanoseconds learnt = 2 * rhythm->longest + std::chrono::seconds{1};
  return std::min(options.knock_wait, std::max(usual_knock_wait(options), learnt));
}

std::string knock_note(const std::optional<KnockRhythm>& rhythm, Nanoseconds wait, WallTime now) {
  if (!rhythm)
    return "no knock of it has come since chiplocd started; if none comes now, the verdict says what to look "
           "at";
  const std::string last =
      "; the last came " + seconds(std::max(now - rhythm->last, Nanoseconds{0})) + " ago";
  if (rhythm->every == Nanoseconds{0}) return "how often it knocks is not known yet" + last;
  const std::string often = "it knocks about every " + seconds(rhythm->every) + last;
  if (rhythm->every <= wait) return often;
  return often +
         ": rarer than the round waits. Lower mean_interval_ms of [knock] in its agent.toml, or raise "
         "knock_wait_ms of [policy] in chiplocd.toml";
}

}  // namespace chiploc
