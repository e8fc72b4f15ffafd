#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// sha256, version, number (0: of chiplocd.toml), activated_at, policy: the file's text.
[[nodiscard]] Json json_of(const v1::GetPolicyResponse& policy);
/// number, sha256, version, differences.
[[nodiscard]] Json json_of(const v1::ActivatePolicyResponse& activated);
/// number, at, by, certificate_sha256, reason, sha256, differences, policy.
[[nodiscard]] Json json_of(const v1::PolicyRecord& record);
/// was, is, rounds.
[[nodiscard]] Json json_of(const v1::ReplayPolicyResponse::Moved& moved);
/// why, rounds.
[[nodiscard]] Json json_of(const v1::ReplayPolicyResponse::Unjudged& unjudged);
/// chip_id, serial, verdict_id, decided_at, was, is, reason_code.
[[nodiscard]] Json json_of(const v1::ReplayPolicyResponse::Change& change);

}  // namespace chiploc
