#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/crypto/issue.hpp"
#include "server/lab/child_process.hpp"
#include "server/lab/lab_client.hpp"
#include "tests/soak/agent_fleet.hpp"

namespace chiploc {

struct SoakOptions {
  std::filesystem::path state;     ///< an empty folder
  std::filesystem::path programs;  ///< where chiplocd and chiploc-anchor lie
  std::size_t rounds = 10'000;     ///< in flight at once; as many chips are made
  int pings = 12;
  int ping_interval_ms = 2'000;
  int round_deadline_ms = 120'000;
  std::optional<std::string> http{};  ///< keys of [http] beside its address; nullopt: chiplocd serves none
  std::size_t sessions =
      16;  ///< of each agent: rounds of one chip within the two minutes that a ticket lives
};

/// One coordinator and one anchor as programs of their own, with keys and registry for the fleet, and the way
/// to ask the coordinator. Start and use it on one thread: programs die with the thread that started them.
class SoakWorld {
 public:
  /// Makes keys and files, starts chiplocd, imports all chips, starts the anchor and waits until it is
  /// attached. The fleet answers from then on. Fails with a sentence.
  [[nodiscard]] static Result<std::unique_ptr<SoakWorld>, std::string> start(const SoakOptions& options);

  [[nodiscard]] const std::vector<std::string>& chips() const { return chip_ids_; }  ///< ids in hex
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] TlsFiles operator_tls() const;
  [[nodiscard]] TlsFiles reader_tls() const;
  [[nodiscard]] TlsFiles coordinator_tls() const;
  [[nodiscard]] std::uint16_t http_port() const { return http_port_; }  ///< of 127.0.0.1; 0: none is served
  [[nodiscard]] LabClient& client() { return *client_; }
  [[nodiscard]] AgentFleet& fleet() { return *fleet_; }
  [[nodiscard]] pid_t coordinator() const { return coordinator_->pid(); }
  [[nodiscard]] pid_t anchor() const { return anchor_->pid(); }
  [[nodiscard]] std::filesystem::path database() const { return options_.state / "chiplocd" / "chiploc.db"; }
  /// A program that has ended though it should run, with the end of its log; empty if both are there.
  [[nodiscard]] std::string casualty();
  /// Ends the anchor, then the coordinator, and says of each how it ended.
  [[nodiscard]] std::vector<std::string> stop();

 private:
  [[nodiscard]] TlsFiles tls_of(const char* folder) const;
  explicit SoakWorld(SoakOptions options) : options_{std::move(options)} {}
  void write_files();
  void write_tls(const CertificateAuthority& ca, const std::filesystem::path& folder, const std::string& name,
                 const std::string& unit);
  void write_registry(const std::vector<Certificate>& chips, const Certificate& maker,
                      const std::string& anchor_key);
  [[nodiscard]] Result<Done, std::string> start_programs();
  [[nodiscard]] Result<Done, std::string> await(bool anchor_too);

  SoakOptions options_;
  std::string address_;
  std::string anchor_address_;
  std::uint16_t http_port_ = 0;
  std::vector<std::string> chip_ids_;
  std::unique_ptr<AgentFleet> fleet_;
  std::unique_ptr<LabClient> client_;
  std::optional<ChildProcess> coordinator_;
  std::optional<ChildProcess> anchor_;
};

}  // namespace chiploc
