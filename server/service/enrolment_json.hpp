#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// number, kind, name, holder, state, reason, author, certificate_sha256, made_at, until, used_at, used_key_sha256, used_from,
/// revoked_at, revoked_by, steps.
[[nodiscard]] Json json_of(const v1::Enrolment& enrolment);

}  // namespace chiploc
