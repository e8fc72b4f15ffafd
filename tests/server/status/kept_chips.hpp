#pragma once
// Chips whose rounds end in a real store that a StatusKeeper watches. Hours are counted from the chip's first round.

#include <sqlite3.h>

#include "proto/v1/operator_service.pb.h"
#include "server/status/status_keeper.hpp"
#include "server/status/story_record.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

inline WallTime h(double hours) { return at(0) + Nanoseconds{static_cast<std::int64_t>(hours * 3.6e12)}; }

/// A verdict of the chip at an hour, good for a day; `reason` is that of an INVALID one.
inline VerdictRecord judged_at(std::uint64_t number, double hour, v1::VerdictState state,
                               std::uint64_t chip = 1, const std::string& reason = "cloned_key") {
  VerdictRecord out = verdict(number, number, chip, static_cast<std::uint32_t>(state), 0);
  out.decided = h(hour);
  out.expires = h(hour + 24);
  v1::Verdict summary;
  summary.add_reasons()->set_code(reason);
  const std::string bytes = summary.SerializeAsString();
  out.summary = {bytes.begin(), bytes.end()};
  out.bytes = out.summary;
  return out;
}

/// Its round, from intent to verdict.
inline Stored<Done> finish_round(Store& store, const VerdictRecord& verdict) {
  RoundIntent began = intent(1);
  began.round = verdict.round;
  began.chip = verdict.chip;
  began.intent = verdict.decided;
  const auto logged = store.rounds().log_intent(began);
  if (!logged) return logged;
  return store.verdicts().finish_round(verdict, std::nullopt);
}

/// A chip of the registry, without its certificate and what else nobody asks for here.
inline void register_chip(const Folder& folder, std::uint64_t chip) {
  const auto db = raw(folder);
  auto row = db->query(
      "INSERT INTO chips (chip, serial, maker, model, licence, reach, certificate) VALUES (?, 'SN', 'm', 'x', 'L', "
      "'knock', x'')");
  REQUIRE(row.bind(id<ChipId>(chip)).run());
}

inline ChipState state_of(StoreReader& store, std::uint64_t chip = 1) {
  const auto status = store.statuses().status(id<ChipId>(chip)).value();
  REQUIRE(status);
  return static_cast<ChipState>(status->state);
}
inline ChipStory story_of(StoreReader& store, std::uint64_t chip = 1) {
  const auto story = parse_story(store.statuses().status(id<ChipId>(chip)).value().value().story);
  INFO((story ? "" : story.error()));
  REQUIRE(story);
  return *story;
}

/// "0 compliant, 24 pending": the changes that are on record, oldest first.
inline std::string told(StoreReader& store, std::uint64_t chip = 1) {
  StatusChangeQuery query;
  query.chip = id<ChipId>(chip);
  auto rows = store.statuses().list_changes(query).value().rows;
  std::string out;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const double hours = static_cast<double>((row->at - h(0)).count()) / 3.6e12;
    std::string text = std::to_string(hours);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    out += (out.empty() ? "" : ", ") + text + " " + std::string{name_of(static_cast<ChipState>(row->to))};
  }
  return out;
}

/// A store with a keeper, and chip 1 whose rounds it has.
struct KeptChips {
  explicit KeptChips(StatusKeeping keeping = {}) : keeper{keeping} {
    store = folder.open();
    REQUIRE(keeper.watch(*store));
  }
  void round(double hour, v1::VerdictState state, std::uint64_t chip = 1,
             const std::string& reason = "cloned_key") {
    ++rounds;
    const auto done = finish_round(*store, judged_at(rounds, hour, state, chip, reason));
    INFO((done ? "" : done.error().text));
    REQUIRE(done);
  }
  StatusKeeper::Portion until(double hour, std::size_t limit = 500) {
    const auto portion = keeper.tell_on(*store, h(hour), limit);
    INFO((portion ? "" : portion.error().text));
    REQUIRE(portion);
    return *portion;
  }
  void happens(double hour, decltype(StatusEvent::what) what, std::uint64_t chip = 1) {
    const ChipId one = id<ChipId>(chip);
    const auto done = keeper.happened(*store, {&one, 1}, {h(hour), std::move(what)});
    INFO((done ? "" : done.error().text));
    REQUIRE(done);
  }

  Folder folder;
  StatusKeeper keeper;
  std::unique_ptr<Store> store;
  std::uint64_t rounds = 0;
};

}  // namespace chiploc::test
