#pragma once
// Who is told, of what, in which form.

#include <set>
#include <string>
#include <vector>

#include "server/notices/alert.hpp"
#include "server/notices/http_receiver.hpp"
#include "server/notices/webhook_signature.hpp"

namespace chiploc {

enum class NoticeFormat : std::uint8_t {
  kCloudEvents,   ///< one event a request, signed
  kOcsf,          ///< one line of ndjson a request, signed
  kAlertmanager,  ///< alerts, unsigned: Alertmanager looks at no signature
};

/// Which kinds a sink of this format can be told.
[[nodiscard]] bool can_tell(NoticeFormat format, NoticeKind kind);

struct NoticeSink {
  std::string name;
  NoticeFormat format = NoticeFormat::kCloudEvents;
  std::set<NoticeKind> kinds;  ///< those that it is told
  HttpReceiver to;
  std::vector<WebhookKeyInUse> keys;  ///< none for Alertmanager
  AlertRules alerts;                  ///< for Alertmanager
};

/// The request that tells a sink one notice. `event` is what cloud_event_text wrote; a webhook's body is that,
/// to the byte. A failure is a sentence: no secret is in force, or the event is not what we wrote.
[[nodiscard]] Result<SendRequest, std::string> request_for(const NoticeSink& sink, const NoticeId& id,
                                                           const std::string& event, WallTime now);
/// The request that tells Alertmanager what fires.
[[nodiscard]] SendRequest alert_request(std::string body, WallTime now);

}  // namespace chiploc
