#pragma once
#include <functional>
#include <string>
#include <vector>

#include "server/follow_up/case_desk.hpp"
#include "server/follow_up/order_desk.hpp"
#include "server/registry/import.hpp"

namespace chiploc {

/// By which rules: `[orders]`, `[cases]`, and the countries of `[scheduler]`.
struct FollowRules {
  OrderRules orders;
  CaseRules cases;
  std::vector<CountryCode> transshipment{};  ///< sorted; cases that have to do with them rank higher
};

/// What follows from the status of chips: their orders, the cases in which they stand, and what other systems are told,
/// all of it in the transaction of what brought it about.
///
/// Owns      desks. No state of its own: what it knows stands in the store, so that what is undone leaves nothing behind
///           here. Which rules are in force it asks whenever something happens.
/// Threads   the store's; before its thread starts, whoever has the store. story_of's may be any.
/// Never     reads a clock: times come from verdicts and callers.
/// Where     a chip belongs to is what the store says (FollowedChip): an import changes it in its own transaction.
class FollowUp {
 public:
  /// The registry in force: for a chip that is not followed yet, and for what a priority is made of.
  using RegistryNow = std::function<Registry::Snapshot()>;
  /// The rules in force; called on whatever thread asks.
  using RulesNow = std::function<FollowRules()>;
  FollowUp(RulesNow rules, StatusKeeper& statuses, RegistryNow registry, TellNotices tell = {});
  /// By the same ones always.
  FollowUp(FollowRules rules, StatusKeeper& statuses, RegistryNow registry, TellNotices tell = {});

  /// From now on it follows every change of a status that this keeper brings, and every verdict. Behind
  /// StatusKeeper::watch, before rounds are run, once.
  [[nodiscard]] Stored<Done> watch(Store& store);

  /// What an import or a removal changes: chips come to orders and leave them, parties and watch lists change,
  /// deliveries are overridden. In the import's transaction, before anybody else hears of it. kConflict for what would
  /// come in under an order that is on hold since it was planned.
  [[nodiscard]] Stored<Done> imported(Store& store, const ImportPlan& plan, const ImportStamp& stamp) const;
  /// What a person did with an order. kConflict with why it may not be.
  [[nodiscard]] Stored<Done> order_said(Store& store, const std::string& order,
                                        const OrderEvent& event) const;
  /// What a person did with a case. kNotFound; kConflict with why it may not be.
  [[nodiscard]] Stored<CaseDesk::Said> case_said(Store& store, std::uint64_t number,
                                                 const CaseEvent& event) const;
  /// Somebody says who uses this chip, or, without `stated.chip`, all of its order at its site. kNotFound.
  [[nodiscard]] Stored<Done> user_stated(Store& store, WallTime at, const ChipId& chip,
                                         const UserStated& stated) const;

  /// Counts chips that have a status and were never followed: of before orders and cases were kept. Nobody is told.
  [[nodiscard]] Stored<StatusKeeper::Portion> begin_chips(Store& store, std::size_t limit) const;
  /// Tells on what time alone has changed by now: statuses of chips, disputes of cases and lifts of orders, over all of
  /// them in the order of time.
  [[nodiscard]] Stored<StatusKeeper::Portion> tell_on(Store& store, WallTime now, std::size_t limit) const;

  [[nodiscard]] OrderRules order_rules() const { return orders_.rules(); }
  [[nodiscard]] CaseRules case_rules() const { return cases_.rules(); }
  // As they are at `now`, whether or not they were told so far; for who reads.
  [[nodiscard]] Stored<std::optional<OrderStory>> order_story(StoreReader& store, const std::string& order,
                                                              WallTime now) const;
  [[nodiscard]] Stored<CaseStory> case_story(StoreReader& store, const CaseRecord& record,
                                             WallTime now) const;

 private:
  Stored<Done> on_status(Store& store, const StatusTold& told) const;
  Stored<Done> on_verdict(Store& store, const VerdictCommitted& committed) const;
  /// Where it belongs to by this registry; counted as pending.
  [[nodiscard]] static FollowedChip place_of(const Registry& registry, const ChipId& chip);
  /// A chip that was not followed, as its story is.
  Stored<Done> begin(Store& store, const Registry& registry, FollowedChip place,
                     const ChipStory& story) const;
  /// The order hears of a chip that is counted otherwise now.
  Stored<Done> recount(Store& store, const Registry& registry, const StatusTold& told,
                       const FollowedChip& was, const FollowedChip& is) const;
  Stored<Done> follow_cases(Store& store, const Registry& registry, const FollowedChip& place,
                            const ChipStory* before, std::span<const StatusChange> changes,
                            const ChipStory& after, bool quiet) const;
  Stored<CaseSubject> subject_of(CaseReader& cases, const Registry& registry,
                                 const FollowedChip& place) const;
  Stored<CaseWeights> weights_of(CaseReader& cases, const Registry& registry, const std::string& order,
                                 const std::string& licence, const std::string& site) const;
  Stored<Done> chip_removed(Store& store, const Registry& registry, const ChipId& chip, WallTime at) const;

  StatusKeeper& statuses_;
  RegistryNow registry_;
  TellNotices tell_;
  RulesNow rules_;
  OrderDesk orders_;
  CaseDesk cases_;
};

/// So many signs of a kind are kept of a chip: more than rules ask for.
inline constexpr std::size_t kSignsKept = 32;

}  // namespace chiploc
