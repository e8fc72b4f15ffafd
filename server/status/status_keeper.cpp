#include "server/status/status_keeper.hpp"

#include <algorithm>
#include <utility>

#include "proto/v1/evidence.pb.h"
#include "server/status/story_check.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

std::uint32_t number_of(ChipState state) { return static_cast<std::uint32_t>(state); }

/// The code of the first reason of a summary; empty where there is none, or the bytes are no summary.
std::string first_reason_of(Bytes summary) {
  v1::Verdict verdict;
  if (!verdict.ParseFromArray(summary.data(), static_cast<int>(summary.size())) || verdict.reasons().empty())
    return {};
  return verdict.reasons(0).code();
}

VerdictKind kind_of_verdict(std::uint32_t state, Bytes summary, bool cleared_is_enough) {
  const auto known = static_cast<v1::VerdictState>(state);
  if (!v1::VerdictState_IsValid(static_cast<int>(state))) return VerdictKind::kOpen;
  return kind_of(v1::VerdictState_Name(known), known == v1::INVALID ? first_reason_of(summary) : "",
                 cleared_is_enough);
}

StoreFault damaged(const ChipId& chip, const std::string& why) {
  return {StoreFaultCode::kCorrupt,
          "the status of chip " + chip.hex() + " is damaged (" + why + "); its next verdict tells it anew"};
}

StoreFault no_story(const ChipId& chip) {
  return {
      StoreFaultCode::kNotFound,
      "chip " + chip.hex() + " has no status yet; it was imported a moment ago, ask again in some seconds"};
}

void add_to(std::vector<StatusChange>& changes, std::vector<StatusChange> more) {
  changes.insert(changes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// What is to be told of a story that was told anew, where another state was kept; its changes of before are on record.
std::vector<StatusChange> difference(const ChipStory& story, std::uint32_t before) {
  if (before == number_of(story.state) || before >= kChipStates) return {};
  StatusChange change = grounds_of(story);
  change.at = story.told;
  change.from = static_cast<ChipState>(before);
  return {std::move(change)};
}

}  // namespace

std::string text_of(const StatusKeeping& keeping) {
  const StatusRules& rules = keeping.rules;
  const auto seconds = [](Nanoseconds d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count());
  };
  return "status-2 confirmations=" + std::to_string(rules.confirmations) +
         " confirm_within_s=" + seconds(rules.confirm_within) +
         " restorations=" + std::to_string(rules.restorations) +
         " unproven_after_s=" + seconds(rules.unproven_after) +
         " silent_after_s=" + seconds(rules.silent_after) +
         " overdue_after_s=" + seconds(rules.overdue_after) +
         " lost_proof_after_s=" + seconds(rules.lost_proof_after) +
         " dispute_most_s=" + seconds(rules.dispute_most) + " absence_most_s=" + seconds(rules.absence_most) +
         " absences_a_year_s=" + seconds(rules.absences_a_year) +
         " cleared_is_enough=" + (keeping.cleared_is_enough ? "true" : "false");
}

Stored<std::string> StatusKeeper::take_rules(Store& store) const {
  std::string rules = text_of(keeping());
  const auto taken = store.statuses().take_rules(rules);
  if (!taken) return Fail{taken.error()};
  return rules;
}

Stored<Done> StatusKeeper::watch(Store& store) {
  const auto taken = take_rules(store);
  if (!taken) return Fail{taken.error()};
  store.on_verdict(
      [this](Store& inside, const VerdictCommitted& committed) { return on_verdict(inside, committed); });
  return Done{};
}

Stored<ChipStory> StatusKeeper::story_at(StatusReader& reader, const ChipId& chip, WallTime now) const {
  const auto kept = reader.status(chip);
  if (!kept) return Fail{kept.error()};
  if (!*kept) return Fail{no_story(chip)};
  auto story = parse_story((*kept)->story);
  if (!story) return Fail{damaged(chip, story.error())};
  advance(*story, now, rules());
  return std::move(*story);
}

Stored<Done> StatusKeeper::keep(Store& store, const ChipId& chip, const ChipStory* before,
                                const ChipStory& story, const std::vector<StatusChange>& changes,
                                bool from_before) const {
  if (const std::string fault = story_fault(story); !fault.empty()) {
    return Fail{StoreFault{StoreFaultCode::kInvalid, "the status of chip " + chip.hex() +
                                                         " would be one that cannot be (" + fault +
                                                         "); look at this machine's clock"}};
  }
  std::vector<StatusChangeRecord> records;
  for (const StatusChange& change : changes) {
    records.push_back(
        {chip, change.at, number_of(change.from), number_of(change.to), change.rests_on, change.why});
  }
  const auto next = outlook(story, rules());
  const auto kept = store.statuses().put({chip, number_of(story.state), story.since,
                                          next ? std::optional{next->at} : std::nullopt, story_bytes(story)},
                                         records);
  if (!kept) return kept;
  for (const StatusStep& step : steps_) {
    const auto done = step(store, {chip, before, story, changes, from_before});
    if (!done) return done;
  }
  return Done{};
}

Stored<StatusKeeper::Fold> StatusKeeper::fold(Store& store, const ChipId& chip, const VerdictId& without,
                                              WallTime now) const {
  const auto rows = store.statuses().judged(chip);
  if (!rows) return Fail{rows.error()};
  const StatusKeeping by = keeping();
  Fold out{begin_story(now), {}, rows->size()};
  bool begun = false;
  for (const JudgedRow& row : *rows) {
    if (row.id == without) continue;
    // A clock that ran ahead then counts as of today: a story is not told into the future.
    const WallTime at = std::min(row.decided, now);
    if (!std::exchange(begun, true)) out.story = begin_story(at);
    const Judged judged{row.id, kind_of_verdict(row.state, row.summary, by.cleared_is_enough), row.decided,
                        row.expires};
    add_to(out.changes, apply(out.story, {at, judged}, by.rules));
  }
  return out;
}

Stored<Done> StatusKeeper::on_verdict(Store& store, const VerdictCommitted& committed) const {
  const VerdictRecord& verdict = committed.verdict;
  const ChipId& chip = verdict.chip;
  const auto kept = store.statuses().status(chip);
  if (!kept) return Fail{kept.error()};
  auto story = *kept ? parse_story((*kept)->story) : Result<ChipStory, std::string>{Fail{std::string{}}};
  const bool unreadable = *kept && !story;
  if (!story) {
    // None yet, or one that is damaged: what was proved is told from the verdicts themselves.
    auto before = fold(store, chip, verdict.id, verdict.decided);
    if (!before) return Fail{before.error()};
    if (!*kept && !before->changes.empty()) {
      const auto told = keep(store, chip, nullptr, before->story, before->changes, true);
      if (!told) return told;
    }
    story = std::move(before->story);
  }
  const StatusKeeping by = keeping();
  const Judged judged{verdict.id, kind_of_verdict(verdict.state, verdict.summary, by.cleared_is_enough),
                      verdict.decided, verdict.expires};
  const ChipStory was = *story;
  auto changes = apply(*story, {verdict.decided, judged}, by.rules);
  if (unreadable) changes = difference(*story, (*kept)->state);
  return keep(store, chip, unreadable ? nullptr : &was, *story, changes, false);
}

Stored<Done> StatusKeeper::happened(Store& store, std::span<const ChipId> chips, const StatusEvent& event) {
  return store.as_one([&]() -> Stored<Done> {
    for (const ChipId& chip : chips) {
      const auto kept = store.statuses().status(chip);
      if (!kept) return Fail{kept.error()};
      if (!*kept) return Fail{no_story(chip)};
      auto story = parse_story((*kept)->story);
      if (!story) return Fail{damaged(chip, story.error())};
      const ChipStory was = *story;
      const auto changes = apply(*story, event, rules());
      const auto done = keep(store, chip, &was, *story, changes, false);
      if (!done) return done;
    }
    return Done{};
  });
}

Stored<StatusKeeper::Portion> StatusKeeper::begin_stories(Store& store, WallTime now, std::size_t limit) {
  const auto chips = store.statuses().without_status(std::nullopt, limit + 1);
  if (!chips) return Fail{chips.error()};
  Portion out;
  std::size_t verdicts = 0;
  for (const ChipId& chip : *chips) {
    if (out.chips >= limit || verdicts >= kFoldMost) {
      out.more = true;
      break;
    }
    const auto done = store.as_one([&]() -> Stored<Done> {
      auto told = fold(store, chip, {}, now);
      if (!told) return Fail{told.error()};
      verdicts += told->verdicts;
      add_to(told->changes, advance(told->story, now, rules()));
      out.changes += told->changes.size();
      return keep(store, chip, nullptr, told->story, told->changes, true);
    });
    if (!done) return Fail{done.error()};
    ++out.chips;
  }
  return out;
}

Stored<StatusKeeper::Portion> StatusKeeper::tell_on(Store& store, WallTime now, std::size_t limit) {
  Portion out;
  for (;;) {
    // One at a time: what follows from this change may make another chip the next one.
    const auto due = store.statuses().due(now, 1);
    if (!due) return Fail{due.error()};
    if (due->empty()) return out;
    if (out.chips >= limit) break;
    ++out.chips;
    const StatusRecord& record = due->front();
    auto story = parse_story(record.story);
    if (!story) {
      // Not in the way of the others, and not forgotten.
      ++out.unreadable;
      const auto put_off = store.statuses().put_off(record.chip, now + kPutOff);
      if (!put_off) return Fail{put_off.error()};
      continue;
    }
    const auto done = store.as_one([&]() -> Stored<Done> {
      const ChipStory was = *story;
      // Told up to then already, and due all the same: by other rules, or by a clock that was ahead.
      const WallTime to = record.due && *record.due > story->told ? *record.due : now;
      const auto changes = advance(*story, to, rules());
      out.changes += changes.size();
      return keep(store, record.chip, &was, *story, changes, false);
    });
    if (!done) return Fail{done.error()};
  }
  out.more = true;
  return out;
}

}  // namespace chiploc
