#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/seams.hpp"

namespace chiploc {

/// What the log says of tickets that were refused for a reason which somebody has to mend: a coordinator that
/// this agent was not given, another chip, clocks that differ. Whoever reads it learns what came, what was
/// expected and what to do.
///
/// Anybody can send such tickets, and the log is not theirs to fill: a line for each reason when it happens
/// first, then one in kEvery with how many there were since. No clock of its own.
class RefusalLog {
 public:
  static constexpr Nanoseconds kEvery = std::chrono::minutes{10};

  RefusalLog(const ChipId& chip, std::vector<CoordinatorId> trusted)
      : chip_{chip}, trusted_{std::move(trusted)} {}

  /// The line, if it is time for one: "ticket.refused reason=unknown_coordinator times=1 ...".
  [[nodiscard]] std::optional<std::string> line(const TicketRefusal& refusal);

 private:
  struct Told {
    std::optional<SteadyTime> last;
    std::uint64_t since = 0;
  };
  [[nodiscard]] std::string trusted() const;
  [[nodiscard]] std::string what_to_do(const TicketRefusal& refusal) const;

  ChipId chip_;
  std::vector<CoordinatorId> trusted_;
  std::array<Told, kRejectReasonLast + 1> told_{};
};

}  // namespace chiploc
