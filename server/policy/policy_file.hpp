#pragma once
// A policy's file: [policy], and the sections of rules.hpp. [policy] is read here for chiplocd.toml as well.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/toml_reader.hpp"
#include "server/policy/policy.hpp"
#include "server/policy/rules.hpp"

namespace chiploc {

/// The keys of [policy] that say how a round is measured. They are no part of a Policy, since no state
/// follows from them; but they stand in its version, and in the same section.
struct MeasuringKeys {
  std::uint8_t pings = 12;
  Nanoseconds ping_interval = std::chrono::milliseconds{40};
  Nanoseconds prepare_deadline = std::chrono::seconds{3};
  Nanoseconds deadline = std::chrono::seconds{15};
  Nanoseconds linger = std::chrono::seconds{2};
  Nanoseconds knock_interval = std::chrono::seconds{30};
  Nanoseconds knock_wait = std::chrono::seconds{180};  ///< by default at least what knock_interval asks for
  std::size_t anchors_per_round = 64;
};

struct PolicyKeys {
  Policy policy;  ///< with its version
  MeasuringKeys measuring;
};
/// Reads every key of the section. Those that are absent are as in `defaults`, and as in Policy{}.
[[nodiscard]] PolicyKeys read_policy_keys(TomlSection& section, const MeasuringKeys& defaults = {});

/// Names what a verdict was decided by: two daemons with equal policies write equal versions. That of a file of
/// its own says nothing of measuring; that of chiplocd.toml names the pings, as it always has.
[[nodiscard]] std::string version_of(const Policy& policy);
[[nodiscard]] std::string version_of(const Policy& policy, unsigned pings);
/// That of a file with more sections than [policy]: it names the whole text, so that a verdict does.
[[nodiscard]] std::string version_of(const Policy& policy, const Digest& text);

/// A file with [policy] and sections of rules, nothing else. `faults` is empty exactly when the rest may be used; each
/// reads "FILE:LINE: policy.key: problem; what to do". Keys that are absent are the defaults, in sections that are
/// absent too: whoever puts it in force asks `has` (in_force() of rules.hpp).
struct PolicyFile {
  Policy policy;
  PolicyRules rules{};
  RuleSections has{};
  bool has_policy = false;  ///< [policy] itself
  std::vector<std::string> faults{};
};
/// `name` stands for the file.
[[nodiscard]] PolicyFile parse_policy(std::string_view text, const std::filesystem::path& name);
/// The same of a policy that is to be put in force: keys of measuring, which chiplocd.toml alone has, are
/// faults, since they would have no effect.
[[nodiscard]] PolicyFile parse_policy_to_activate(std::string_view text, const std::filesystem::path& name);
/// A file of it: read back it is the same policy, but for its version.
[[nodiscard]] std::string policy_text(const Policy& policy);
/// The same of a whole file: with the sections that it has.
[[nodiscard]] std::string policy_text(const PolicyFile& file);

}  // namespace chiploc
