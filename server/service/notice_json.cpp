#include "server/service/notice_json.hpp"

namespace chiploc {
namespace {

Json notice_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json notice_time(std::int64_t unix_ns) { return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns)); }

}  // namespace

std::string notice_state_name(v1::NoticeState state) {
  switch (state) {
    case v1::NOTICE_WAITING:
      return "waiting";
    case v1::NOTICE_SENT:
      return "sent";
    case v1::NOTICE_DEAD:
      return "dead";
    case v1::NOTICE_MUTED:
      return "muted";
    default:
      return "";  // protobuf enums are open
  }
}

Json json_of(const v1::NoticeAttempt& attempt) {
  return {{"at", iso_time(attempt.at_unix_ns())},
          {"delivery", attempt.delivery()},
          {"notice_id", hex_of(attempt.notice_id())},
          {"kind", notice_text(attempt.kind())},
          {"subject", notice_text(attempt.subject())},
          {"sink", attempt.sink()},
          {"attempt", attempt.attempt()},
          {"http_status", attempt.http_status() == 0 ? Json(nullptr) : Json(attempt.http_status())},
          {"took_ms", static_cast<double>(attempt.took_ns()) / 1e6},
          {"state", notice_state_name(attempt.state())},
          {"now", notice_text(notice_state_name(attempt.now()))},
          {"text", attempt.text()}};
}

Json json_of(const v1::NoticeSinkStanding& sink) {
  return {{"sink", sink.sink()},
          {"configured", sink.configured()},
          {"receiver", notice_text(sink.receiver())},
          {"format", notice_text(sink.format())},
          {"kinds", std::vector<std::string>(sink.kinds().begin(), sink.kinds().end())},
          {"waiting", sink.waiting()},
          {"dead", sink.dead()},
          {"oldest_waits_since", notice_time(sink.oldest_unix_ns())},
          {"off_since", notice_time(sink.off_unix_ns())},
          {"why_off", notice_text(sink.why_off())}};
}

Json json_of(const v1::Mute& mute) {
  const v1::MuteScope& scope = mute.scope();
  const std::string& certificate = mute.certificate_sha256();
  return {{"number", mute.number()},
          {"scope",
           {{"kind", notice_text(scope.kind())},
            {"case_kind", notice_text(scope.case_kind())},
            {"order", notice_text(scope.order())},
            {"licence", notice_text(scope.licence())},
            {"site", notice_text(scope.site())},
            {"chip_id", notice_text(scope.chip())}}},
          {"reason", mute.reason()},
          {"author", mute.author()},
          {"certificate_sha256", certificate.empty() ? Json(nullptr) : Json(hex_of(certificate))},
          {"from", iso_time(mute.from_unix_ns())},
          {"until", iso_time(mute.until_unix_ns())},
          {"ended_at", notice_time(mute.ended_unix_ns())},
          {"ended_by", notice_text(mute.ended_by())},
          {"hidden", mute.hidden()},
          {"in_force", mute.in_force()},
          {"unreadable", mute.unreadable()}};
}

}  // namespace chiploc
