#pragma once
// The use cases over a store in which orders and cases are kept: O-1 of Acme with the chips 1 to 3, O-2 of Bolt with 4.

#include <future>

#include "tests/server/follow_up/follow_world.hpp"
#include "tests/server/service/service_world.hpp"

namespace chiploc::test {

inline const Caller kAuditor{"ann", Role::kAuditor, std::nullopt, std::nullopt, true};
inline const Caller kOfAcme{"otto", Role::kRegistrar, "Acme", std::nullopt, false};
inline const Caller kOfBoltToo{"bea", Role::kRegistrar, "Bolt", std::nullopt, false};

inline Registry::Snapshot two_orders() {
  auto registry = std::make_shared<Registry>();
  for (const auto& [name, holder] : {std::pair{"L-1", "Acme"}, std::pair{"L-2", "Bolt"}}) {
    LicenceRecord licence;
    licence.id = name;
    licence.holder = holder;
    registry->put(std::move(licence));
  }
  for (const char* site : {"campus", "hall"}) registry->put(SiteRecord{site, "", {}, ""});
  for (const char* entity : {"Maker Ltd", "Buyer Ltd", "User GmbH"})
    registry->put(
        EntityRecord{entity, {EntityRole::kExporter, EntityRole::kBuyer, EntityRole::kEndUser}, {}, {}});
  for (unsigned n = 1; n <= 3; ++n) FollowWorld::put_chip(*registry, n, "O-1", "campus", "L-1");
  FollowWorld::put_chip(*registry, 4, "O-2", "hall", "L-2");
  return registry;
}

struct CaseService {
  Folder folder;
  WallTime now = hour(0);
  RegistryHolder registry{two_orders()};
  StatusKeeper keeper{{}};
  FollowUp follow{rules(), keeper, [this] { return registry.get(); }};
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<StoreReader> reader;
  PlayedRounds rounds;
  PolicyHolder policy{{}};
  std::unique_ptr<OperatorUseCases> cases;
  unsigned verdicts = 0, rounds_started = 0;

  static FollowRules rules() {
    FollowRules out;
    out.orders.hold_least = 1;
    return out;
  }
  explicit CaseService(bool kept = true) {
    auto opened = folder.open();
    REQUIRE(keeper.watch(*opened));
    REQUIRE(follow.watch(*opened));
    store = std::make_unique<StoreThread>(std::move(opened));
    reader = open_sqlite_reader(folder.options()).value();
    rounds.play = [this](const RoundObserver&) { ++rounds_started; };
    cases = std::make_unique<OperatorUseCases>(OperatorParts{.registry = registry,
                                                             .store = *store,
                                                             .reader = *reader,
                                                             .rounds = rounds,
                                                             .status = rounds,
                                                             .policy = policy,
                                                             .known_country = {},
                                                             .now = [this] { return now; },
                                                             .software_version = "0.1.0",
                                                             .limits = {},
                                                             .statuses = &keeper,
                                                             .follow = kept ? &follow : nullptr});
  }
  void run(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    REQUIRE(store->post(work, [&](const Stored<Done>&) { done.set_value(); }));
    done.get_future().wait();
  }
  void round(double h, unsigned n, v1::VerdictState state, const std::string& code = "cloned_key") {
    ++verdicts;
    now = hour(h);
    run([&](Store& inside) {
      VerdictRecord record = verdict(verdicts, verdicts, 1, static_cast<std::uint32_t>(state), 0);
      record.chip = case_chip(n);
      record.decided = hour(h);
      record.expires = hour(h + 24);
      v1::Verdict summary;
      summary.add_reasons()->set_code(code);
      const std::string bytes = summary.SerializeAsString();
      record.summary = {bytes.begin(), bytes.end()};
      RoundIntent began = intent(verdicts);
      began.chip = record.chip;
      began.intent = record.decided;
      REQUIRE(inside.rounds().log_intent(began));
      REQUIRE(inside.verdicts().finish_round(record, std::nullopt));
    });
  }
  void drifts(double h, unsigned n) {
    round(h, n, v1::OUTSIDE);
    round(h + 0.5, n, v1::OUTSIDE);
  }
  /// What a use case that answers later answers.
  template <class Request, class Response>
  Answer<Response> said(void (OperatorUseCases::*call)(const Request&, const Caller&,
                                                       const Completion<Response>&),
                        const Request& request, const Caller& caller) {
    std::promise<Answer<Response>> got;
    (cases.get()->*call)(request, caller, [&](Answer<Response> answer) { got.set_value(std::move(answer)); });
    auto answer = got.get_future().get();
    if (!answer) UNSCOPED_INFO(answer.error().text);
    return answer;
  }
};

}  // namespace chiploc::test
