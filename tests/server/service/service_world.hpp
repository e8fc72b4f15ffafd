#pragma once
#include <functional>
#include <memory>
#include <string>

#include "server/policy/policy_file.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/sign_in_codes.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/service/played_notices.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

inline const Caller kAdmin{"alice", Role::kAdmin};
inline const Caller kReader{"bob", Role::kReader};
inline const std::string kChip = "aaaa0000000000000000000000000001";

/// Says of each round what the test wants.
class PlayedRounds final : public RoundStarter, public StatusSource {
 public:
  std::function<void(const RoundObserver&)> play;
  std::vector<Policy> adopted;
  std::vector<PolicyRules> adopted_rules;
  void adopt(const Policy& policy, const PolicyRules& rules) override {
    adopted.push_back(policy);
    adopted_rules.push_back(rules);
  }
  std::string requested_by;
  std::optional<Digest> requested_with;
  void start(ChipId, Requester by, std::chrono::milliseconds, RoundObserver observer) override {
    requested_by = by.name;
    requested_with = by.certificate;
    play(observer);
  }
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord&) const override {
    return std::chrono::milliseconds{5'000};
  }
  [[nodiscard]] CoordinatorStatus status() const override { return {}; }
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override { return {}; }
  [[nodiscard]] std::optional<KnockRhythm> knocks_of(const ChipId& chip) const override {
    return chip.hex() == kChip ? knocks : std::nullopt;
  }
  std::optional<KnockRhythm> knocks;
};

inline Registry::Snapshot one_chip() {
  auto registry = std::make_shared<Registry>();
  ChipRecord chip;
  chip.id = ChipId::from_hex_text(kChip).value();
  chip.serial = "SN-1";
  chip.reach.inbound = Endpoint{};
  registry->put(std::move(chip));
  return registry;
}

/// The use cases over a real store; nothing carries the calls.
struct ServiceWorld {
  Policy policy{.fault_budget = 0};
  PolicyHolder in_force{{policy, policy_text(policy)}};
  OrderHoldOf hold_of{};
  TempDir folder{};
  std::string path = (folder / "chiploc.db").string();
  RegistryHolder registry{one_chip()};
  StoreThread store{open_sqlite_store({.path = path}).value()};
  std::unique_ptr<StoreReader> reader = open_sqlite_reader({.path = path}).value();
  PlayedRounds rounds{};
  PlayedNotices notices{};
  SignInCodes codes{"https://chiploc.example/", {}, [next = std::uint8_t{0}](MutableBytes out) mutable {
                      for (std::uint8_t& byte : out) byte = ++next;
                    }};
  EnrolmentRules enrolment{.has_authority = true,
                           .has_http = true,
                           .open_most = 3,
                           .dice = [next = std::uint8_t{0}](MutableBytes out) mutable {
                             for (std::uint8_t& byte : out) byte = ++next;
                           }};
  OperatorUseCases cases{OperatorParts{.registry = registry,
                                       .store = store,
                                       .reader = *reader,
                                       .rounds = rounds,
                                       .status = rounds,
                                       .policy = in_force,
                                       .known_country = {},
                                       .now = [] { return wall_from_unix_seconds(1'790'000'000); },
                                       .software_version = "0.1.0",
                                       .limits = {},
                                       .hold_of = hold_of,
                                       .notices = &notices,
                                       .codes = &codes,
                                       .enrolment = enrolment}};
};

}  // namespace chiploc::test
