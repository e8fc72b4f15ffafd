#pragma once
#include "proto/base/time.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {

// Whole answers as JSON, by the same rules as json_view.hpp: what the command line prints with -o json, and what the REST
// edge sends.

/// By the clock of whoever shows it: it is no longer good.
[[nodiscard]] bool expired(const v1::Verdict& verdict, WallTime now);
/// With the key `expired`.
[[nodiscard]] Json verdict_record(const v1::Verdict& verdict, WallTime now);
/// The same of its latest verdict; null where there is none.
[[nodiscard]] Json chip_record(const v1::Chip& chip, WallTime now);
/// null: sealed, or of before it was kept.
[[nodiscard]] Json json_of_requester(const v1::RoundRequester& requester);
/// A chip_record with last_verdict_requested_by.
[[nodiscard]] Json chip_answer(const v1::GetChipResponse& answer, WallTime now);
/// A verdict_record with requested_by.
[[nodiscard]] Json verdict_answer(const v1::GetVerdictResponse& answer, WallTime now);
/// What a round left behind, bytes in hex: what `verdict show --evidence` writes as files.
[[nodiscard]] Json evidence_json(const v1::RoundEvidence& evidence);
[[nodiscard]] Json json_of(const v1::RestartCountersResponse& restarted);

/// {code, expires_at, page}
[[nodiscard]] Json json_of(const v1::CreateSignInCodeResponse& answer);
/// {licences, prohibited, territories}
[[nodiscard]] Json json_of(const v1::ListLicencesResponse& answer);
[[nodiscard]] Json json_of(const v1::GetLicenceResponse& answer);
/// Without the drawing itself.
[[nodiscard]] Json json_of(const v1::GetTerritoryResponse& answer);
[[nodiscard]] Json json_of(const v1::GetOrderResponse& answer);
/// A hold with its changes.
[[nodiscard]] Json hold_record(const v1::OrderHold& hold,
                               const google::protobuf::RepeatedPtrField<v1::OrderHoldChange>& changes);
[[nodiscard]] Json json_of(const v1::ImportRecord& entry);
[[nodiscard]] Json json_of(const v1::RegistryChange& change);
/// {"removed": "chip", "name": ...}
[[nodiscard]] Json removed_json(v1::ImportKind kind, const v1::RemoveResponse& answer);

/// What an import was understood to say: faults, counts, then "changes": [...], "changes_total": 3, "areas": ...
[[nodiscard]] Json import_json(const v1::ImportResponse& response, bool dry_run);
/// The lists of these alone, into `out`.
void add_import_json(Json& out, const v1::ImportResponse& response);

}  // namespace chiploc
