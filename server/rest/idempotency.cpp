#include "server/rest/idempotency.hpp"

#include <algorithm>

namespace chiploc {

void IdempotencyTable::Running::finish(const HttpReply& reply, SteadyTime now) {
  if (IdempotencyTable* table = std::exchange(table_, nullptr)) table->finish(key_, reply, now);
}

void IdempotencyTable::Running::drop() {
  if (IdempotencyTable* table = std::exchange(table_, nullptr)) table->drop(key_);
}

std::variant<IdempotencyTable::Running, HttpReply, IdempotencyTable::Refusal> IdempotencyTable::begin(
    const std::string& caller, const std::string& key, const Digest& request, SteadyTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  Key both{caller, key};
  if (const auto at = entries_.find(both); at != entries_.end()) {
    if (at->second.request != request) return Refusal::kOtherRequest;
    if (!at->second.reply) return Refusal::kRunning;
    return *at->second.reply;
  }
  if (!make_room(caller)) return Refusal::kFull;
  entries_[both].request = request;
  ++of_caller_[caller];
  return Running{*this, std::move(both)};
}

std::size_t IdempotencyTable::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

void IdempotencyTable::finish(const Key& key, const HttpReply& reply, SteadyTime now) {
  const std::lock_guard lock{mutex_};
  const std::size_t bytes = reply.body.size();
  if (reply.shared || bytes > options_.body_max) return forget(key);
  Entry& entry = entries_.at(key);
  entry.reply = reply;
  entry.answered = now;
  entry.place = done_.insert(done_.end(), key);
  bytes_ += bytes;
  while (bytes_ > options_.bytes_max && !done_.empty()) forget(Key{done_.front()});
}

void IdempotencyTable::drop(const Key& key) {
  const std::lock_guard lock{mutex_};
  forget(key);
}

void IdempotencyTable::forget(const Key& key) {
  const auto at = entries_.find(key);
  if (at->second.reply) {
    bytes_ -= at->second.reply->body.size();
    done_.erase(at->second.place);
  }
  entries_.erase(at);
  if (const auto count = of_caller_.find(key.first); --count->second == 0) of_caller_.erase(count);
}

void IdempotencyTable::forget_old(SteadyTime now) {
  while (!done_.empty() && now - entries_.at(done_.front()).answered > options_.age_max)
    forget(Key{done_.front()});
}

bool IdempotencyTable::make_room(const std::string& caller) {
  const auto count = of_caller_.find(caller);
  if (count != of_caller_.end() && count->second >= options_.caller_max) {
    const auto own =
        std::find_if(done_.begin(), done_.end(), [&](const Key& key) { return key.first == caller; });
    if (own == done_.end()) return false;
    forget(Key{*own});
  }
  if (entries_.size() < options_.entries_max) return true;
  if (done_.empty()) return false;
  forget(Key{done_.front()});
  return true;
}

bool is_idempotency_key(std::string_view key) {
  constexpr std::size_t kMost = 128;
  return !key.empty() && key.size() <= kMost &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace chiploc
