#pragma once
// The dated list of keys that a coordinator signs reports with. The same file is what a reader pins.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

struct ReportKey {
  PublicKey key;                    ///< Ed25519
  std::optional<WallTime> from{};   ///< nullopt: not stated, any time
  std::optional<WallTime> until{};  ///< it signs nothing from then on; nullopt: not stated
};

struct ReportKeys {
  std::vector<ReportKey> keys;  ///< the oldest first, as the file has them

  /// Of this coordinator id, each time that it was in force; empty: it is not on the list.
  [[nodiscard]] std::vector<ReportKey> of(const CoordinatorId& id) const;
  /// The one that signs now: the last, if it has no end. Null: none.
  [[nodiscard]] const ReportKey* in_force() const;
};
inline constexpr std::size_t kReportKeysMax = 1'000;
inline constexpr std::size_t kReportKeysBytes = std::size_t{1} << 20;

/// [[coordinator]] with public_key (64 hex digits), and name, from, until (ISO 8601 in UTC) where they are stated:
/// the lines for agent.toml that chiplocd --show-identity prints are such a list of one key. `name` stands for the
/// file. Fails with every fault, "FILE:LINE: problem; what to do", a line each.
[[nodiscard]] Result<ReportKeys, std::string> parse_report_keys(std::string_view text,
                                                                const std::filesystem::path& name);
/// Such a file.
[[nodiscard]] std::string report_keys_text(const ReportKeys& keys);

/// The list once this key signs from now on: as it is where it is the one in force; else that one ends now. A key that
/// was in force before may be so again: it stands twice, with the dates of each time. A key that somebody ended by hand,
/// while it is the last, stays ended. False: nothing has changed. `now`
/// before the last date counts as that: a list never goes back.
bool take_key(ReportKeys& keys, const PublicKey& key, WallTime now);

/// A key's dates, of one of the times that it was in force.
[[nodiscard]] bool in_force_at(const ReportKey& key, WallTime time);

}  // namespace chiploc
