#include "server/service/verify_watcher.hpp"

#include <memory>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/service/views.hpp"

namespace chiploc {

RoundObserver observer_of(VerifyWatcher watcher) {
  const auto shared = std::make_shared<const VerifyWatcher>(std::move(watcher));
  RoundObserver observer;
  observer.started = [shared](const RoundBegun& begun) {
    v1::VerifyEvent event;
    v1::RoundStarted& started = *event.mutable_started();
    started.set_round_id(string_of(begun.round.bytes));
    for (const std::string& anchor : begun.anchors) started.add_anchors(anchor);
    started.set_knock_wait_ms(static_cast<std::uint32_t>(begun.knock_wait / std::chrono::milliseconds{1}));
    started.set_knock_note(begun.knock_note);
    shared->event(std::move(event));
  };
  observer.progress = [shared](const AnchorProgress& progress) {
    v1::VerifyEvent event;
    *event.mutable_progress() = view_of(progress);
    shared->event(std::move(event));
  };
  observer.verdict = [shared](const v1::Verdict& verdict) {
    v1::VerifyEvent event;
    *event.mutable_verdict() = verdict;
    shared->event(std::move(event));
    shared->end(std::nullopt);
  };
  observer.abandoned = [shared](RoundFault fault) { shared->end(fault_of(fault)); };
  return observer;
}

}  // namespace chiploc
