#pragma once
// The law of a session's smallest round trip, so that a round draws one number for each anchor instead of every datagram.

#include <optional>
#include <vector>

#include "server/lab/network_model.hpp"

namespace chiploc::fleet {

/// What queues add to the least of `pings` round trips over one path of the network model (server/lab/network_model.hpp),
/// as a function of how improbable that is:
///
///     S(t) = P(no ping came back within t beyond the empty path) = (l + (1 - l) G(t))^pings
///     l    = 1 - (1 - loss)^2                              a ping is lost on either way
///     G(t) = P(X1 + X2 > t),  X = Exp(queue) + [burst] Exp(burst) + [reorder] Uniform(min, max), one each way
///
/// A draw is the t of S(t) = s for a uniform s. Order does not matter to a least one, so that nothing else of the model is left out.
///
/// Accuracy  G is tabulated at 131,072 equal steps, 0.8 us each for the usual network, by exact convolution of what is linear
///           between them.
/// Owns      Its table; immutable, shared between threads.
class PingLaw {
 public:
  PingLaw(const NetworkOptions& network, unsigned pings);

  /// nullopt: none came back. Never shorter for a smaller s. s = 1 gives what an empty network gives.
  [[nodiscard]] std::optional<Nanoseconds> extra(double survival) const;
  /// S(t).
  [[nodiscard]] double survival(Nanoseconds extra) const;
  /// P(none comes back).
  [[nodiscard]] double none() const;

 private:
  double step_ns_;
  unsigned pings_;
  double lost_;                ///< l
  std::vector<double> below_;  ///< 1 - G at k steps
};

}  // namespace chiploc::fleet
