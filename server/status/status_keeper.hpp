#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "server/status/status_keeping.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// What has become of a chip, in the transaction that keeps it.
struct StatusTold {
  const ChipId& chip;
  const ChipStory* before;  ///< null: it had none, or one that cannot be read
  const ChipStory& story;   ///< as it is now
  std::span<const StatusChange>
      changes;       ///< none where its state is the same, whatever else became of the story
  bool from_before;  ///< told from verdicts of before stories were kept: nobody has to hear of it today
};
/// What else follows whenever a story was told on (orders, cases, notices): runs inside the transaction and writes
/// through the store that it is given. A fault undoes the change and what brought it about. It may have the keeper tell
/// something of a chip (happened): the story is kept already.
using StatusStep = std::function<Stored<Done>(Store&, const StatusTold&)>;

/// Keeps every chip's story in the store: told on with each verdict, by persons and by time.
///
/// Owns      steps. No state of its own: what it knows stands in the store, so that a step that is undone leaves nothing
///           behind here. Which rules are in force it asks whenever something happens.
/// Threads   the store's; before its thread starts, whoever has the store. rules(), keeping() and story_at() any.
/// Never     reads a clock: times come from verdicts and callers.
class StatusKeeper {
 public:
  explicit StatusKeeper(StatusKeeping always) : keeping_{[always] { return always; }} {}
  /// `now`: the rules in force; called on whatever thread asks.
  template <std::invocable Now>
  explicit StatusKeeper(Now now) : keeping_{std::move(now)} {}

  [[nodiscard]] StatusKeeping keeping() const { return keeping_(); }
  [[nodiscard]] StatusRules rules() const { return keeping_().rules; }
  /// Before anything is told, once each.
  void add_step(StatusStep step) { steps_.push_back(std::move(step)); }
  /// From now on no verdict is kept in this store without its chip's status. Before rounds are run, once. Where the
  /// rules are others than those that stories were told by, all are due.
  [[nodiscard]] Stored<Done> watch(Store& store);
  /// The same of rules that came into force since: where they are others than the store's stories were told by, all are
  /// due. Gives the rules as text_of writes them.
  [[nodiscard]] Stored<std::string> take_rules(Store& store) const;

  /// The chip's story as it is at `now`, whether or not it was told so far. kNotFound: it has not begun.
  [[nodiscard]] Stored<ChipStory> story_at(StatusReader& reader, const ChipId& chip, WallTime now) const;
  /// Something that a person did or decided, of one chip or of several at once: all of them or none. kNotFound as
  /// above. Whether an absence may be declared is the caller's to ask (refusal_of).
  [[nodiscard]] Stored<Done> happened(Store& store, std::span<const ChipId> chips, const StatusEvent& event);

  /// How far a portion came.
  struct Portion {
    std::size_t chips = 0;  ///< one that is told on to several instants as often
    std::size_t changes = 0;
    std::size_t unreadable =
        0;              ///< stories that are damaged; looked at again in kPutOff, or told anew by a verdict
    bool more = false;  ///< there are others: ask again
  };
  static constexpr std::chrono::hours kPutOff{1};
  /// So many verdicts are folded in one portion, about: more than most chips have, and no more than the store may be held.
  static constexpr std::size_t kFoldMost = 5'000;
  /// Begins the stories of registered chips that have none, with those of their verdicts that are stored.
  [[nodiscard]] Stored<Portion> begin_stories(Store& store, WallTime now, std::size_t limit);
  /// Tells on what time alone has changed by now, over all chips in the order of time: each change at its instant.
  [[nodiscard]] Stored<Portion> tell_on(Store& store, WallTime now, std::size_t limit);

 private:
  struct Fold {
    ChipStory story;
    std::vector<StatusChange> changes;
    std::size_t verdicts = 0;
  };
  Stored<Done> on_verdict(Store& store, const VerdictCommitted& committed) const;
  /// The story that the stored verdicts tell, without this one; it begins at `now` where there are none.
  Stored<Fold> fold(Store& store, const ChipId& chip, const VerdictId& without, WallTime now) const;
  /// Keeps the story, and has the steps follow.
  Stored<Done> keep(Store& store, const ChipId& chip, const ChipStory* before, const ChipStory& story,
                    const std::vector<StatusChange>& changes, bool from_before) const;

  std::function<StatusKeeping()> keeping_;
  std::vector<StatusStep> steps_;
};

/// The rules in one line, canonical: two daemons with the same rules write the same.
[[nodiscard]] std::string text_of(const StatusKeeping& keeping);

}  // namespace chiploc
