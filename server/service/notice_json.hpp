#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// "waiting", "sent", "dead", "muted"; "" for none.
[[nodiscard]] std::string notice_state_name(v1::NoticeState state);
/// at, delivery, notice_id, kind, subject, sink, attempt, http_status, took_ms, state, now, text. null: not known any more.
[[nodiscard]] Json json_of(const v1::NoticeAttempt& attempt);
/// sink, configured, receiver, format, kinds, waiting, dead, oldest_waits_since, off_since, why_off.
[[nodiscard]] Json json_of(const v1::NoticeSinkStanding& sink);
/// number, scope, reason, author, certificate_sha256, from, until, ended_at, ended_by, hidden, in_force, unreadable.
[[nodiscard]] Json json_of(const v1::Mute& mute);

}  // namespace chiploc
