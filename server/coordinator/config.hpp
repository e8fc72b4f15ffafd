#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/key_store.hpp"
#include "server/cases/mute.hpp"
#include "server/coordinator/coordinator.hpp"
#include "server/http/http_limits.hpp"
#include "server/http/request_rates.hpp"
#include "server/net/tls.hpp"
#include "server/notices/sink_config.hpp"
#include "server/oidc/oidc_config.hpp"
#include "server/policy/rules.hpp"
#include "server/service/watch_limits.hpp"

namespace chiploc {

/// [http]: the API as HTTP and JSON, and the page.
struct HttpConfig {
  std::string address;         ///< "127.0.0.1:7480"; empty: neither is served
  std::filesystem::path page;  ///< the folder of the page's files; empty: the API alone
  std::string page_at;         ///< "FILE:LINE: http.page"
  std::string
      public_url;  ///< "https://HOST[:PORT]": where browsers find the page; by itself from the address
  std::optional<OidcConfig> oidc;  ///< people by tokens too; nullopt: by certificates alone
  HttpLimits limits;
  RequestRates rates;
  WatchLimits watching;  ///< as many as there may be streams
};

/// [enrol]: the authority that signs certificates of newcomers, on this machine.
struct EnrolConfig {
  std::filesystem::path authority;        ///< folder of server/pki; empty: nobody is enrolled here
  std::filesystem::path passphrase_file;  ///< of its key; empty: it has none
  int days = 365;                         ///< that a certificate is valid
};

/// chiplocd.toml; deploy/chiplocd.toml shows every key with its default and its reason.
/// The evidence log.
struct LogConfig {
  std::filesystem::path folder;        ///< its files; without a key beside the database: evidence-log
  std::string origin{};                ///< its name; empty: after the coordinator's id
  std::filesystem::path witnesses{};   ///< a tlog-policy: who is asked to cosign; empty: nobody
  std::filesystem::path witness_ca{};  ///< whose certificates are believed for that; empty: the system's
};

struct DaemonConfig {
  std::string grpc_address;  ///< "127.0.0.1:7443" or "[::1]:7443"
  KeyOptions key;            ///< Ed25519, signs tickets and close orders
  std::filesystem::path database;
  TlsFiles tls;
  std::filesystem::path revocations;      ///< empty: nothing is revoked
  CoordinatorOptions coordinator;         ///< with its part of `rules`
  PolicyRules rules;                      ///< in force for sections that no activated policy has (in_force())
  std::vector<NoticeSinkConfig> notices;  ///< who is told; secrets are still in their files
  MuteRules mutes;
  HttpConfig http;
  EnrolConfig enrol;
  LogConfig log;
};

/// Reads and checks the file. `faults` is empty exactly when `config` may be used; each reads
/// "FILE:LINE: section.key: problem; what to do".
struct DaemonConfigResult {
  DaemonConfig config;
  std::vector<std::string> faults;
};
[[nodiscard]] DaemonConfigResult load_daemon_config(const std::filesystem::path& file);
/// The same from text; `name` stands for the file.
[[nodiscard]] DaemonConfigResult parse_daemon_config(std::string_view text,
                                                     const std::filesystem::path& name);

}  // namespace chiploc
