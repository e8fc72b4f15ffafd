#pragma once
// [[notices]] in chiplocd.toml: a sink each.

#include <vector>

#include "server/config/toml_reader.hpp"
#include "server/notices/notice_sink.hpp"

namespace chiploc {

/// What the file says of a sink; its secrets are still in their files.
///
///     [[notices]]
///     name = "siem"                        # 1 to 64 of a-z 0-9 - _
///     url = "https://siem.example/chiploc"
///     format = "cloudevents"               # or "ocsf", "alertmanager"
///     kinds = ["case.opened", ..]          # absent: all that the format can tell
///     secret = "siem.secret"               # whsec_.. or whsk_.., 0600; none for alertmanager
///     old_secret = "siem.old"              # signs beside it until then
///     old_secret_until = "2026-12-08T00:00:00Z"
///     ca = "siem-ca.pem"                   # the only authority believed; absent: the system's
///     allow_http = false                   # without TLS
///     allow_private = false                # private addresses and loopback
///     again_s = 60                         # alertmanager: what fires is told again so often
struct NoticeSinkConfig {
  NoticeSink sink;  ///< without keys
  std::filesystem::path secret, old_secret;
  WallTime old_secret_until;
  std::string secret_at, old_secret_at, ca_at;  ///< "notices.secret in FILE:LINE"
};

inline constexpr std::size_t kNoticeSinksMax = 16;

/// Reads every [[notices]]. What is wrong is noted in the reader, with its line.
[[nodiscard]] std::vector<NoticeSinkConfig> read_notice_sinks(TomlReader& file);

/// The sink with its keys, or what is wrong with one: a sentence that names its file, behind the line that names it.
[[nodiscard]] Result<NoticeSink, KeyFault> open_notice_sink(const NoticeSinkConfig& config);
/// All of them, or everything that is wrong with any.
[[nodiscard]] Result<std::vector<NoticeSink>, std::vector<std::string>> open_notice_sinks(
    const std::vector<NoticeSinkConfig>& configs);

}  // namespace chiploc
