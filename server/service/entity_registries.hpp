#pragma once
#include <deque>
#include <mutex>
#include <string>

#include "server/registry/registry.hpp"
#include "server/service/caller.hpp"

namespace chiploc {

/// The registry as each caller may know it. Whoever has an entity asks a registry that holds nothing of others,
/// so that what is foreign is not found there in the very words in which nothing is found: no use case has to
/// think of it. Kept for the last few entities, since making one looks at every chip. Thread-safe.
class EntityRegistries {
 public:
  static constexpr std::size_t kKept = 8;

  [[nodiscard]] Registry::Snapshot get(const Registry::Snapshot& whole, const Caller& caller);
  /// After a change of the registry, by who made it: the parts that are kept, from the new one, so that nobody who
  /// asks for a list waits for theirs. How many were made; blocks.
  std::size_t renew(const Registry::Snapshot& whole);

 private:
  struct Part {
    Registry::Snapshot whole;  ///< that it was made from
    std::string holder;
    Registry::Snapshot part;
  };
  [[nodiscard]] std::deque<Part>::iterator find(const Registry::Snapshot& whole, const std::string& holder);
  void make_room(const Registry::Snapshot& whole);

  std::mutex mutex_;        // guards what follows
  std::deque<Part> parts_;  ///< last asked for first
};

}  // namespace chiploc
