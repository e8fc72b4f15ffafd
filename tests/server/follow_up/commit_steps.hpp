#pragma once
// Everything that chiplocd commits, step by step: an import, rounds, verdicts with all that follows, what persons do, notices
// on their way, what time changes, what is old. A test breaks each step off and looks at what is there.

#include <functional>

#include "proto/v1/operator_service.pb.h"
#include "server/cases/mute_record.hpp"
#include "server/follow_up/follow_up.hpp"
#include "server/notices/post.hpp"
#include "tests/server/registry/order_world.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {

inline WallTime commit_hour(int h) { return at(std::int64_t{3'600} * h); }

/// A coordinator's store with whoever follows it, as one process has them.
struct CommitSide {
  explicit CommitSide(const Folder& folder, bool durable = false)
      : post{{.source = id<CoordinatorId>(5),
              .sinks_for = [](NoticeKind) { return std::vector<std::string>{"siem"}; },
              .registry = [this] { return registry; },
              .now = [this] { return now; }}},
        statuses{{}},
        follow{rules(), statuses, [this] { return registry; },
               [this](Store& inside, std::span<const Notice> told) { return post.post(inside, told); }} {
    SqliteOptions options = folder.options();
    options.durable = durable;  // a killed process loses nothing that the system has
    auto opened = open_sqlite_store(options);
    if (!opened || !statuses.watch(**opened) || !follow.watch(**opened)) return;
    auto loaded = (*opened)->registry().load_registry();
    if (!loaded) return;
    registry = std::move(*loaded);
    store = std::move(*opened);
  }
  static FollowRules rules() {
    FollowRules out;
    out.orders.hold_least = 1;
    return out;
  }
  Registry::Snapshot registry;
  WallTime now{};
  NoticePost post;
  StatusKeeper statuses;
  FollowUp follow;
  std::unique_ptr<Store> store;  ///< null: it could not be opened
};

/// One unit of work. False: it was refused, and may be tried again.
struct CommitStep {
  std::string name;
  std::function<bool(CommitSide&)> work;
  bool in_parts = false;  ///< several transactions, each of them whole
};

// ---- what they are made of

inline VerdictRecord committed_verdict(unsigned number, std::uint8_t chip, int h, v1::VerdictState state,
                                       const std::string& reason) {
  VerdictRecord out = verdict(number, number, 1, static_cast<std::uint32_t>(state), 0);
  out.chip = chip_id(chip);
  out.decided = commit_hour(h);
  out.expires = commit_hour(h + 24);
  v1::Verdict summary;
  if (!reason.empty()) summary.add_reasons()->set_code(reason);
  const std::string bytes = summary.SerializeAsString();
  out.summary = out.bytes = {bytes.begin(), bytes.end()};
  return out;
}
inline RoundIntent committed_intent(unsigned number, std::uint8_t chip, int h) {
  RoundIntent out = intent(number);
  out.chip = chip_id(chip);
  out.intent = commit_hour(h);
  out.context = blob("context " + std::to_string(number));
  out.areas = {{sha256(bytes_of("{}")), "{}"}};
  out.calibration = KeptCalibration{sha256(bytes_of("calibration")), blob("calibration")};
  return out;
}
/// A round and its verdict in one batch, as the store's thread commits them.
inline bool commit_verdict(CommitSide& side, unsigned number, std::uint8_t chip, int h,
                           v1::VerdictState state = v1::OUTSIDE, const std::string& reason = {}) {
  side.now = commit_hour(h);
  Store& store = *side.store;
  if (!store.begin_batch()) return false;
  if (!store.rounds().log_intent(committed_intent(number, chip, h)) ||
      !store.verdicts().finish_round(committed_verdict(number, chip, h, state, reason), std::nullopt)) {
    store.roll_back_batch();
    return false;
  }
  return store.commit_batch().has_value();
}
/// The first that is due has been tried.
inline bool settle_first(CommitSide& side, DeliveryState state, int h) {
  const auto due = side.store->outbox().due("siem", commit_hour(10'000), 1);
  if (!due || due->empty()) return false;
  Settled out;
  out.delivery = due->front().delivery;
  ++out.delivery.attempts;
  out.delivery.state = state;
  out.delivery.next = commit_hour(h);
  out.entry.at = commit_hour(h);
  out.entry.number = out.delivery.number;
  out.entry.notice = out.delivery.notice;
  out.entry.sink = "siem";
  out.entry.attempt = out.delivery.attempts;
  out.entry.state = state;
  return side.store->outbox().settle(out, commit_hour(h)).has_value();
}

// ---- the steps

inline void add_import_and_round(const ImportPlan& plan, std::vector<CommitStep>& steps) {
  // First: from here on each step has its entries of the log in its own transaction.
  steps.push_back({"the log begins", [](CommitSide& side) {
                     return side.store->leaves().begin_log(id<Digest>(77), commit_hour(0)).has_value();
                   }});
  steps.push_back({"an import", [&plan](CommitSide& side) {
                     side.now = commit_hour(0);
                     const ImportStamp stamp{"ada", commit_hour(0)};
                     const auto saved = side.store->as_one([&]() -> Stored<Done> {
                       const auto kept = side.store->registry().save_import(plan, stamp);
                       return kept ? side.follow.imported(*side.store, plan, stamp) : kept;
                     });
                     if (saved) side.registry = plan.registry;
                     return saved.has_value();
                   }});
  steps.push_back({"the chips' stories begin",
                   [](CommitSide& side) {
                     return side.statuses.begin_stories(*side.store, commit_hour(0), 100).has_value();
                   },
                   true});
  const RoundId round = id<RoundId>(1);
  const auto add = [&steps](const char* name, auto work) {
    steps.push_back({name, [work](CommitSide& side) { return work(*side.store).has_value(); }});
  };
  add("an intent", [](Store& s) { return s.rounds().log_intent(committed_intent(1, 1, 1)); });
  add("tickets", [round](Store& s) {
    const std::vector<ByteVector> tickets{ByteVector(220, 1), ByteVector(220, 2)};
    return s.rounds().append_tickets(round, tickets);
  });
  add("a report", [round](Store& s) {
    return s.rounds().append_report(round, {id<AnchorId>(11), 1}, blob("report"), commit_hour(1));
  });
  add("a statement", [round](Store& s) {
    return s.rounds().append_statement(round, {id<AnchorId>(11), 2}, blob("said"), commit_hour(1));
  });
  add("a close order", [round](Store& s) { return s.rounds().append_close_order(round, blob("close")); });
  add("its verdict", [](Store& s) {
    return s.verdicts().finish_round(committed_verdict(1, 1, 1, v1::OUTSIDE, ""),
                                     ChipCounters{3, 41, {7}, id<Digest>(77)});
  });
  for (const int h : {1, 50}) {
    add("a knock", [h](Store& s) {
      return s.mesh().append_knock(
          {chip_id(2), id<AnchorId>(11), commit_hour(h), blob("knock"), commit_hour(h), {}},
          static_cast<std::uint64_t>(100 + h));
    });
    add("a window of the mesh", [h](Store& s) {
      MeshRecord mesh{{id<AnchorId>(11), static_cast<std::uint64_t>(h)}, commit_hour(h), {}, blob("mesh")};
      mesh.received = commit_hour(h);
      mesh.pairs.push_back({id<AnchorId>(12), 3, 3, Nanoseconds{900}, Nanoseconds{1'000}, {}});
      return s.mesh().append_mesh(mesh);
    });
  }
}

inline void add_verdicts_and_mutes(std::vector<CommitStep>& steps) {
  steps.push_back({"a verdict that opens a case and holds an order",
                   [](CommitSide& side) { return commit_verdict(side, 2, 1, 2); }});
  steps.push_back({"an intent that nothing comes of", [](CommitSide& side) {
                     return side.store->rounds().log_intent(committed_intent(3, 1, 3)).has_value();
                   }});
  steps.push_back({"that round is abandoned", [](CommitSide& side) {
                     return side.store->rounds()
                         .abandon_round(id<RoundId>(3), "chiplocd stopped", commit_hour(3))
                         .has_value();
                   }});
  steps.push_back({"a mute", [](CommitSide& side) {
                     MuteScope scope;
                     scope.order = "O-1";
                     const MuteRule rule{scope, "they know", "ada", commit_hour(3), commit_hour(300)};
                     return side.store->outbox()
                         .add_mute({.rule = mute_bytes(rule), .from = rule.from, .ends = rule.until})
                         .has_value();
                   }});
  steps.push_back({"a verdict under it", [](CommitSide& side) { return commit_verdict(side, 4, 2, 4); }});
  steps.push_back({"another one, whose notices are kept back",
                   [](CommitSide& side) { return commit_verdict(side, 5, 2, 5); }});
  steps.push_back({"the mute is ended", [](CommitSide& side) {
                     return side.store->outbox().end_mute(1, "ada", commit_hour(5)).has_value();
                   }});
  for (const unsigned number : {6U, 7U})
    steps.push_back({"a verdict that is a sign of an attempt", [number](CommitSide& side) {
                       return commit_verdict(side, number, 3, static_cast<int>(number), v1::INVALID,
                                             "statement_signature");
                     }});
  steps.push_back(
      {"a notice is sent", [](CommitSide& side) { return settle_first(side, DeliveryState::kSent, 8); }});
  steps.push_back(
      {"another is given up", [](CommitSide& side) { return settle_first(side, DeliveryState::kDead, 8); }});
  steps.push_back(
      {"and sent again", [](CommitSide& side) {
         const auto dead = side.store->outbox().dead_letters({.limit = 1});
         if (!dead || dead->empty()) return false;
         return side.store->outbox().resend(dead->front().delivery.number, commit_hour(8)).has_value();
       }});
  for (const bool off : {true, false})
    steps.push_back({"a sink is switched", [off](CommitSide& side) {
                       const auto why = off ? std::optional<std::string>{"gone"} : std::nullopt;
                       return side.store->outbox().switch_sink("siem", why, commit_hour(8)).has_value();
                     }});
}

inline void add_persons(std::vector<CommitStep>& steps) {
  const auto said = [&steps](const char* name, int h, decltype(CaseEvent::what) what) {
    steps.push_back({name, [h, what](CommitSide& side) {
                       side.now = commit_hour(h);
                       return side.follow.case_said(*side.store, 1, {commit_hour(h), what}).has_value();
                     }});
  };
  steps.push_back({"a hold is lifted", [](CommitSide& side) {
                     side.now = commit_hour(9);
                     const HoldLifted lifted{"they were seen", "ann", commit_hour(100)};
                     return side.follow.order_said(*side.store, "O-1", {commit_hour(9), lifted}).has_value();
                   }});
  said("a case is disputed", 10, CaseDisputed{"op", "they never left"});
  said("the dispute is decided", 11, DisputeDecided{"aud", "the anchors are sound"});
  said("the case is resolved", 12, CaseResolved{"aud", "a wrong anchor", CaseEnd::kMistaken});
  steps.push_back(
      {"another user is stated", [](CommitSide& side) {
         side.now = commit_hour(13);
         UserStated stated{"ann", "Other Ltd", "User AG", "an invoice"};
         stated.chip = chip_id(3);
         return side.follow.user_stated(*side.store, commit_hour(13), chip_id(3), stated).has_value();
       }});
  steps.push_back({"an absence is declared", [](CommitSide& side) {
                     side.now = commit_hour(14);
                     AbsenceRecord absence;
                     absence.chip = chip_id(2);
                     absence.from = absence.declared = commit_hour(14);
                     absence.until = commit_hour(20);
                     absence.kind = 1;
                     absence.reason = "on the way";
                     absence.by = {"op"};
                     return side.store
                         ->as_one([&]() -> Stored<Done> {
                           const auto told = side.statuses.happened(
                               *side.store, {&absence.chip, 1},
                               {commit_hour(14), AbsenceDeclared{absence.from, absence.until}});
                           return told ? side.store->statuses().note_absence(absence) : told;
                         })
                         .has_value();
                   }});
  steps.push_back({"and ended", [](CommitSide& side) {
                     side.now = commit_hour(15);
                     const ChipId chip = chip_id(2);
                     return side.store
                         ->as_one([&]() -> Stored<Done> {
                           const auto told = side.statuses.happened(*side.store, {&chip, 1},
                                                                    {commit_hour(15), AbsenceEnded{}});
                           if (!told) return told;
                           const auto noted =
                               side.store->statuses().note_absences_ended(chip, commit_hour(15), "op");
                           return noted ? Stored<Done>{Done{}} : Stored<Done>{Fail{noted.error()}};
                         })
                         .has_value();
                   }});
  steps.push_back({"a policy is put in force", [](CommitSide& side) {
                     PolicyActivation activation;
                     activation.at = commit_hour(16);
                     activation.by = {"alice"};
                     activation.reason = "more anchors";
                     activation.sha256 = id<Digest>(9);
                     activation.toml = "fault_budget = 1\n";
                     return side.store->policies().activate(activation).has_value();
                   }});
  steps.push_back({"a chip's counters begin anew", [](CommitSide& side) {
                     side.now = commit_hour(17);
                     const CounterStart start{chip_id(1), id<Digest>(77), commit_hour(17),
                                              "alice",    "a new board",  {}};
                     return side.store
                         ->as_one([&]() -> Stored<Done> {
                           const auto restarted = side.store->rounds().restart_counters(start);
                           if (!restarted) return Fail{restarted.error()};
                           return side.statuses.happened(*side.store, {&start.chip, 1},
                                                         {commit_hour(17), EnrolledAnew{}});
                         })
                         .has_value();
                   }});
}

inline void add_time(std::vector<CommitStep>& steps) {
  steps.push_back({"what time changes",
                   [](CommitSide& side) {
                     side.now = commit_hour(3'000);
                     const auto told = side.follow.tell_on(*side.store, commit_hour(3'000), 1'000);
                     return told && !told->more;
                   },
                   true});
  const auto add = [&steps](const char* name, auto work) {
    steps.push_back({name, [work](CommitSide& side) { return work(*side.store).has_value(); }});
  };
  add("mesh and knocks of before", [](Store& s) {
    PruneOrder order;
    order.mesh_before = order.knocks_before = commit_hour(20);
    return s.mesh().prune_some(order);
  });
  add("more of the mesh", [](Store& s) { return s.mesh().prune_mesh(commit_hour(60)); });
  add("more knocks", [](Store& s) { return s.mesh().prune_knocks(commit_hour(60)); });
  add("notices of before", [](Store& s) {
    OutboxPruneOrder order;
    order.before = order.given_up_before = commit_hour(20'000);
    return s.outbox().prune_outbox(order);
  });
  add("a story that cannot be told on now",
      [](Store& s) { return s.statuses().put_off(chip_id(1), commit_hour(4'000)); });
  add("a sign", [](Store& s) {
    return s.cases().note_sign({chip_id(3), 3, id<VerdictId>(7), commit_hour(8), "udp_blocked"}, 2);
  });
  add("a chip stands in a case", [](Store& s) { return s.cases().stand(chip_id(2), 0, 1); });
  add("nobody stands in it any more", [](Store& s) { return s.cases().settle_case(1); });
  add("a chip is forgotten", [](Store& s) { return s.cases().forget_chip(chip_id(3)); });
  add("and is not followed", [](Store& s) { return s.order_stories().forget_followed(chip_id(3)); });
  steps.push_back({"it is followed anew",
                   [](CommitSide& side) { return side.follow.begin_chips(*side.store, 100).has_value(); }});
  add("somebody looks", [](Store& s) {
    AuditEntry entry;
    entry.at = commit_hour(4'001);
    entry.by = {"ann"};
    entry.role = "analyst";
    entry.method = "chiploc.v1.OperatorService.GetVerdict";
    entry.subject = "SN-1";
    entry.reason = "case C-1";
    return s.audit().note(entry);
  });
  const Digest token{ByteArray<32>{1}}, other{ByteArray<32>{2}}, key{ByteArray<32>{3}};
  const auto newcomer = [](const Digest& with) {
    Enrolment one;
    one.token_sha256 = with;
    one.kind = "anchor";
    one.name = "fra1";
    one.reason = "a new one";
    one.by = {"ann"};
    one.at = commit_hour(4'002);
    one.until = commit_hour(4'005);
    return one;
  };
  add("somebody may come", [=](Store& s) { return s.enrolments().make_enrolment(newcomer(token), 9); });
  add("and somebody else", [=](Store& s) { return s.enrolments().make_enrolment(newcomer(other), 9); });
  add("they come",
      [=](Store& s) { return s.enrolments().redeem(token, key, "192.0.2.1", commit_hour(4'003)); });
  add("and again",
      [=](Store& s) { return s.enrolments().redeem(token, key, "192.0.2.1", commit_hour(4'004)); });
  add("the others may not",
      [](Store& s) { return s.enrolments().revoke_enrolment(2, "ann", commit_hour(4'004)); });
  // The last: whoever opens the store behind it takes its own rules again.
  add("other rules", [](Store& s) { return s.statuses().take_rules("others"); });
}

inline const ImportPlan& committed_plan() {
  static const OrderWorld world;
  static const ImportPlan plan = world.plan(world.order_files());
  return plan;
}
inline std::vector<CommitStep> commit_steps() {
  INFO(shown_faults(committed_plan()));
  REQUIRE(committed_plan().ok());
  std::vector<CommitStep> steps;
  add_import_and_round(committed_plan(), steps);
  add_verdicts_and_mutes(steps);
  add_persons(steps);
  add_time(steps);
  return steps;
}

/// All steps, each done once and undisturbed: what is in the store before the first, behind it, behind the second, ..
struct PlayedCommits {
  std::vector<CommitStep> steps = commit_steps();
  std::vector<std::unique_ptr<Folder>> folders;
  std::map<std::string, std::string> tables;
  std::vector<Contents> contents;

  PlayedCommits() {
    folders.push_back(std::make_unique<Folder>());
    REQUIRE(CommitSide{*folders.back()}.store);
    tables = tables_of(*raw(*folders.back()));
    contents.push_back(contents_of(*raw(*folders.back()), tables));
    for (const CommitStep& step : steps) {
      INFO(step.name);
      auto next = std::make_unique<Folder>();
      copy(*folders.back(), *next);
      {
        CommitSide side{*next};
        REQUIRE(side.store);
        REQUIRE(step.work(side));
      }
      contents.push_back(contents_of(*raw(*next), tables));
      REQUIRE((contents.back() != contents[contents.size() - 2]));  // or nothing could be lost here
      folders.push_back(std::move(next));
    }
  }
  static void copy(const Folder& from, const Folder& to) {
    std::filesystem::copy_file(from.options().path, to.options().path);
  }
  /// A folder as it was before this step.
  [[nodiscard]] std::unique_ptr<Folder> before(std::size_t step) const {
    auto out = std::make_unique<Folder>();
    copy(*folders[step], *out);
    return out;
  }
  [[nodiscard]] Contents now_in(const Folder& folder) const { return contents_of(*raw(folder), tables); }
};

}  // namespace chiploc::test
