#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "server/http/http_message.hpp"
#include "server/service/caller.hpp"
#include "server/service/watch_feed.hpp"

namespace chiploc::v1 {
class WatchRequest;
}

namespace chiploc {

class OperatorUseCases;

/// What is committed, as server-sent events: each with its `id`, its name in `event` and its JSON in `data`. A client goes on
/// by the field Last-Event-ID, which goes before the parameter `after`. In place of the next event there may be a "problem",
/// which is the last. `refuse` counts a fault and makes its problem; `still` is Watcher::no_longer_admitted, and empty for a
/// certificate.
using StillAdmitted = std::function<std::optional<ApiFault>()>;
void stream_watch(OperatorUseCases& cases, std::function<HttpReply(const ApiFault&)> refuse,
                  const std::shared_ptr<HttpExchange>& exchange, const v1::WatchRequest& request,
                  const Caller& caller, StillAdmitted still);

}  // namespace chiploc
