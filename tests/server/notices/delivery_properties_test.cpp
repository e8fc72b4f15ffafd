// What must hold whatever receivers answer and whenever the process dies: tried on stories that dice wrote. The rows
// stand in for the store's table and do what outbox_store.hpp says of it.

#include <algorithm>

#include "server/notices/delivery.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

const std::vector<std::string> kStorySinks{"a", "b"};
const std::vector<std::string> kStoryStreams{"case/1", "case/2", "order/1"};

/// What a receiver got: whether it came through, in the order of arrival.
struct Arrived {
  std::string sink, stream;
  std::uint64_t number;
  NoticeId id;
};

class OutboxStory {
 public:
  OutboxStory() { restart(); }

  void append() {
    const std::string& stream = kStoryStreams[*rc::gen::inRange<std::size_t>(0, kStoryStreams.size())];
    for (const std::string& sink : kStorySinks) {
      Delivery row{rows_.size() + 1, sink, stream, {}, now_, 0, DeliveryState::kWaiting, now_};
      row.notice.bytes.fill(static_cast<std::uint8_t>(notices_ + 1));
      rows_.push_back(row);
    }
    ++notices_;
  }
  void pass(Nanoseconds time) { now_ = now_ + time; }
  void send() {
    for (const std::string& sink : kStorySinks) {
      const std::size_t wanted = desk_->wanted(sink, now_);
      if (wanted == 0) continue;
      for (const Delivery& taken : desk_->take(heads(sink, wanted), now_)) {
        for (const Delivery& other : flying_)
          RC_ASSERT_FALSE(other.sink == taken.sink && other.stream == taken.stream);
        flying_.push_back(taken);
      }
    }
  }
  /// One that is in flight ends; `good`: with 200.
  void end_one(bool good) {
    if (flying_.empty()) return;
    const auto at = *rc::gen::inRange<std::size_t>(0, flying_.size());
    const Delivery delivery = flying_[at];
    flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(at));
    const Attempt attempt = good ? Attempt{AttemptEnd::kAnswered, 200, {}, {}, {}} : any_failure();
    if (good || *rc::gen::arbitrary<bool>()) arrive(delivery);  // it may have come, and its answer not
    const auto settled = desk_->settle(delivery.number, attempt, now_);
    RC_ASSERT(settled.has_value());
    RC_ASSERT(settled->delivery.notice == delivery.notice);
    RC_ASSERT(settled->delivery.attempts == delivery.attempts + 1);
    if (*rc::gen::inRange(0, 8) == 0) return crash();  // after the answer, before it is written down
    rows_[delivery.number - 1] = settled->delivery;
    if (settled->sink_gone) off_.insert(delivery.sink);
  }
  /// The process dies: what was in flight has arrived or not, and nobody knows.
  void crash() {
    for (const Delivery& delivery : flying_)
      if (*rc::gen::arbitrary<bool>()) arrive(delivery);
    restart();
  }
  /// A person has a dead one sent again, and switches sinks on.
  void mend() {
    for (Delivery& row : rows_) {
      if (row.state != DeliveryState::kDead || *rc::gen::arbitrary<bool>()) continue;
      row.state = DeliveryState::kWaiting;
      row.attempts = 0;
      row.queued = row.next = now_;
      resent_.insert(row.number);
    }
    for (const std::string& sink : off_) desk_->switch_sink(sink, false);
    off_.clear();
  }
  /// From here on everything works.
  void all_is_well() {
    mend();
    for (Delivery& row : rows_)
      if (row.state == DeliveryState::kDead) died_.insert(row.number);
    for (int i = 0; i < 5'000 && has_waiting(); ++i) {
      send();
      while (!flying_.empty()) {
        const Delivery delivery = flying_.front();
        flying_.erase(flying_.begin());
        arrive(delivery);
        rows_[delivery.number - 1] =
            desk_->settle(delivery.number, Attempt{AttemptEnd::kAnswered, 200, {}, {}, {}}, now_)->delivery;
      }
      pass(std::chrono::minutes{7});
    }
  }

  void check() const {
    RC_ASSERT_FALSE(has_waiting());
    for (const Delivery& row : rows_) {
      const bool arrived = std::any_of(arrived_.begin(), arrived_.end(),
                                       [&](const Arrived& one) { return one.number == row.number; });
      RC_ASSERT(arrived || row.state == DeliveryState::kDead);  // at least once
    }
    for (const std::string& sink : kStorySinks) {
      for (const std::string& stream : kStoryStreams) check_order(sink, stream);
    }
  }

 private:
  void restart() {
    flying_.clear();
    desk_.emplace([] { return *rc::gen::inRange(0, 1001) / 1000.0; });
    DeliveryRules rules;
    rules.attempts_most = 6;
    rules.refusals_most = 2;
    for (const std::string& sink : kStorySinks) desk_->add_sink(sink, rules, off_.count(sink) > 0);
  }
  static Attempt any_failure() {
    static const std::vector<int> kStatuses{301, 400, 404, 410, 422, 429, 500, 503};
    const auto which = *rc::gen::inRange<std::size_t>(0, kStatuses.size() + 3);
    if (which >= kStatuses.size()) return {AttemptEnd::kTimeout, 0, {}, {}, {}};
    std::optional<Nanoseconds> asked;
    if (*rc::gen::arbitrary<bool>()) asked = std::chrono::seconds{*rc::gen::inRange(-10, 10'000)};
    return {AttemptEnd::kAnswered, kStatuses[which], asked, {}, {}};
  }
  std::vector<Delivery> heads(const std::string& sink, std::size_t most) const {
    std::vector<Delivery> out;
    std::set<std::string> seen;
    for (const Delivery& row : rows_) {
      if (row.sink != sink || row.state != DeliveryState::kWaiting) continue;
      if (!seen.insert(row.stream).second) continue;
      if (row.next <= now_ && out.size() < most) out.push_back(row);
    }
    return out;
  }
  void arrive(const Delivery& delivery) {
    arrived_.push_back({delivery.sink, delivery.stream, delivery.number, delivery.notice});
  }
  bool has_waiting() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [](const Delivery& row) { return row.state == DeliveryState::kWaiting; });
  }
  /// By the first arrival of each id: in the order in which they were written, but for those that a person had sent
  /// again, and those that died and had arrived all the same.
  void check_order(const std::string& sink, const std::string& stream) const {
    std::map<NoticeId, std::uint64_t> ids;
    std::uint64_t last = 0;
    for (const Arrived& one : arrived_) {
      if (one.sink != sink || one.stream != stream) continue;
      const auto [known, fresh] = ids.emplace(one.id, one.number);
      RC_ASSERT(known->second == one.number);  // one id, one notice
      if (!fresh || resent_.count(one.number) > 0) continue;
      RC_ASSERT(one.number > last);
      last = one.number;
    }
  }

  WallTime now_ = noon(0);
  std::uint64_t notices_ = 0;
  std::vector<Delivery> rows_;
  std::optional<DeliveryDesk> desk_;
  std::vector<Delivery> flying_;
  std::vector<Arrived> arrived_;
  std::set<std::string> off_;
  std::set<std::uint64_t> resent_, died_;
};

}  // namespace

TEST_CASE("delivery: at least once, under one id, in order, whatever happens", "[notices][property]") {
  holds("every story", [] {
    OutboxStory story;
    const int steps = *rc::gen::inRange(1, 120);
    for (int i = 0; i < steps; ++i) {
      switch (*rc::gen::inRange(0, 10)) {
        case 0:
        case 1:
          story.append();
          break;
        case 2:
        case 3:
        case 4:
          story.send();
          break;
        case 5:
          story.pass(std::chrono::seconds{*rc::gen::inRange(0, 4'000)});
          break;
        case 6:
        case 7:
          story.end_one(*rc::gen::inRange(0, 3) > 0);
          break;
        case 8:
          if (*rc::gen::inRange(0, 4) == 0) story.crash();
          break;
        default:
          if (*rc::gen::inRange(0, 6) == 0) story.mend();
      }
    }
    story.all_is_well();
    story.check();
  });
}

TEST_CASE("delivery: a wait is never longer than the most, nor shorter than half of it",
          "[notices][property]") {
  holds("bounds", [] {
    DeliveryRules rules;
    rules.first_wait = Nanoseconds{*rc::gen::inRange<std::int64_t>(1, 100'000'000'000)};
    rules.growth = *rc::gen::inRange(1U, 100U);
    const auto attempts = *rc::gen::inRange<std::uint32_t>(1, 300);
    const double dice = *rc::gen::inRange(0, 1001) / 1000.0;
    const Nanoseconds whole = wait_after(attempts, 0, rules);
    RC_ASSERT(whole <= rules.wait_most);
    RC_ASSERT(whole >= std::min(rules.first_wait, rules.wait_most));
    RC_ASSERT(whole <= wait_after(attempts + 1, 0, rules));
    RC_ASSERT(wait_after(attempts, dice, rules) <= whole);
    RC_ASSERT(wait_after(attempts, dice, rules) >= whole / 2 - Nanoseconds{1});
  });
}

}  // namespace chiploc::test
