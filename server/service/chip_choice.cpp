#include "server/service/chip_choice.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/bytes.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kBriefs = 10'000;

/// Eight bytes that sort as the number does.
std::string sortable(std::uint64_t number) {
  ByteArray<8> raw{};
  ByteWriter{raw}.u64(number);
  return string_of(raw);
}

/// What an order sorts by. Chips without a verdict stand behind all others.
std::string key_of(v1::ChipOrder order, const ChipRecord& chip, const StandingBrief* brief) {
  const auto nanoseconds = [](WallTime time) { return static_cast<std::uint64_t>(time.since_epoch.count()); };
  const std::string last(9, '\xFF');
  switch (order) {
    case v1::BY_SERIAL:
      return chip.serial;
    case v1::BY_LICENCE:
      return chip.licence;
    case v1::BY_DECIDED:
      return brief == nullptr ? last : sortable(~nanoseconds(brief->decided));
    case v1::BY_EXPIRES:
      return brief == nullptr ? last : sortable(nanoseconds(brief->expires));
    default:
      return {};
  }
}

bool fits(const ChipWish& wish, const Registry& registry, const ChipRecord& chip) {
  if (wish.licence != nullptr && chip.licence != wish.licence->id) return false;
  if (wish.only && !std::binary_search(wish.only->begin(), wish.only->end(), chip.id)) return false;
  if (!wish.holder) return true;
  const LicenceRecord* licence = registry.licence(chip.licence);
  return licence != nullptr && licence->holder == *wish.holder;
}

bool fits(const ChipWish& wish, const StandingBrief& brief) {
  return (!wish.since || brief.decided >= *wish.since) && (!wish.until || brief.decided < *wish.until) &&
         (!wish.expired_by || brief.expires <= *wish.expired_by);
}

/// The measured chips of some states one after the other, by id; read in steps.
class Briefs {
 public:
  Briefs(VerdictReader& verdicts, const std::vector<std::uint32_t>& states)
      : verdicts_{verdicts}, states_{states} {}
  /// The next one; null at the end, or after a fault.
  const StandingBrief* next() {
    if (at_ == rows_.size() && !ended_) read();
    return at_ < rows_.size() ? &rows_[at_++] : nullptr;
  }
  [[nodiscard]] const std::optional<StoreFault>& fault() const { return fault_; }

 private:
  void read() {
    std::optional<ChipId> after;
    if (!rows_.empty()) after = rows_.back().chip;
    at_ = 0;
    auto page = verdicts_.standing_briefs(states_, after, kBriefs);
    if (!page) fault_ = page.error();
    rows_ = page ? std::move(*page) : std::vector<StandingBrief>{};
    ended_ = rows_.size() < kBriefs;
  }
  VerdictReader& verdicts_;
  const std::vector<std::uint32_t>& states_;
  std::vector<StandingBrief> rows_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::optional<StoreFault> fault_;
};

/// Calls `visit` with the chips among which those that fit are, behind `after`, by id; until it returns false.
template <class Visit>
void each_candidate(const Registry& registry, const ChipWish& wish, const std::optional<ChipId>& after,
                    const Visit& visit) {
  const auto from = [&](const auto& ids) {
    return after ? std::upper_bound(ids.begin(), ids.end(), *after) : ids.begin();
  };
  if (wish.only) {
    for (auto at = from(*wish.only); at != wish.only->end(); ++at) {
      const ChipRecord* chip = registry.chip(*at);
      if (chip != nullptr && !visit(*chip)) return;
    }
  } else if (wish.licence != nullptr) {
    const Registry::ChipIds& ids = registry.licence_chips(wish.licence->id);
    for (auto at = after ? ids.upper_bound(*after) : ids.begin(); at != ids.end(); ++at) {
      if (!visit(*registry.chip(*at))) return;
    }
  } else {
    const auto& chips = registry.chips();
    for (auto at = after ? chips.upper_bound(*after) : chips.begin(); at != chips.end(); ++at) {
      if (!visit(*at->second)) return;
    }
  }
}

/// Every chip that fits, by id, with its brief where the wish or the order asks for one.
using Visit = std::function<void(const ChipRecord&, const StandingBrief*)>;
Stored<Done> each_that_fits(const Registry& registry, VerdictReader& verdicts, const ChipWish& wish,
                            bool with_briefs, const Visit& visit) {
  Briefs briefs{verdicts, wish.states};
  if (wish.of_measured()) {
    while (const StandingBrief* brief = briefs.next()) {
      const ChipRecord* chip = registry.chip(brief->chip);
      if (chip != nullptr && fits(wish, *brief) && fits(wish, registry, *chip)) visit(*chip, brief);
    }
  } else {
    const StandingBrief* brief = with_briefs ? briefs.next() : nullptr;
    each_candidate(registry, wish, std::nullopt, [&](const ChipRecord& chip) {
      while (brief != nullptr && brief->chip < chip.id) brief = briefs.next();
      if (fits(wish, registry, chip))
        visit(chip, brief != nullptr && brief->chip == chip.id ? brief : nullptr);
      return true;
    });
  }
  if (briefs.fault()) return Fail{*briefs.fault()};
  return Done{};
}

/// By id without a look at verdicts: from where the page begins to where it ends.
ChipPage next_by_id(const Registry& registry, const ChipWish& wish, const std::optional<ChipCursor>& after,
                    std::size_t limit) {
  ChipPage page;
  each_candidate(registry, wish, after ? std::optional{after->id} : std::nullopt,
                 [&](const ChipRecord& chip) {
                   if (!fits(wish, registry, chip)) return true;
                   page.more = page.rows.size() == limit;
                   if (!page.more) page.rows.push_back({chip.id});
                   return !page.more;
                 });
  return page;
}

}  // namespace

Stored<ChipPage> choose_chips(const Registry& registry, VerdictReader& verdicts, const ChipWish& wish,
                              const std::optional<ChipCursor>& after, std::size_t limit) {
  const bool by_id = wish.order == v1::CHIP_ORDER_UNSPECIFIED;
  if (by_id && !wish.count && !wish.of_measured()) return next_by_id(registry, wish, after, limit);
  const bool by_time = wish.order == v1::BY_DECIDED || wish.order == v1::BY_EXPIRES;
  ChipPage page;
  std::set<ChipCursor> first;  // of those behind `after`: a page and one more
  const auto done = each_that_fits(registry, verdicts, wish, by_time,
                                   [&](const ChipRecord& chip, const StandingBrief* brief) {
                                     ++page.total;
                                     ChipCursor at{chip.id, key_of(wish.order, chip, brief)};
                                     if (after && at <= *after) return;
                                     first.insert(std::move(at));
                                     if (first.size() > limit + 1) first.erase(std::prev(first.end()));
                                   });
  if (!done) return Fail{done.error()};
  page.more = first.size() > limit;
  page.rows.assign(first.begin(), page.more ? std::prev(first.end()) : first.end());
  return page;
}

Stored<Done> each_standing(VerdictReader& verdicts, const std::function<void(const StandingBrief&)>& visit) {
  const std::vector<std::uint32_t> any;
  Briefs briefs{verdicts, any};
  while (const StandingBrief* brief = briefs.next()) visit(*brief);
  if (briefs.fault()) return Fail{*briefs.fault()};
  return Done{};
}

Stored<ChipsCounted> count_chips(const Registry& registry, VerdictReader& verdicts, const ChipWish& wish,
                                 WallTime now) {
  ChipsCounted out;
  Briefs briefs{verdicts, wish.states};
  while (const StandingBrief* brief = briefs.next()) {
    const ChipRecord* chip = registry.chip(brief->chip);
    if (chip == nullptr || !fits(wish, registry, *chip)) continue;
    ++out.by_state[brief->state];
    if (brief->expires <= now) ++out.expired;
  }
  if (briefs.fault()) return Fail{*briefs.fault()};
  return out;
}

}  // namespace chiploc
