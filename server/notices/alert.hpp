#pragma once
// What Alertmanager is told: cases that are open and orders that are held, as alerts that fire.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/notices/notice.hpp"

namespace chiploc {

/// When an alert ends by itself unless it is told again. Each is sent with its end, so Alertmanager's
/// resolve_timeout (for alerts without) decides nothing.
struct AlertRules {
  Nanoseconds again = std::chrono::seconds{60};  ///< what fires is told again so often
  unsigned lasts = 4;                            ///< an alert lasts for so many of them: three may be lost
};

/// Whether notices of this kind make an alert: those of cases and orders, and tests. A chip's status alone is
/// nothing that a person is woken for.
[[nodiscard]] bool makes_alert(NoticeKind kind);

/// The body of POST /api/v2/alerts for these notices, one alert each; those that make none are left out, and
/// none at all is "".
///
/// Labels, which name an alert: alertname (ChiplocCase, ChiplocOrderHeld, ChiplocTest), subject ("case/C-17"),
/// severity, coordinator, and of a case `about`. They never change in a subject's life and each has few values
/// beside the subject, which stands in one alert alone; chips are in no label. The rest is annotations.
/// A case that is open fires from when it was opened to `now` and AlertRules; one that is resolved ends when
/// it was.
[[nodiscard]] std::string alerts_text(const std::vector<Notice>& notices, const CoordinatorId& source,
                                      WallTime now, const AlertRules& rules);

/// What fires now, so that it can be told again and again: Alertmanager forgets. Filled with the newest notice
/// of each open case and held order at the start, and with every notice that is sent. One owner.
class AlertBoard {
 public:
  /// Beyond so many the newest are not taken in; left_out() counts them.
  static constexpr std::size_t kAlertsMax = 20'000;
  static constexpr std::size_t kAlertsABody = 200;  ///< some 200 KB

  explicit AlertBoard(const AlertRules& rules) : rules_{rules} {}

  /// The newest of its subject: what fires is kept, what is over goes.
  void tell(const Notice& notice);
  /// Everything that fires, in bodies of at most kAlertsABody, if it is time to tell it again; else nothing.
  /// The first time it is.
  [[nodiscard]] std::vector<std::string> told_again(const CoordinatorId& source, WallTime now);
  /// When told_again next has something to tell; nullopt: nothing fires.
  [[nodiscard]] std::optional<WallTime> next() const;

  [[nodiscard]] std::size_t firing() const { return firing_.size(); }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] const AlertRules& rules() const { return rules_; }

 private:
  AlertRules rules_;
  std::map<std::string, Notice> firing_;  ///< by subject
  std::optional<WallTime> told_;
  std::uint64_t left_out_ = 0;
};

}  // namespace chiploc
