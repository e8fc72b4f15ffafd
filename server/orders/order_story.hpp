#pragma once
// What an order is held for, over the states of its chips: when so many of them have drifted or gone silent,
// nothing more is delivered under it before a person says why. Pure: the same story whoever tells it.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/orders/order_tally.hpp"
#include "server/status/notice_fact.hpp"

namespace chiploc {

enum class OrderState : std::uint8_t {
  kOpen,   ///< deliveries may be recorded
  kHold,   ///< none may, but with an override
  kLifted  ///< a person took the hold back: for a time the same chips do not bring it about again
};
/// "open", "hold", "lifted".
[[nodiscard]] std::string_view name_of(OrderState state);
[[nodiscard]] std::optional<OrderState> order_state_of(std::string_view name);

/// Silence alone accuses nobody, and a hold for it does not say so either.
enum class HoldCause : std::uint8_t {
  kDrifted,    ///< those that are accused are enough by themselves
  kMixed,      ///< only together with those that do not answer
  kUnanswered  ///< none is accused
};
/// "drifted", "mixed", "unanswered".
[[nodiscard]] std::string_view name_of(HoldCause cause);
[[nodiscard]] std::optional<HoldCause> hold_cause_of(std::string_view name);

/// From policy. `release_share` is below `hold_share`, or a chip that comes and goes makes holds come and go.
struct OrderRules {
  unsigned hold_share = 25;     ///< percent of the chips that were delivered, measured or not; 1 to 100
  unsigned hold_least = 3;      ///< chips: one of four is no pattern. At least 1
  unsigned release_share = 10;  ///< percent; the hold ends below it
  bool silent_counts = true;
  /// Off: where anchors are too few honest chips stay unproven, and that is ours to mend.
  bool unproven_counts = false;
  Nanoseconds lift_most = std::chrono::hours{90 * 24};  ///< a hold is lifted for so long at most
};
inline constexpr std::size_t kOrderChipsShown = 32;  ///< of each kind
inline constexpr std::size_t kOverridesMax = 32;     ///< of one hold

// ---- what happens to an order

struct OrderChipJoined {
  ChipId chip;
  ChipPart as;
};
struct OrderChipChanged {
  ChipId chip;
  ChipPart from, to;
};
struct OrderChipLeft {
  ChipId chip;
  ChipPart as;
};
/// By import. Who is named anew is proposed anew while the order is held.
struct OrderParties {
  std::string buyer, end_user;  ///< empty: not stated
  friend bool operator==(const OrderParties&, const OrderParties&) = default;
};
/// One delivery may be recorded although the order is held.
struct HoldOverridden {
  std::string delivery, reason, who;
};
/// Until `until` the hold does not come back for the chips that it rests on now.
struct HoldLifted {
  std::string reason, who;
  WallTime until;
};
enum class WatchParty : std::uint8_t { kBuyer, kEndUser };
inline constexpr std::size_t kWatchParties = 2;
/// A person took a proposal for the watch list up, or turned it down. The list itself is the registry's.
struct WatchDecided {
  WatchParty party;
  bool accepted;
  std::string reason, who;
};

struct OrderEvent {
  WallTime at;  ///< when it was committed. One before the story's time counts as of that time
  std::variant<OrderChipJoined, OrderChipChanged, OrderChipLeft, OrderParties, HoldOverridden, HoldLifted,
               WatchDecided>
      what;
};

// ---- what is kept of it

enum class WatchState : std::uint8_t { kNone, kProposed, kAccepted, kDeclined };
/// "none", "proposed", "accepted", "declined".
[[nodiscard]] std::string_view name_of(WatchState state);
[[nodiscard]] std::optional<WatchState> watch_state_of(std::string_view name);

/// Everything that the state follows from, bounded. Two equal stories go on alike.
struct OrderStory {
  WallTime told;  ///< up to here
  WallTime begun;
  OrderParties parties;
  OrderTally tally;
  std::vector<ChipId> accused;     ///< some of them, in the order in which they came to be
  std::vector<ChipId> unanswered;  ///< likewise, of those that count
  OrderState state = OrderState::kOpen;
  WallTime since;
  std::optional<HoldCause> cause;  ///< of the hold in force
  struct Lift {
    WallTime until;
    /// Chips that it covers: as many as were held against the order then, and never more than were since.
    std::uint32_t accused = 0, unanswered = 0;
    friend bool operator==(const Lift&, const Lift&) = default;
  };
  std::optional<Lift> lift;
  std::vector<std::string> overrides;  ///< deliveries, of the hold in force; sorted
  struct Proposal {
    WatchState state = WatchState::kNone;
    WallTime since;
    friend bool operator==(const Proposal&, const Proposal&) = default;
  };
  std::array<Proposal, kWatchParties> watch;
  std::uint32_t misfits = 0;  ///< events that did not fit what was counted: the store has to count anew
  friend bool operator==(const OrderStory&, const OrderStory&) = default;
};

enum class OrderChangeKind : std::uint8_t {
  kHeld,
  kCause,       ///< the hold goes on, and rests on something else
  kReleased,    ///< by its chips
  kLifted,      ///< by a person
  kLiftEnded,   ///< it is over, and nothing is held against the order any more
  kOverridden,  ///< for one delivery
  kWatchProposed,
  kWatchAccepted,
  kWatchDeclined
};

struct OrderChange {
  WallTime at;
  OrderChangeKind kind{};
  OrderState from{}, to{};
  std::vector<ChipId> rests_on{};  ///< of a hold: chips; not all of them where there are many
  std::uint32_t more = 0;          ///< chips beside those
  std::string who{};               ///< the person whose word it is; empty: it follows from the chips
  std::string why{};               ///< a sentence, and behind it the person's own reason
  friend bool operator==(const OrderChange&, const OrderChange&) = default;
};

[[nodiscard]] OrderStory begin_order(WallTime at, OrderParties parties);
/// Tells the story on up to `to`: a lift ends at its exact instant. However often it is called in between, the
/// changes are the same. A `to` before `story.told` changes nothing.
std::vector<OrderChange> advance(OrderStory& story, WallTime to, const OrderRules& rules);
/// The same up to the event, and then the event. One that is refused changes nothing.
std::vector<OrderChange> apply(OrderStory& story, const OrderEvent& event, const OrderRules& rules);
/// Why a person's event is refused, for that person; empty if it is not, and for all that chips do.
[[nodiscard]] std::string refusal_of(const OrderEvent& event, const OrderStory& story,
                                     const OrderRules& rules);
/// Why this delivery may not be recorded now; empty if it may.
[[nodiscard]] std::string delivery_refusal(const OrderStory& story, const std::string& delivery);

/// What comes next if nothing happens.
struct OrderOutlook {
  WallTime at;
  OrderState to;
};
[[nodiscard]] std::optional<OrderOutlook> outlook(const OrderStory& story, const OrderRules& rules);
/// What ends the state, in a sentence.
[[nodiscard]] std::string ended_by(const OrderStory& story, const OrderRules& rules);
/// "3 of its 10 chips are accused, and 2 have not answered for longer than they may."
[[nodiscard]] std::string held_against(const OrderStory& story, const OrderRules& rules);

/// nullopt for what nobody is told of.
[[nodiscard]] std::optional<NoticeFact> fact_of(const std::string& order, const OrderChange& change);

}  // namespace chiploc
