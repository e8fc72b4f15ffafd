#include "server/notices/notice_sink.hpp"

#include "server/notices/cloud_event.hpp"
#include "server/notices/ocsf.hpp"

namespace chiploc {
namespace {

Result<SendRequest, std::string> signed_request(const NoticeSink& sink, const NoticeId& id, WallTime now,
                                                std::string_view type, std::string body) {
  const auto headers = webhook_headers(sink.keys, id, now, body);
  if (!headers) return Fail{headers.error().text};
  return SendRequest{{{"Content-Type", std::string{type}},
                      {"webhook-id", headers->id},
                      {"webhook-timestamp", headers->timestamp},
                      {"webhook-signature", headers->signature}},
                     std::move(body),
                     now};
}

}  // namespace

bool can_tell(NoticeFormat format, NoticeKind kind) {
  return format != NoticeFormat::kAlertmanager || makes_alert(kind);
}

SendRequest alert_request(std::string body, WallTime now) {
  return {{{"Content-Type", "application/json"}}, std::move(body), now};
}

Result<SendRequest, std::string> request_for(const NoticeSink& sink, const NoticeId& id,
                                             const std::string& event, WallTime now) {
  // Also a webhook's is read: what is damaged on the disk is not signed.
  const auto read = read_cloud_event(event);
  if (!read) return Fail{"what is stored is " + read.error()};
  if (id_of(read->notice) != id) return Fail{std::string{"what is stored is an event of another id"}};
  switch (sink.format) {
    case NoticeFormat::kCloudEvents:
      return signed_request(sink, id, now, kCloudEventContentType, event);
    case NoticeFormat::kOcsf:
      return signed_request(sink, id, now, "application/x-ndjson",
                            ocsf_line(read->notice, read->source) + "\n");
    case NoticeFormat::kAlertmanager:
      break;
  }
  std::string alerts = alerts_text({read->notice}, read->source, now, sink.alerts);
  if (alerts.empty()) return Fail{std::string{"a notice of this kind makes no alert"}};
  return alert_request(std::move(alerts), now);
}

}  // namespace chiploc
