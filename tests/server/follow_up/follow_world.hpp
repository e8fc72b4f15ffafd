#pragma once
// A real store with chips whose status, orders and cases are kept as a coordinator keeps them. Times and ids are those of
// tests/server/cases, so that a CaseBoard tells the same.

#include <sqlite3.h>

#include "proto/v1/operator_service.pb.h"
#include "server/follow_up/follow_up.hpp"
#include "server/status/story_record.hpp"
#include "tests/server/cases/case_days.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

class FollowWorld {
 public:
  struct Rules {
    StatusRules status{};
    FollowRules follow{};
  };
  FollowWorld() : FollowWorld(Rules{}) {}
  explicit FollowWorld(const Rules& rules) : rules_{rules} { reopen(); }

  FollowWorld(const FollowWorld&) = delete;
  FollowWorld& operator=(const FollowWorld&) = delete;

  /// Another policy; the process goes on.
  void put_in_force(const FollowRules& rules) { rules_.follow = rules; }
  /// Registers a chip of an order and site; "": none. Its story begins at hour 0.
  void chip(unsigned n, const std::string& order = "O-1", const std::string& site = "campus",
            const std::string& licence = "L-1") {
    put_chip(*registry, n, order, site, licence);
    const auto db = raw(folder);
    auto row = db->query(
        "INSERT OR IGNORE INTO chips (chip, serial, maker, model, licence, reach, certificate) VALUES (?, 'SN', 'm', 'x', 'L', "
        "'knock', x'')");
    REQUIRE(row.bind(case_chip(n)).run());
  }
  static void put_chip(Registry& into, unsigned n, const std::string& order, const std::string& site,
                       const std::string& licence) {
    ChipRecord chip;
    chip.id = case_chip(n);
    chip.serial = "SN-" + std::to_string(n);
    chip.licence = licence;
    if (!order.empty()) {
      OrderRecord record{order, licence, "Maker Ltd", "Buyer Ltd", "User GmbH", "", 100, {}};
      into.put(record);
      DeliveryRecord delivery{order + "/" + site, order, site, {}, 50, ""};
      chip.delivery = delivery.id;
      into.put(delivery);
    }
    into.put(std::move(chip));
  }
  void begin() {
    for (bool more = true; more;) {
      const auto begun = statuses->begin_stories(*store, hour(0), 100);
      REQUIRE(begun);
      more = begun->more;
    }
  }
  /// The process ends and another one begins.
  void reopen() {
    store.reset();
    statuses.emplace(StatusKeeping{rules_.status, false});
    follow.emplace(
        FollowUp::RulesNow{[this] { return rules_.follow; }}, *statuses, [this] { return registry; },
        [this](Store&, std::span<const Notice> told) -> Stored<Done> {
          if (fail_at > 0 && --fail_at == 0)
            return Fail{StoreFault{StoreFaultCode::kInputOutput, "as the test wants it"}};
          for (const Notice& notice : told) {
            INFO(refusal_of(notice));
            REQUIRE(refusal_of(notice).empty());
            notices.push_back(notice);
          }
          return Done{};
        });
    SqliteOptions options = folder.options();
    options.durable = false;
    auto opened = open_sqlite_store(options);
    REQUIRE(opened);
    store = std::move(*opened);
    REQUIRE(statuses->watch(*store));
    REQUIRE(follow->watch(*store));
  }
  /// A round that ends at that hour; false: it was not recorded.
  [[nodiscard]] bool try_judge(double h, unsigned n, VerdictKind kind, const std::string& reason = "") {
    VerdictRecord record = verdict_of(h, n, kind, reason);
    RoundIntent began = intent(1);
    began.round = record.round;
    began.chip = record.chip;
    began.intent = record.decided;
    REQUIRE(store->begin_batch());
    REQUIRE(store->rounds().log_intent(began));
    const auto done = store->verdicts().finish_round(record, std::nullopt);
    if (!done) {
      store->roll_back_batch();
      --verdicts;
      return false;
    }
    REQUIRE(store->commit_batch());
    return true;
  }
  void judged(double h, unsigned n, VerdictKind kind, const std::string& reason = "") {
    until(h);
    REQUIRE(try_judge(h, n, kind, reason));
  }
  VerdictRecord verdict_of(double h, unsigned n, VerdictKind kind, const std::string& reason) {
    static const std::map<VerdictKind, v1::VerdictState> kStates{
        {VerdictKind::kProof, v1::VERIFIED},        {VerdictKind::kOpen, v1::UNRESOLVED},
        {VerdictKind::kSilence, v1::SILENT},        {VerdictKind::kOutside, v1::OUTSIDE},
        {VerdictKind::kProhibited, v1::PROHIBITED}, {VerdictKind::kTampering, v1::INVALID}};
    ++verdicts;
    VerdictRecord out = verdict(verdicts, verdicts, 1, static_cast<std::uint32_t>(kStates.at(kind)), 0);
    out.id = verdict_id(verdicts);
    out.chip = case_chip(n);
    out.decided = hour(h);
    out.expires = hour(h + 24);
    v1::Verdict summary;
    if (kind == VerdictKind::kTampering) summary.add_reasons()->set_code("cloned_key");
    if (!reason.empty()) {
      if (kind == VerdictKind::kSilence) {
        summary.mutable_silence()->add_causes()->set_code(reason);
      } else {
        summary.add_reasons()->set_code(reason);
      }
    }
    const std::string bytes = summary.SerializeAsString();
    out.summary = out.bytes = {bytes.begin(), bytes.end()};
    return out;
  }
  void until(double h, std::size_t limit = 100) {
    for (bool more = true; more;) {
      const auto told = follow->tell_on(*store, hour(h), limit);
      INFO((told ? "" : told.error().text));
      REQUIRE(told);
      more = told->more;
    }
  }
  void happens(double h, unsigned n, decltype(StatusEvent::what) what) {
    until(h);
    const ChipId chip = case_chip(n);
    REQUIRE(statuses->happened(*store, {&chip, 1}, {hour(h), std::move(what)}));
  }
  /// What a person does in a case, refused or not.
  Stored<CaseDesk::Said> person(double h, const CaseRef& ref, decltype(CaseEvent::what) what) {
    until(h);
    const auto record = case_record(ref);
    if (!record) return Fail{StoreFault{StoreFaultCode::kNotFound, "no such case"}};
    return follow->case_said(*store, record->number, {hour(h), std::move(what)});
  }
  void stated(double h, unsigned n, bool whole_order = false) {
    until(h);
    UserStated stated{"import 7", "Other Ltd", "User GmbH", "an invoice"};
    if (!whole_order) stated.chip = case_chip(n);
    REQUIRE(follow->user_stated(*store, hour(h), case_chip(n), stated));
  }
  Stored<Done> order_said(double h, const std::string& order, decltype(OrderEvent::what) what) {
    until(h);
    return follow->order_said(*store, order, {hour(h), std::move(what)});
  }

  std::optional<CaseRecord> case_record(const CaseRef& ref) {
    const CaseKeyRecord key{static_cast<std::uint32_t>(ref.key.kind), ref.key.order, ref.key.licence,
                            ref.key.site};
    return store->cases().case_of_key(key, ref.number).value();
  }
  CaseStory case_of(CaseKind kind, double h, std::uint32_t number = 1, const std::string& order = "O-1",
                    const std::string& site = "campus") {
    const auto record = case_record({{kind, order, "", site}, number});
    REQUIRE(record);
    return follow->case_story(*store, *record, hour(h)).value();
  }
  OrderStory order(double h, const std::string& id = "O-1") {
    const auto story = follow->order_story(*store, id, hour(h)).value();
    REQUIRE(story);
    return *story;
  }
  ChipState state(unsigned n) {
    return static_cast<ChipState>(store->statuses().status(case_chip(n)).value().value().state);
  }
  std::vector<CaseRecord> cases() {
    CaseQuery query;
    query.newest_first = true;
    query.limit = 1'000;
    return store->cases().list_cases(query).value().rows;
  }
  /// "case.opened C-1, ..": what was told.
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const Notice& notice : notices)
      out += (out.empty() ? "" : ", ") + std::string{name_of(notice.kind())} + " " + notice.name;
    return out;
  }

  Folder folder;
  std::shared_ptr<Registry> registry = std::make_shared<Registry>();
  std::optional<StatusKeeper> statuses;
  std::optional<FollowUp> follow;
  std::unique_ptr<Store> store;
  std::vector<Notice> notices;
  unsigned fail_at = 0;  ///< so many times of telling from now on; 0: never
  unsigned verdicts = 0;

 private:
  Rules rules_;
};

}  // namespace chiploc::test
