#pragma once
// Records of the registry as reports have them.

#include <string>

#include "server/registry/registry.hpp"
#include "server/reports/report_kinds.hpp"

namespace chiploc {

/// Why a licence licenses nothing then; empty: it is in force.
[[nodiscard]] std::string standing_of(const LicenceRecord& licence, WallTime now);
[[nodiscard]] ReportedLicence reported(const LicenceRecord& licence, const Registry& registry, WallTime now);
[[nodiscard]] ReportedOrder reported(const OrderRecord& order, const Registry& registry);
[[nodiscard]] ReportedDelivery reported(const DeliveryRecord& delivery, const Registry& registry);
[[nodiscard]] ReportedCondition reported(const ConditionRecord& condition);

}  // namespace chiploc
