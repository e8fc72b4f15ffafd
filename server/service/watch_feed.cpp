#include "server/service/watch_feed.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "server/service/redaction.hpp"
#include "server/service/watch_pieces.hpp"

namespace chiploc {

/// What is behind the bar is the feed's thread's alone; what is before it is guarded by State::mutex.
class WatchFeed::Seat {
 public:
  std::uint64_t number = 0;
  Caller caller;
  std::string key;      ///< whose they are, for the limit
  std::string subject;  ///< what was asked for, in the audit log
  WatchClass viewer;

  std::shared_ptr<Watcher> watcher;  ///< null: not begun, or gone
  bool taken = false, left = false;
  std::optional<Answer<Done>> noted;  ///< what became of the entry in the audit log
  // ------------------------------------------------------------------------
  std::uint64_t position = 0;  ///< of the last event that was looked at
  std::uint64_t said = 0;      ///< of the last that the watcher knows of
  bool greeted = false, in_flight = false, noting = false, idle = false;
  SteadyTime sent_at{};
  std::optional<SteadyTime> noted_at{};
  WatchedPiece held{};  ///< waits for its entry
};

struct WatchFeed::State {
  explicit State(const WatchLimits& given, ApiCounters& counted) : limits{given}, counters{counted} {}
  const WatchLimits limits;
  ApiCounters& counters;
  std::mutex mutex;  ///< guards what follows
  std::condition_variable wake, gone;
  std::map<std::uint64_t, std::shared_ptr<Seat>> seats;
  std::map<std::string, std::size_t> by_caller;
  std::vector<std::shared_ptr<Seat>> woken;
  std::uint64_t last_number = 0;
  bool committed = false, ending = false, stopping = false;

  void ring(std::shared_ptr<Seat> seat) {
    {
      const std::scoped_lock lock{mutex};
      if (seat)
        woken.push_back(std::move(seat));
      else
        committed = true;
    }
    wake.notify_one();
  }
  /// False: it had gone already. Its watcher comes back, to be told or let go outside the lock.
  bool remove(Seat& seat, std::shared_ptr<Watcher>& watcher) {
    const std::scoped_lock lock{mutex};
    watcher = std::move(seat.watcher);
    seat.watcher = nullptr;
    if (std::exchange(seat.left, true)) return false;
    seats.erase(seat.number);
    const auto caller = by_caller.find(seat.key);
    if (--caller->second == 0) by_caller.erase(caller);
    counters.watchers = seats.size();
    if (seats.empty()) gone.notify_all();
    return true;
  }
};

/// The feed's thread.
class WatchFeed::Run {
 public:
  Run(WatchParts parts, std::shared_ptr<State> state)
      : parts_{std::move(parts)},
        state_{std::move(state)},
        pieces_{parts_.reader, parts_.registry, parts_.limits},
        thread_{[this] { run(); }} {}
  ~Run() {
    {
      const std::scoped_lock lock{state_->mutex};
      state_->stopping = true;
    }
    state_->wake.notify_one();
    thread_.join();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] const WatchParts& parts() const { return parts_; }

 private:
  using SeatPtr = std::shared_ptr<Seat>;
  static constexpr std::chrono::seconds kLook{1};  ///< how often slow ones are looked for

  void run();
  void look_for_more();
  void step(const SeatPtr& seat);
  void go_on(const SeatPtr& seat);
  void hand_over(const SeatPtr& seat, WatchedPiece piece);
  void note_then_send(const SeatPtr& seat, const WatchedPiece& piece);
  void send(Seat& seat, WatchedPiece piece);
  [[nodiscard]] std::shared_ptr<Watcher> watcher_of(const Seat& seat) const {
    const std::scoped_lock lock{state_->mutex};
    return seat.watcher;
  }
  void end(Seat& seat, const ApiFault& fault);
  void cut_slow();
  [[nodiscard]] bool has_taken(const Seat& seat) const {
    const std::scoped_lock lock{state_->mutex};
    return seat.taken;
  }
  [[nodiscard]] std::vector<SeatPtr> all() const {
    const std::scoped_lock lock{state_->mutex};
    std::vector<SeatPtr> out;
    out.reserve(state_->seats.size());
    for (const auto& [number, seat] : state_->seats) out.push_back(seat);
    return out;
  }

  const WatchParts parts_;
  const std::shared_ptr<State> state_;
  WatchPieces pieces_;
  std::uint64_t newest_ = 0;
  SteadyTime looked_{};
  std::thread thread_;  // last: it uses all of these
};

void WatchFeed::Run::run() {
  for (;;) {
    std::vector<SeatPtr> woken;
    bool committed = false;
    bool ending = false;
    {
      std::unique_lock lock{state_->mutex};
      state_->wake.wait_for(lock, kLook, [this] {
        return state_->stopping || state_->committed || !state_->woken.empty() ||
               (state_->ending && !state_->seats.empty());
      });
      if (state_->stopping && state_->seats.empty()) return;
      ending = state_->ending || state_->stopping;
      committed = std::exchange(state_->committed, false);
      woken.swap(state_->woken);
    }
    if (ending) {
      for (const SeatPtr& seat : all())
        end(*seat, {ApiFaultCode::kUnavailable, "chiplocd is stopping; watch again behind the last event"});
      continue;
    }
    for (const SeatPtr& seat : woken) step(seat);
    if (committed) look_for_more();
    cut_slow();
  }
}

void WatchFeed::Run::look_for_more() {
  {
    const std::scoped_lock lock{state_->mutex};
    if (state_->seats.empty()) return;
  }
  const auto newest = pieces_.newest();
  if (!newest) {
    for (const SeatPtr& seat : all()) end(*seat, newest.error());
    return;
  }
  // Most commits bring no event: nobody is looked at for those, or ten thousand watchers would be gone through for each.
  if (std::exchange(newest_, *newest) == *newest) return;
  for (const SeatPtr& seat : all()) {
    if (std::exchange(seat->idle, false)) go_on(seat);
  }
}

/// Something became of it: it began, has taken what it was sent, or its entry was written.
void WatchFeed::Run::step(const SeatPtr& seat) {
  std::optional<Answer<Done>> noted;
  {
    const std::scoped_lock lock{state_->mutex};
    if (seat->left || !seat->watcher) return;
    if (std::exchange(seat->taken, false)) seat->in_flight = false;
    noted = std::exchange(seat->noted, std::nullopt);
  }
  if (noted) {
    seat->noting = false;
    if (!*noted) return end(*seat, noted->error());
    seat->noted_at = parts_.steady();
    return send(*seat, std::exchange(seat->held, nullptr));
  }
  if (!std::exchange(seat->greeted, true)) return send(*seat, pieces_.position(seat->position));
  seat->idle = false;
  go_on(seat);
}

void WatchFeed::Run::go_on(const SeatPtr& seat) {
  if (seat->in_flight || seat->noting) return;
  if (seat->position >= newest_) {
    seat->idle = true;
    return;
  }
  const auto watcher = watcher_of(*seat);
  if (!watcher) return;
  if (const auto fault = watcher->no_longer_admitted()) return end(*seat, *fault);
  auto piece = pieces_.after(seat->position, seat->viewer);
  if (!piece) return end(*seat, piece.error());
  seat->position = (*piece)->upto;
  hand_over(seat, *std::move(piece));
}

void WatchFeed::Run::hand_over(const SeatPtr& seat, WatchedPiece piece) {
  if (piece->events.empty()) {
    if (seat->position - seat->said >= state_->limits.passed)
      return send(*seat, pieces_.position(seat->position));
    return state_->ring(seat);  // others first: there may be much that is not theirs
  }
  const bool fresh = seat->noted_at && parts_.steady() - *seat->noted_at < state_->limits.look_every;
  if (piece->sealed && !fresh) return note_then_send(seat, piece);
  send(*seat, std::move(piece));
}

void WatchFeed::Run::note_then_send(const SeatPtr& seat, const WatchedPiece& piece) {
  const v1::WatchEvent& first = piece->events[*piece->sealed];
  auto look = parts_.look_at(seat->caller, seat->subject + " from=" + first.id(), first);
  if (!look) return send(*seat, piece);
  look->records = piece->sealed_events;
  seat->held = piece;
  seat->noting = true;
  parts_.note(*std::move(look), [state = state_, seat](const Answer<Done>& answer) {
    {
      const std::scoped_lock lock{state->mutex};
      seat->noted = answer;
    }
    state->ring(seat);
  });
}

void WatchFeed::Run::send(Seat& seat, WatchedPiece piece) {
  const auto watcher = watcher_of(seat);
  if (!watcher) return;
  seat.in_flight = true;
  seat.said = piece->upto;
  seat.sent_at = parts_.steady();
  watcher->send(std::move(piece));
}

void WatchFeed::Run::end(Seat& seat, const ApiFault& fault) {
  std::shared_ptr<Watcher> watcher;
  state_->remove(seat, watcher);
  if (watcher) watcher->end(fault);
}

void WatchFeed::Run::cut_slow() {
  const SteadyTime now = parts_.steady();
  if (now - looked_ < kLook) return;
  looked_ = now;
  for (const SeatPtr& seat : all()) {
    if (!seat->in_flight || now - seat->sent_at < state_->limits.slow) continue;
    if (has_taken(*seat)) continue;  // the thread has not come to it yet
    ++state_->counters.watchers_slow;
    end(*seat, {ApiFaultCode::kExhausted,
                "what was sent has not been read for too long; watch again behind the last event"});
  }
}

// ---------------------------------------- the feed
WatchFeed::WatchFeed(WatchParts parts) : state_{std::make_shared<State>(parts.limits, parts.counters)} {
  run_ = std::make_unique<Run>(std::move(parts), state_);
  run_->parts().store.on_commit([state = state_] { state->ring(nullptr); });
}

WatchFeed::~WatchFeed() { run_->parts().store.on_commit(nullptr); }

void WatchFeed::end_all() {
  std::unique_lock lock{state_->mutex};
  state_->ending = true;
  state_->wake.notify_one();
  state_->gone.wait(lock, [this] { return state_->seats.empty(); });
}

Answer<std::shared_ptr<Watching>> WatchFeed::join(const v1::WatchRequest& request, const Caller& caller,
                                                  std::string subject) {
  auto viewer = watch_class_of(request, caller);
  if (!viewer) return Fail{viewer.error()};
  const auto position = position_of(request.after(), run_->parts().reader);
  if (!position) return Fail{position.error()};
  auto seat = std::make_shared<Seat>();
  seat->caller = caller;
  seat->key = caller.certificate ? caller.certificate->hex()
              : caller.account   ? caller.account->issuer + "\n" + caller.account->subject
                                 : caller.name;
  seat->subject = std::move(subject);
  seat->viewer = *std::move(viewer);
  seat->position = seat->said = *position;
  const auto refuse = [&](std::string text) {
    ++state_->counters.watchers_refused;
    return Fail{ApiFault{ApiFaultCode::kExhausted, std::move(text)}};
  };
  const std::scoped_lock lock{state_->mutex};
  if (state_->ending || state_->stopping)
    return Fail{ApiFault{ApiFaultCode::kUnavailable, "chiplocd is stopping; try again in a moment"}};
  if (state_->seats.size() >= state_->limits.watchers)
    return refuse("as many watch as may at once; try again later");
  std::size_t& of_caller = state_->by_caller[seat->key];
  if (of_caller >= state_->limits.by_caller)
    return refuse("this caller watches " + std::to_string(of_caller) + " times already; end one of these");
  ++of_caller;
  seat->number = ++state_->last_number;
  state_->seats.emplace(seat->number, seat);
  state_->counters.watchers = state_->seats.size();
  return std::make_shared<Watching>(state_, std::move(seat));
}

// ---------------------------------------- one watcher's place
Watching::Watching(std::shared_ptr<WatchFeed::State> feed, std::shared_ptr<WatchFeed::Seat> seat)
    : feed_{std::move(feed)}, seat_{std::move(seat)} {}
Watching::~Watching() { leave(); }

void Watching::start(std::shared_ptr<Watcher> watcher) {
  {
    const std::scoped_lock lock{feed_->mutex};
    if (seat_->left) return;
    seat_->watcher = std::move(watcher);
    feed_->committed = true;  // where the feed stands may be behind where this one does
  }
  feed_->ring(seat_);
}

void Watching::taken() {
  {
    const std::scoped_lock lock{feed_->mutex};
    if (seat_->left) return;
    seat_->taken = true;
  }
  feed_->ring(seat_);
}

void Watching::leave() {
  std::shared_ptr<Watcher> watcher;
  feed_->remove(*seat_, watcher);
}

const std::string& WatchPiece::text(std::string (*make)(const WatchPiece&)) const {
  std::call_once(made_, [&] { text_ = make(*this); });
  return text_;
}

}  // namespace chiploc
