#pragma once
// What the engine is handed of the world: time, chance and memory. The shell gives it the machine's, a
// simulator or a test its own, and then two runs are one.

#include <cstddef>
#include <functional>

#include "proto/base/bytes.hpp"
#include "proto/base/time.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
};

/// Where ids, nonces and the scheduler's secret come from.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// All of `out`, or it does not return.
  virtual void fill(MutableBytes out) = 0;
};

/// A fresh id or nonce.
template <class SomeId>
[[nodiscard]] SomeId draw(Entropy& entropy) {
  SomeId id;
  entropy.fill(id.bytes);
  return id;
}

/// Takes work for the store. In the order of posting, but for what is patient.
class Journal {
 public:
  /// What a work asks for.
  struct Load {
    std::size_t rows = 1;  ///< that it writes, about
    bool patient = false;  ///< others may overtake it
  };
  /// Runs wherever the store lives, perhaps on another thread: it touches nothing but its own captures.
  using Work = std::function<void(Store&)>;
  /// Runs on the engine's thread when the work is on the disk. With a fault nothing of it is, whatever its
  /// own results said.
  using Committed = std::function<void(const Stored<Done>&)>;

  virtual ~Journal() = default;
  /// False: refused, and neither function will run. Never calls `committed` before it returns.
  [[nodiscard]] virtual bool post(Work work, Committed committed, Load load) = 0;
  /// So much waits that it is time to begin nothing new, so that what was begun finds room.
  [[nodiscard]] virtual bool crowded() const = 0;
};

}  // namespace chiploc
