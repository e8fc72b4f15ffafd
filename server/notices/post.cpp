#include "server/notices/post.hpp"

#include <algorithm>

#include "proto/base/time_text.hpp"
#include "server/cases/mute_record.hpp"
#include "server/notices/cloud_event.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kMutesLookedAt = 1'000;  ///< as many as there may be in force

/// Adds where a chip belongs, as far as that is registered.
void add_origin(NoticeFact& fact, const ChipId& id, const Registry& registry) {
  const ChipRecord* chip = registry.chip(id);
  if (chip == nullptr) return;
  fact.licence = chip->licence;
  const DeliveryRecord* delivery = registry.delivery(chip->delivery);
  if (delivery == nullptr) return;
  fact.order = delivery->order;
  fact.site = delivery->site;
}

struct FactMaker {
  const Notice& notice;
  const Registry& registry;
  NoticeFact& fact;

  void of(const CaseFacts& facts) const {
    fact.case_kind = std::string{name_of(facts.about)};  // as server/cases has it
    if (!facts.chips.empty()) add_origin(fact, facts.chips.front(), registry);
    fact.licence = facts.licence;
    if (facts.chips_count == 1 && facts.chips.size() == 1) fact.chip = facts.chips.front();
    fact.summary = facts.summary;
  }
  void of(const OrderFacts& facts) const {
    fact.order = notice.name;
    fact.licence = facts.licence;
    fact.summary = facts.summary;
  }
  template <class Facts>
  void operator()(const Facts& facts) const {
    of(facts.facts);
  }
  void operator()(const ChipStatusChanged& facts) const {
    fact.chip = ChipId::from_hex_text(notice.name);
    if (fact.chip) add_origin(fact, *fact.chip, registry);
    fact.summary = facts.why;
  }
  void operator()(const NoticeTest& /*facts*/) const {}
};

}  // namespace

std::optional<NoticeFact> fact_of(const Notice& notice, const Registry& registry) {
  const auto kind = fact_kind_of(name_of(notice.kind()));
  if (!kind) return std::nullopt;
  NoticeFact fact{*kind, notice.name, notice.at, {}};
  std::visit(FactMaker{notice, registry, fact}, notice.facts);
  return fact;
}

bool ends_what_was_told(NoticeKind kind) {
  return kind == NoticeKind::kCaseResolved || kind == NoticeKind::kOrderReleased;
}

std::string muted_text(std::uint64_t number, const MuteRule& rule) {
  std::string text = "muted by " + std::to_string(number) + " of " + rule.author + ", until " +
                     utc_text(rule.until) + ": " + rule.reason;
  return text.size() > kLogTextMax ? text.substr(0, text.find(": ")) : text;
}

Stored<OutboxNotice> NoticePost::written(const Notice& notice) const {
  const std::string refusal = refusal_of(notice);
  if (!refusal.empty()) {
    return Fail{StoreFault{
        StoreFaultCode::kInvalid,
        "a notice of kind " + std::string{name_of(notice.kind())} + " cannot be written: " + refusal}};
  }
  return OutboxNotice{id_of(notice), notice.kind(), subject_of(notice), notice.at,
                      cloud_event_text(notice, options_.source)};
}

Stored<std::vector<NoticePost::Mute>> NoticePost::mutes_in_force(Store& store, WallTime now) const {
  const auto rows = store.outbox().mutes({.in_force = now, .limit = kMutesLookedAt});
  if (!rows) return Fail{rows.error()};
  std::vector<Mute> mutes;
  for (const MuteRow& row : *rows) {
    auto rule = mute_from(row.rule);
    if (rule) {
      mutes.push_back({row.number, std::move(*rule)});
    } else if (options_.unreadable) {
      options_.unreadable(row.number, rule.error());
    }
  }
  return mutes;
}

Stored<Done> NoticePost::post(Store& store, std::span<const Notice> notices) const {
  const bool any =
      std::any_of(notices.begin(), notices.end(), [this](const Notice& one) { return told(one.kind()); });
  if (!any) return Done{};
  const WallTime now = options_.now();
  bool due = false;
  auto done = store.as_one([&]() -> Stored<Done> {
    const auto mutes = mutes_in_force(store, now);
    if (!mutes) return Fail{mutes.error()};
    const Registry::Snapshot registry = mutes->empty() ? nullptr : options_.registry();
    for (const Notice& notice : notices) {
      const auto sinks = options_.sinks_for(notice.kind());
      if (sinks.empty()) continue;
      const auto row = written(notice);
      if (!row) return Fail{row.error()};
      const auto fact =
          registry && !ends_what_was_told(notice.kind()) ? fact_of(notice, *registry) : std::nullopt;
      const auto by = std::find_if(mutes->begin(), mutes->end(),
                                   [&](const Mute& mute) { return fact && fits(mute.rule.scope, *fact); });
      if (by == mutes->end()) {
        const auto kept = store.outbox().append(*row, sinks, now);
        if (!kept) return Fail{kept.error()};
        due = due || *kept == Appended::kNew;
        continue;
      }
      const std::string text = muted_text(by->number, by->rule);
      const auto kept = store.outbox().append_muted(*row, sinks, {by->number, text}, now);
      if (!kept) return Fail{kept.error()};
      if (*kept == Appended::kNew && options_.muted) options_.muted(notice, text);
    }
    return Done{};
  });
  if (done && due && options_.written) options_.written();
  return done;
}

Stored<NoticeId> NoticePost::post_to(Store& store, const std::string& sink, const Notice& notice) const {
  const auto row = written(notice);
  if (!row) return Fail{row.error()};
  const auto kept = store.outbox().append(*row, {sink}, options_.now());
  if (!kept) return Fail{kept.error()};
  if (*kept != Appended::kNew)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "this notice was written before; try again"}};
  if (options_.written) options_.written();
  return row->id;
}

}  // namespace chiploc
