// The use case that goes on until somebody ends it: Watch.
#include "server/service/audit.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/watch_feed.hpp"

namespace chiploc {

OperatorUseCases::~OperatorUseCases() = default;

std::unique_ptr<WatchFeed> OperatorUseCases::make_feed() {
  return std::make_unique<WatchFeed>(WatchParts{
      .reader = parts_.watch_reader != nullptr ? *parts_.watch_reader : parts_.reader,
      .store = parts_.store,
      .registry = [this] { return parts_.registry.get(); },
      .steady = parts_.steady,
      .look_at = [this](const Caller& caller, const std::string& subject,
                        const v1::WatchEvent& event) { return look_at(caller, subject, event); },
      .note =
          [this](AuditEntry entry, std::function<void(const Answer<Done>&)> done) {
            note_look(std::move(entry), [done = std::move(done)](const Answer<Done>& noted) { done(noted); });
          },
      .counters = counters_,
      .limits = parts_.watching});
}

Answer<std::shared_ptr<Watching>> OperatorUseCases::watch(const v1::WatchRequest& request,
                                                          const Caller& caller) {
  const auto after = check_text("after", request.after(), parts_.limits);
  if (!after) return Fail{after.error()};
  return feed_->join(request, caller, subject_of(request));
}

void OperatorUseCases::end_watches() { feed_->end_all(); }

}  // namespace chiploc
