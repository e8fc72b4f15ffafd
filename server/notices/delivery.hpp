#pragma once
// When a notice is sent, sent again, or given up. Pure: attempts with their times in, what becomes of the
// delivery out.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/notices/notice.hpp"

namespace chiploc {

/// The numbers are stored; never reuse one.
enum class DeliveryState : std::uint8_t {
  kWaiting = 0,  ///< to be sent, for the first time or again
  kSent = 1,     ///< the receiver said 2xx
  kDead = 2,     ///< given up; a person may have it sent again
  kMuted = 3,    ///< kept back by a mute; a person may have it sent
};
[[nodiscard]] std::string_view name_of(DeliveryState state);

/// One notice on its way to one sink.
struct Delivery {
  std::uint64_t number = 0;  ///< grows in the order in which notices were written
  std::string sink;
  std::string stream;  ///< subject_of the notice. Deliveries of one stream and sink go one after the other
  NoticeId notice;
  WallTime queued;  ///< when it was written, or a person had it sent again: its age counts from here
  std::uint32_t attempts = 0;  ///< since then
  DeliveryState state = DeliveryState::kWaiting;
  WallTime next;  ///< not sent before
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// How an attempt ended. The numbers are stored; never reuse one.
enum class AttemptEnd : std::uint8_t {
  kAnswered = 0,          ///< with an HTTP status
  kUnresolved = 1,        ///< the name has no address
  kForbiddenAddress = 2,  ///< every address it has is one that may not be sent to
  kUnreachable = 3,       ///< nobody takes the connection
  kTls = 4,               ///< the certificate, or the handshake
  kTimeout = 5,
  kBroken = 6,   ///< the connection ended, or what came is no HTTP, or too much of it
  kNotMade = 7,  ///< nothing was sent: ours (no secret in force, no memory)
};
[[nodiscard]] std::string_view name_of(AttemptEnd end);

struct Attempt {
  AttemptEnd end = AttemptEnd::kNotMade;
  int status = 0;                          ///< of kAnswered: 200 to 599
  std::optional<Nanoseconds> retry_after;  ///< what the receiver asked for
  Nanoseconds took{0};
  std::string said;  ///< the first bytes of the answer, or what went wrong; safe to show
};

/// Defaults: some 110 attempts in three days, the first twelve in an hour and a half. A receiver that is
/// mended has everything within an hour.
struct DeliveryRules {
  Nanoseconds first_wait = std::chrono::seconds{5};
  unsigned growth = 3;                               ///< each wait is so many times the one before
  Nanoseconds wait_most = std::chrono::minutes{60};  ///< also of what a receiver may ask for
  Nanoseconds wait_least = std::chrono::seconds{1};  ///< the same
  Nanoseconds age_most = std::chrono::hours{72};     ///< then it is dead
  std::uint32_t attempts_most = 200;                 ///< the same, whatever the clock does
  std::uint32_t refusals_most = 5;  ///< attempts until a notice is dead that its receiver refuses as it is
  std::size_t in_flight_most = 4;   ///< of one sink at once; 1 after a failure, until one succeeds
};

/// What an attempt means.
///
/// | result | meaning |
/// |---|---|
/// | 2xx | delivered |
/// | 410 | gone: the sink is switched off until a person switches it on; the notice keeps waiting |
/// | 429, 503 | busy: the whole sink rests, for as long as Retry-After says within bounds |
/// | 400, 413, 415, 422 | refused: read, and not wanted as it is; dead after `refusals_most` attempts |
/// | everything else, 3xx too | failed: again later |
enum class AttemptMeaning : std::uint8_t { kDelivered, kGone, kBusy, kRefused, kFailed };
[[nodiscard]] AttemptMeaning meaning_of(const Attempt& attempt);
/// "302: a redirect, which is not followed; write the receiver's new address into the configuration".
[[nodiscard]] std::string words_of(const Attempt& attempt);

/// The wait after so many attempts: first_wait * growth^(attempts - 1), wait_most at most, of which `dice` (0
/// to 1) takes up to half away, so that what failed together does not come back together.
[[nodiscard]] Nanoseconds wait_after(std::uint32_t attempts, double dice, const DeliveryRules& rules);

/// One line of the delivery log.
struct DeliveryLogEntry {
  WallTime at;
  std::uint64_t number = 0;
  NoticeId notice;
  std::string sink;
  std::uint32_t attempt = 0;  ///< from 1; 0: none was made
  AttemptEnd end = AttemptEnd::kNotMade;
  int status = 0;
  Nanoseconds took{0};
  DeliveryState state = DeliveryState::kWaiting;  ///< what became of it
  std::string text;  ///< words_of, and what the receiver said; kLogTextMax at most
  friend bool operator==(const DeliveryLogEntry&, const DeliveryLogEntry&) = default;
};
inline constexpr std::size_t kLogTextMax = 1'600;

/// What follows from one attempt.
struct Settled {
  Delivery delivery;       ///< as it is now
  DeliveryLogEntry entry;  ///< to be written with it, in one transaction
  bool sink_gone = false;  ///< the sink is to be switched off, in the same transaction
};

/// Who may be sent to now. It knows what a store need not: what is in flight, which sink rests. After a crash
/// it is made anew, and what was in flight is sent again, with the same id. One owner; not thread-safe.
class DeliveryDesk {
 public:
  /// A number from 0 to 1, anew at each call.
  using Dice = std::function<double()>;
  explicit DeliveryDesk(Dice dice) : dice_{std::move(dice)} {}

  /// Before anything is in flight to it. `off`: a receiver said 410, and nobody has switched it on since.
  void add_sink(const std::string& name, const DeliveryRules& rules, bool off);
  /// A person: a sink that is switched on does not rest either. False: no such sink.
  bool switch_sink(const std::string& name, bool off);

  /// How many deliveries to ask the store for, heads of their streams that are due; 0: none now. Those in
  /// flight are among what it will say.
  [[nodiscard]] std::size_t wanted(const std::string& sink, WallTime now) const;
  /// When to ask again for a sink that rests; nullopt: it does not rest.
  [[nodiscard]] std::optional<WallTime> rests_until(const std::string& sink, WallTime now) const;
  /// Those of `due` that are to be sent now, in their order; from here on they are in flight. One at a time of
  /// each stream and sink, whatever `due` holds.
  [[nodiscard]] std::vector<Delivery> take(const std::vector<Delivery>& due, WallTime now);
  /// What became of one in flight; nullopt: none of this number is.
  [[nodiscard]] std::optional<Settled> settle(std::uint64_t number, const Attempt& attempt, WallTime now);
  /// One that was taken is not sent after all.
  void put_back(std::uint64_t number);

  [[nodiscard]] std::size_t in_flight() const { return flying_.size(); }

 private:
  struct Sink {
    DeliveryRules rules;
    bool off = false;
    bool failing = false;
    std::optional<WallTime> rests_until;
    std::set<std::string, std::less<>> streams;  ///< in flight
  };
  [[nodiscard]] std::size_t room(const Sink& sink, WallTime now) const;

  Dice dice_;
  std::map<std::string, Sink, std::less<>> sinks_;
  std::map<std::uint64_t, Delivery> flying_;
};

}  // namespace chiploc
