#include "server/orders/order_record.hpp"

#include <algorithm>
#include <set>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kOrderFormat = 1;
constexpr std::int64_t kLatestNs =
    9'000'000'000'000'000'000;  // the year 2255; beyond it sums of times overflow

void write_counts(const ChipCounts& counts, v1::OrderStory::Counts& out) {
  for (std::size_t i = 0; i < kChipStates; ++i) {
    const auto state = static_cast<ChipState>(i);
    if (counts.of(state) > 0) (*out.mutable_chips())[std::string{name_of(state)}] = counts.of(state);
  }
  out.set_measured(counts.measured);
}

void write_proposal(const OrderStory::Proposal& proposal, v1::OrderStory::Proposal& out) {
  out.set_state(std::string{name_of(proposal.state)});
  out.set_since_unix_ns(proposal.since.since_epoch.count());
}

/// Reads field after field; the first fault is kept, and what follows does not matter.
class OrderReader {
 public:
  explicit OrderReader(const v1::OrderStory& record) : record_{record} {}

  Result<OrderStory, std::string> read() {
    demand(record_.format() == kOrderFormat, "format", "is not known");
    story_.told = time(record_.told_unix_ns(), "told_unix_ns");
    story_.begun = time(record_.begun_unix_ns(), "begun_unix_ns");
    story_.since = time(record_.since_unix_ns(), "since_unix_ns");
    demand(story_.begun <= story_.since && story_.since <= story_.told, "since_unix_ns", "is out of order");
    story_.parties = {name(record_.buyer(), "buyer"), name(record_.end_user(), "end_user")};
    read_tally();
    read_chips(record_.accused(), story_.accused, story_.tally.all().accused(), "accused");
    const ChipCounts all = story_.tally.all();
    read_chips(record_.unanswered(), story_.unanswered,
               all.of(ChipState::kSilent) + all.of(ChipState::kUnproven), "unanswered");
    for (const ChipId& chip : story_.accused)
      demand(std::count(story_.unanswered.begin(), story_.unanswered.end(), chip) == 0, "unanswered",
             "has an accused chip");
    read_state();
    read_proposal(record_.has_buyer_watch(), record_.buyer_watch(), 0, "buyer_watch");
    read_proposal(record_.has_end_user_watch(), record_.end_user_watch(), 1, "end_user_watch");
    demand(story_.watch[0].state == WatchState::kNone || !story_.parties.buyer.empty(), "buyer_watch",
           "is of nobody");
    demand(story_.watch[1].state == WatchState::kNone ||
               (!story_.parties.end_user.empty() && story_.parties.end_user != story_.parties.buyer),
           "end_user_watch", "is of nobody");
    story_.misfits = record_.misfits();
    if (!fault_.empty()) return Fail{fault_};
    return story_;
  }

 private:
  void demand(bool holds, const std::string& field, const std::string& what) {
    if (!holds && fault_.empty()) fault_ = "order_story." + field + ": " + what;
  }
  WallTime time(std::int64_t ns, const std::string& field) {
    demand(ns >= 0 && ns <= kLatestNs, field, "is no time of ours");
    return {Nanoseconds{ns}};
  }
  std::string name(const std::string& text, const std::string& field) {
    demand(text.empty() || said_fault("name", text, kSaidNameMax).empty(), field, "is no name");
    return text;
  }
  ChipCounts counts(const v1::OrderStory::Counts& record, const std::string& field) {
    ChipCounts out;
    for (const auto& [state, chips] : record.chips()) {
      const auto known = chip_state_of(state);
      demand(known.has_value() && chips > 0 && chips <= kOrderChipsMax, field, "has no such count");
      if (known) out.in.at(static_cast<std::size_t>(*known)) = chips;
    }
    out.measured = record.measured();
    std::uint64_t total = 0;
    for (const std::uint32_t chips : out.in) total += chips;
    chips_ += total;
    demand(chips_ <= kOrderChipsMax, field, "has too many chips");
    demand(out.measured <= total && out.measured >= out.of(ChipState::kCompliant), field,
           "has too many or too few measured chips");
    return out;
  }
  void read_tally() {
    demand(record_.sites_size() <= static_cast<int>(kOrderSitesMax), "sites", "are too many");
    const std::string* before = nullptr;
    for (const v1::OrderStory::Counts& site : record_.sites()) {
      if (!fault_.empty()) return;
      demand(before == nullptr || *before < site.site(), "sites", "are not in order");
      before = &site.site();
      story_.tally.sites[name(site.site(), "sites")] = counts(site, "sites");
    }
    if (!record_.has_beyond()) return;
    demand(record_.sites_size() == static_cast<int>(kOrderSitesMax) && record_.beyond().site().empty(),
           "beyond", "is of no site");
    story_.tally.beyond = counts(record_.beyond(), "beyond");
    demand(story_.tally.beyond.total() > 0, "beyond", "counts nothing");
  }
  void read_chips(const google::protobuf::RepeatedPtrField<std::string>& ids, std::vector<ChipId>& out,
                  std::uint32_t most, const std::string& field) {
    demand(static_cast<std::size_t>(ids.size()) <= std::min<std::size_t>(kOrderChipsShown, most), field,
           "are more than there are");
    if (!fault_.empty()) return;
    for (const std::string& raw : ids) {
      const auto id = ChipId::from_bytes(bytes_of(raw));
      demand(id && std::find(out.begin(), out.end(), *id) == out.end(), field,
             "has no chip's id, or one twice");
      if (id) out.push_back(*id);
    }
  }
  void read_state() {
    const auto state = order_state_of(record_.state());
    demand(state.has_value(), "state", "is not known");
    story_.state = state.value_or(OrderState::kOpen);
    story_.cause = hold_cause_of(record_.cause());
    const bool held = story_.state == OrderState::kHold;
    demand(held ? story_.cause.has_value() : record_.cause().empty(), "cause", "does not fit the state");
    demand(record_.has_lift() == (story_.state == OrderState::kLifted), "lift", "does not fit the state");
    if (record_.has_lift()) {
      const v1::OrderStory::Lift& lift = record_.lift();
      story_.lift = OrderStory::Lift{time(lift.until_unix_ns(), "lift"), lift.accused(), lift.unanswered()};
      const ChipCounts all = story_.tally.all();
      demand(story_.lift->until > story_.told, "lift", "is over");
      demand(lift.accused() <= all.accused() &&
                 lift.unanswered() <= all.of(ChipState::kSilent) + all.of(ChipState::kUnproven),
             "lift", "covers more chips than there are");
    }
    demand(static_cast<std::size_t>(record_.overrides_size()) <= (held ? kOverridesMax : 0), "overrides",
           "are too many");
    for (const std::string& delivery : record_.overrides()) {
      demand(said_fault("delivery", delivery, kSaidNameMax).empty(), "overrides", "has no delivery's name");
      demand(story_.overrides.empty() || story_.overrides.back() < delivery, "overrides", "are not in order");
      story_.overrides.push_back(delivery);
    }
  }
  void read_proposal(bool there, const v1::OrderStory::Proposal& record, std::size_t party,
                     const std::string& field) {
    if (!there) return;
    const auto state = watch_state_of(record.state());
    demand(state && *state != WatchState::kNone, field, "is not known");
    if (!state) return;
    story_.watch.at(party) = {*state, time(record.since_unix_ns(), field)};
    demand(story_.watch.at(party).since >= story_.begun && story_.watch.at(party).since <= story_.told, field,
           "is out of order");
  }

  const v1::OrderStory& record_;
  OrderStory story_;
  std::uint64_t chips_ = 0;
  std::string fault_;
};

}  // namespace

ByteVector order_bytes(const OrderStory& story) {
  v1::OrderStory out;
  out.set_format(kOrderFormat);
  out.set_told_unix_ns(story.told.since_epoch.count());
  out.set_begun_unix_ns(story.begun.since_epoch.count());
  out.set_buyer(story.parties.buyer);
  out.set_end_user(story.parties.end_user);
  for (const auto& [site, counts] : story.tally.sites) {
    v1::OrderStory::Counts& written = *out.add_sites();
    written.set_site(site);
    write_counts(counts, written);
  }
  if (!(story.tally.beyond == ChipCounts{})) write_counts(story.tally.beyond, *out.mutable_beyond());
  for (const ChipId& chip : story.accused) out.add_accused(string_of(chip.bytes));
  for (const ChipId& chip : story.unanswered) out.add_unanswered(string_of(chip.bytes));
  out.set_state(std::string{name_of(story.state)});
  out.set_since_unix_ns(story.since.since_epoch.count());
  if (story.cause) out.set_cause(std::string{name_of(*story.cause)});
  if (story.lift) {
    out.mutable_lift()->set_until_unix_ns(story.lift->until.since_epoch.count());
    out.mutable_lift()->set_accused(story.lift->accused);
    out.mutable_lift()->set_unanswered(story.lift->unanswered);
  }
  for (const std::string& delivery : story.overrides) out.add_overrides(delivery);
  if (story.watch[0].state != WatchState::kNone) write_proposal(story.watch[0], *out.mutable_buyer_watch());
  if (story.watch[1].state != WatchState::kNone)
    write_proposal(story.watch[1], *out.mutable_end_user_watch());
  out.set_misfits(story.misfits);
  return canonical_bytes(out);
}

Result<OrderStory, std::string> order_from(Bytes bytes) {
  v1::OrderStory record;
  if (!read_canonical(bytes, kOrderStoryMax, record))
    return Fail{std::string{"order_story: not a story as this version writes it"}};
  return OrderReader{record}.read();
}

}  // namespace chiploc
