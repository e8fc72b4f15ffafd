#pragma once
#include "proto/base/result.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/registry/import.hpp"
#include "server/registry/import_changes.hpp"
#include "server/registry/import_preview.hpp"
#include "server/registry/registry.hpp"
#include "server/service/fault.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

// Records of registry and store as messages of the API. No rules here, and no redaction: see redaction.hpp.

/// Without certificate and verdict.
[[nodiscard]] v1::Chip view_of(const ChipRecord& chip);
/// The same with what brought it and what its model is.
[[nodiscard]] v1::Chip view_of(const ChipRecord& chip, const Registry& registry);
[[nodiscard]] v1::CounterStart view_of(const CounterStart& start);
/// `chips` is how many chips name the licence.
[[nodiscard]] v1::Territory view_of(const TerritoryRecord& territory);
[[nodiscard]] v1::Licence view_of(const LicenceRecord& licence, std::uint64_t chips);
/// `status` may be null: the coordinator does not know the anchor yet.
[[nodiscard]] v1::Anchor view_of(const AnchorRecord& anchor, const AnchorStatus* status);
/// Numbers by state -> by the state's name.
void add_states(const std::map<std::uint32_t, std::uint64_t>& counts,
                google::protobuf::Map<std::string, std::uint64_t>& out);
/// Who asked for a round.
[[nodiscard]] v1::RoundRequester requester_of(const RoundIntent& intent);
[[nodiscard]] v1::ImportRecord view_of(const ImportJournalEntry& entry);
[[nodiscard]] v1::ImportResponse view_of(const ImportPlan& plan);
void add_view(const ImportChanges& changes, v1::ImportResponse& out);
void add_view(const ImportPreview& preview, v1::ImportResponse& out);
[[nodiscard]] v1::AnchorProgress view_of(const AnchorProgress& progress);

/// Stored bytes of this format as a verdict. kDamaged if they are none.
[[nodiscard]] Result<v1::Verdict, ApiFault> read_verdict(Bytes stored, std::uint32_t format);
/// kDamaged if a part is no message of its kind.
[[nodiscard]] Result<v1::RoundEvidence, ApiFault> view_of(const RoundEvidenceRecord& record);

}  // namespace chiploc
