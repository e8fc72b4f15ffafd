#pragma once
// The sections of a policy beside [policy]: read in one place, for chiplocd.toml and for a policy's own file.

#include "server/config/toml_reader.hpp"
#include "server/policy/rules.hpp"

namespace chiploc {

struct RulesRead {
  PolicyRules rules;  ///< what is absent is the default
  RuleSections has;   ///< sections that the file has
};
/// Reads [scheduler], [status], [orders], [cases] and [retention], and [groups] of countries, which
/// scheduler.transshipment may name: "@NAME" for NAME = ["AE", ..], and "@D:5" for one of groups.hpp. Faults are noted
/// in `file`; a group that nothing names is one.
[[nodiscard]] RulesRead read_rules(TomlReader& file);

}  // namespace chiploc
