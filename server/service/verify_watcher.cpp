#include "server/service/verify_watcher.hpp"

#include <memory>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/service/views.hpp"

namespace chiploc {

RoundObserver observer_of(VerifyWatcher watcher) {
  const auto shared = std::make_shared<const VerifyWatcher>(std::move(watcher));
  RoundObserver observer;
  observer.started = [shared](RoundId round, const std::vector<std::string>& anchors) {
    v1::VerifyEvent event;
    event.mutable_started()->set_round_id(string_of(round.bytes));
    for (const std::string& anchor : anchors) event.mutable_started()->add_anchors(anchor);
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
