#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/http/http_message.hpp"

namespace chiploc {

struct IdempotencyOptions {
  Nanoseconds age_max = std::chrono::hours{24};   ///< an answer is kept so long after it was given
  std::size_t entries_max = 10'000;               ///< of all callers
  std::size_t caller_max = 1'000;                 ///< of one
  std::size_t body_max = std::size_t{256} << 10;  ///< a larger answer is not kept: its key may be used again
  std::size_t bytes_max = std::size_t{64} << 20;  ///< of all answers together
};

/// Answers to changes, by caller and Idempotency-Key, so that one that is sent again (for its answer was lost) is not done
/// again. In memory alone: what a restart means is in the README. Bounded; the oldest answers go first, and what still runs
/// stays. Thread-safe.
class IdempotencyTable {
 public:
  enum class Refusal : std::uint8_t {
    kRunning,       ///< the first request with this key has no answer yet
    kOtherRequest,  ///< this key came with another request
    kFull,          ///< as many of this caller's, or of all, are running as may
  };
  /// A request that is to be done: finish() or drop() it. Dropped by itself it is dropped.
  class Running {
   public:
    Running() = default;
    Running(IdempotencyTable& table, std::pair<std::string, std::string> key)
        : table_{&table}, key_{std::move(key)} {}
    Running(Running&& other) noexcept
        : table_{std::exchange(other.table_, nullptr)}, key_{std::move(other.key_)} {}
    Running& operator=(Running&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(key_, other.key_);
      return *this;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { drop(); }
    /// This is its answer from now on.
    void finish(const HttpReply& reply, SteadyTime now);
    /// It has none that would count: the key is free.
    void drop();

   private:
    IdempotencyTable* table_ = nullptr;
    std::pair<std::string, std::string> key_;
  };

  explicit IdempotencyTable(IdempotencyOptions options = {}) : options_{options} {}

  /// Do it; or the answer that was given; or why neither. `request` is the digest of all that was asked.
  [[nodiscard]] std::variant<Running, HttpReply, Refusal> begin(const std::string& caller,
                                                                const std::string& key, const Digest& request,
                                                                SteadyTime now);
  [[nodiscard]] std::size_t size() const;

 private:
  using Key = std::pair<std::string, std::string>;  // caller, key
  struct Entry {
    Digest request;
    std::optional<HttpReply> reply{};
    SteadyTime answered{};
    std::list<Key>::iterator place{};  // of one with an answer, in done_
  };
  void finish(const Key& key, const HttpReply& reply, SteadyTime now);
  void drop(const Key& key);
  void forget(const Key& key);
  void forget_old(SteadyTime now);
  /// False: nothing could go, for all of it runs.
  bool make_room(const std::string& caller);

  const IdempotencyOptions options_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<Key, Entry> entries_;
  std::map<std::string, std::size_t> of_caller_;
  std::list<Key> done_;  // oldest answer first
  std::size_t bytes_ = 0;
};

/// Whether a key may stand in the field: 1 to 128 visible ASCII characters.
[[nodiscard]] bool is_idempotency_key(std::string_view key);

}  // namespace chiploc
