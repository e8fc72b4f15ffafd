#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/seams.hpp"

namespace chiploc {

/// What the log says of rendezvous anchors that answer no knock: where, since when, and what to look at. For each
/// a line with the first knock in vain, then one in kEvery while it lasts, and one when it is over. Whoever can
/// drop or answer knocks fills no log with it: two lines in kEvery for each. No clock of its own.
class KnockLog {
 public:
  static constexpr Nanoseconds kEvery = std::chrono::minutes{10};

  /// "knock.unanswered rendezvous=192.0.2.7:7411 knocks=1 for_s=3; ...", if it is time for one.
  [[nodiscard]] std::optional<std::string> unanswered(const UnansweredKnocks& knocks);
  /// "knock.answered rendezvous=192.0.2.7:7411", if the log said that nobody did.
  [[nodiscard]] std::optional<std::string> answered(const Endpoint& rendezvous);

 private:
  struct Told {
    SteadyTime last;
    bool open = false;  ///< and nothing since
  };
  std::vector<std::pair<Endpoint, Told>> told_;
};

}  // namespace chiploc
