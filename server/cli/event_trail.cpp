#include "server/cli/event_trail.hpp"

namespace chiploc {

bool EventTrail::take(const v1::WatchEvent& event) {
  began_ = true;
  if (event.body_case() == v1::WatchEvent::BODY_NOT_SET && event.id() == after_) return false;
  after_ = event.id();
  backoff_.reset();
  return true;
}

std::optional<Nanoseconds> EventTrail::wait_after(const WatchEnd& end, double draw) {
  if (!began_ || !end.may_go_on) return std::nullopt;
  return backoff_.next(draw);
}

CliFault EventTrail::over(const WatchEnd& end) const {
  if (!began_) return end.fault;
  CliFault fault = end.fault;
  fault.text = "no events behind " + after_ + ": " + fault.text;
  // What was wrong is no flag: the coordinator forgot events that it has told.
  if (fault.code == ExitCode::kUsage) fault.code = ExitCode::kUnreachable;
  return fault;
}

}  // namespace chiploc
