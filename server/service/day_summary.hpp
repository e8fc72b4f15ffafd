#pragma once
// What a person begins the day with, put together from what the parts know. Bounded: 20 of each list, and how many there
// are.

#include <map>
#include <vector>

#include "proto/v1/operator_service.pb.h"
#include "server/registry/registry.hpp"
#include "server/rounds/watch.hpp"
#include "server/service/stories.hpp"
#include "server/storage/outbox_store.hpp"
#include "server/storage/status_store.hpp"

namespace chiploc {

inline constexpr int kSummaryRows = 20;

/// Chips by status, one row for each state, and the changes to it and from it.
void add_tallies(const std::map<std::uint32_t, std::uint64_t>& counts,
                 const std::vector<StatusChangeCount>& changes, v1::GetSummaryResponse& out);
/// Licences, unmet conditions and certificates of anchors that end between now and then, soonest first, with what is there
/// already (absences). Of what has ended before now the unmet conditions alone: they are still to be met.
void add_runs_out(const Registry& registry, const std::vector<AnchorStatus>& anchors,
                  const Registry& all_anchors, WallTime now, WallTime until, v1::GetSummaryResponse& out);
/// Anchors that cannot do their work, or whose word is in doubt; in the order of their names.
void add_anchors(const Registry& registry, const std::vector<AnchorStatus>& anchors, WallTime now,
                 v1::GetSummaryResponse& out);
/// Open cases, the most urgent first, of orders and licences that this registry has; where `all`, every one. Else in the
/// order of their opening and without priority: it would tell who is on the watch list.
void add_cases(const std::vector<FoundCase>& cases, const Registry& registry, bool all, WallTime now,
               v1::GetSummaryResponse& out);
/// Orders on hold, the longest first, likewise.
void add_held_orders(const std::vector<FoundOrder>& orders, const Registry& registry, bool all,
                     const OrderRules& rules, v1::GetSummaryResponse& out);
void add_notices(const std::vector<SinkStanding>& sinks, v1::GetSummaryResponse& out);

}  // namespace chiploc
