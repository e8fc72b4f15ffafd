#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// People who each watch one round through the operators' API: thousands of Verify calls at once.
class Watchers {
 public:
  /// How one call ended.
  struct Outcome {
    std::size_t chip = 0;
    bool verdict = false;       ///< a verdict came, and its one anchor's measurement counted in it
    std::uint32_t samples = 0;  ///< round trips in it
    double report_to_verdict_ms =
        0.0;              ///< between those two events, both as the watcher saw them; <= 0: unknown
    std::string problem;  ///< if there was none: why
  };

  /// `calls`: how many may be under way; a connection carries 200 of them. Fails with a sentence.
  [[nodiscard]] static Result<std::unique_ptr<Watchers>, std::string> open(const std::string& address,
                                                                           const TlsFiles& tls,
                                                                           std::size_t calls);
  /// Ends what is still under way and waits for it.
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  void verify(std::size_t chip, const std::string& id);
  /// What ended since the last call; waits until `until` for the first.
  [[nodiscard]] std::vector<Outcome> take(std::chrono::steady_clock::time_point until);
  [[nodiscard]] std::size_t under_way() const;

 private:
  class Call;
  struct Connection;
  Watchers();
  void ended(Call* call, Outcome outcome);

  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t next_ = 0;
  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::map<Call*, std::unique_ptr<Call>> calls_;
  /// Destroyed on the owner's thread: on gRPC's, the last one would take that very thread's queue down with
  /// it.
  std::vector<std::unique_ptr<Call>> over_;
  std::vector<Outcome> outcomes_;
};

}  // namespace chiploc
