#pragma once
// A policy that somebody sent, to judge by.

#include "proto/v1/operator_service.pb.h"
#include "server/policy/policy_file.hpp"
#include "server/service/requests.hpp"

namespace chiploc {

/// kBadField with every fault of the file, a line each.
[[nodiscard]] Checked<Policy> sent_policy(const v1::PolicyFile& file, const ApiLimits& limits);

/// The same of one that is to be put in force (parse_policy_to_activate): the whole file, and [policy] must be in it.
[[nodiscard]] Checked<PolicyFile> policy_to_activate(const v1::PolicyFile& file, const ApiLimits& limits);

}  // namespace chiploc
