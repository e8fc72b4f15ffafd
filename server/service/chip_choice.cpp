#include "server/service/chip_choice.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/service/few_chips.hpp"

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

/// Chips of the registry by ascending ids, each sought from where the last one stood.
class Ascending {
 public:
  explicit Ascending(const Registry& registry) : chips_{registry.chips()}, at_{chips_.begin()} {}
  /// Null: the registry has no such chip.
  const ChipRecord* chip(const ChipId& id) {
    constexpr int kSteps = 8;  // a step is a tenth of a search
    for (int step = 0; step < kSteps && is_before(id); ++step) ++at_;
    if (is_before(id)) at_ = chips_.lower_bound(id);
    return at_ != chips_.end() && at_->first == id ? at_->second.get() : nullptr;
  }

 private:
  [[nodiscard]] bool is_before(const ChipId& id) const { return at_ != chips_.end() && at_->first < id; }

  const Registry::Table<ChipId, ChipRecord>& chips_;
  Registry::Table<ChipId, ChipRecord>::const_iterator at_;
};

/// The measured chips of some states one after the other, by id; read in steps. Of a few chips: those among them.
class Briefs {
 public:
  Briefs(VerdictReader& verdicts, const std::vector<std::uint32_t>& states,
         std::optional<std::vector<ChipId>> few)
      : verdicts_{verdicts}, states_{states}, few_{std::move(few)} {}
  /// The next one; null at the end, or after a fault.
  const StandingBrief* next() {
    while (at_ == rows_.size() && !ended_) read();
    return at_ < rows_.size() ? &rows_[at_++] : nullptr;
  }
  [[nodiscard]] const std::optional<StoreFault>& fault() const { return fault_; }

 private:
  void read() {
    auto page = few_ ? look_up() : read_all();
    at_ = 0;
    if (!page) fault_ = page.error();
    rows_ = page ? std::move(*page) : std::vector<StandingBrief>{};
    ended_ = ended_ || fault_;
  }
  Stored<std::vector<StandingBrief>> read_all() {
    std::optional<ChipId> after;
    if (!rows_.empty()) after = rows_.back().chip;
    auto page = verdicts_.standing_briefs(states_, after, kBriefs);
    ended_ = page && page->size() < kBriefs;
    return page;
  }
  Stored<std::vector<StandingBrief>> look_up() {
    const auto rest = std::span<const ChipId>{*few_}.subspan(looked_up_);
    const auto these = rest.first(std::min(rest.size(), kBriefs));
    auto page = verdicts_.briefs_of(these);
    looked_up_ += these.size();
    ended_ = looked_up_ == few_->size();
    if (page && !states_.empty()) {
      std::erase_if(*page, [&](const StandingBrief& brief) {
        return std::find(states_.begin(), states_.end(), brief.state) == states_.end();
      });
    }
    return page;
  }

  VerdictReader& verdicts_;
  const std::vector<std::uint32_t>& states_;
  std::optional<std::vector<ChipId>> few_;  // ascending
  std::size_t looked_up_ = 0;
  std::vector<StandingBrief> rows_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::optional<StoreFault> fault_;
};

/// The chips among which those that fit are, where they are few.
std::optional<std::vector<ChipId>> few_of(const Registry& registry, const ChipWish& wish) {
  if (wish.only && is_few(registry, wish.only->size())) return wish.only;
  return few_chips(registry, wish.licence, wish.holder);
}

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
  } else if (wish.holder && is_few(registry, registry.chips_of_holder(*wish.holder))) {
    const std::vector<ChipId> ids = registry.holder_chips(*wish.holder);
    for (auto at = from(ids); at != ids.end(); ++at) {
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
  Briefs briefs{verdicts, wish.states, few_of(registry, wish)};
  if (wish.of_measured()) {
    Ascending chips{registry};
    while (const StandingBrief* brief = briefs.next()) {
      const ChipRecord* chip = chips.chip(brief->chip);
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
                                     if (first.size() == limit + 1) {
                                       if (*std::prev(first.end()) < at) return;
                                       first.erase(std::prev(first.end()));
                                     }
                                     first.insert(std::move(at));
                                   });
  if (!done) return Fail{done.error()};
  page.more = first.size() > limit;
  page.rows.assign(first.begin(), page.more ? std::prev(first.end()) : first.end());
  return page;
}

Stored<Done> each_standing(const Registry& registry, VerdictReader& verdicts, const ChipWish& wish,
                           const std::function<void(const StandingBrief&)>& visit) {
  Briefs briefs{verdicts, wish.states, few_of(registry, wish)};
  Ascending chips{registry};
  while (const StandingBrief* brief = briefs.next()) {
    const ChipRecord* chip = chips.chip(brief->chip);
    if (chip != nullptr && fits(wish, registry, *chip)) visit(*brief);
  }
  if (briefs.fault()) return Fail{*briefs.fault()};
  return Done{};
}

Stored<ChipsCounted> count_chips(const Registry& registry, VerdictReader& verdicts, const ChipWish& wish,
                                 WallTime now) {
  ChipsCounted out;
  const auto counted = each_standing(registry, verdicts, wish, [&](const StandingBrief& brief) {
    ++out.by_state[brief.state];
    if (brief.expires <= now) ++out.expired;
  });
  if (!counted) return Fail{counted.error()};
  return out;
}

}  // namespace chiploc
