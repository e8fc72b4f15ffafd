#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/cases/case_steps.hpp"
#include "server/follow_up/order_desk.hpp"
#include "server/status/status_keeper.hpp"

namespace chiploc {

/// Cases in the store: told on, their timelines kept, which chip stands in which, and what goes back to the status of
/// chips.
///
/// Owns      no state; asks for the rules in force whenever something happens.
/// Threads   the store's.
class CaseDesk {
 public:
  CaseDesk(std::function<CaseRules()> rules, StatusKeeper& statuses, TellNotices tell)
      : rules_{std::move(rules)}, statuses_{statuses}, tell_{std::move(tell)} {}

  [[nodiscard]] CaseRules rules() const { return rules_(); }

  /// The cases that a chip has to do with; holds the stories that the shelf points to.
  struct Shelf {
    std::array<std::optional<CaseStory>, kCaseKinds> newest;
    CaseShelf shelf;
  };
  /// The newest of these kinds alone.
  [[nodiscard]] Stored<Done> read_shelf(CaseReader& cases, OrderStoryReader& orders,
                                        const CaseSubject& subject, std::span<const CaseKind> kinds,
                                        Shelf& out) const;

  /// Steps of one chip, in order. `quiet`: of before, nobody has to hear of it today.
  [[nodiscard]] Stored<Done> take(Store& store, const ChipId& chip, const std::vector<CaseStep>& steps,
                                  bool quiet) const;
  /// What became of a case that a person did something with.
  struct Said {
    std::uint64_t number = 0;
    CaseStory story;
    bool remeasure = false;  ///< its chips are to be measured soon
  };
  /// What a person did. kNotFound; kConflict with why it may not be.
  [[nodiscard]] Stored<Said> said(Store& store, std::uint64_t number, const CaseEvent& event) const;
  /// What is known beside the chips has changed, of the cases of an order that are not resolved; by their sites.
  using WeightsAt = std::function<CaseWeights(const std::string& site)>;
  [[nodiscard]] Stored<Done> weigh(Store& store, const std::string& order, const WeightsAt& weights_at,
                                   WallTime at) const;
  /// Tells the case on to when it is due.
  [[nodiscard]] Stored<Done> tell_on(Store& store, const CaseRecord& due) const;
  /// As it is kept; one that cannot be read as its row, its chips and its timeline say.
  [[nodiscard]] Stored<CaseStory> story_of(CaseReader& cases, OrderStoryReader& orders,
                                           const CaseRecord& record) const;

 private:
  Stored<Done> take_step(Store& store, const ChipId& chip, const CaseStep& step, bool quiet) const;
  Stored<std::uint64_t> keep(Store& store, std::uint64_t number, const CaseStory& story, const CaseTold& told,
                             bool quiet) const;
  /// What is said to the status of the chips that stand in it.
  Stored<Done> pass_on(Store& store, std::uint64_t number, CaseKind kind, const CaseTold& told) const;
  Stored<bool> stands_in_another(CaseReader& cases, const ChipId& chip, std::uint64_t number) const;

  std::function<CaseRules()> rules_;
  StatusKeeper& statuses_;
  TellNotices tell_;
};

}  // namespace chiploc
