#pragma once
// A whole people's side in one process: certificates, registry, a real SQLite store, the real service behind
// real mutual TLS on a free loopback port. Only the rounds are scripted: the coordinator has its own tests.

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proto/crypto/issue.hpp"
#include "proto/v1/operator_service.grpc.pb.h"
#include "server/grpc/certificate_gate.hpp"
#include "server/grpc/grpc_server.hpp"
#include "server/grpc/operator_service.hpp"
#include "server/service/research.hpp"
#include "server/service/sign_in_codes.hpp"
#include "server/status/status_keeper.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/service/played_notices.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

/// 2026-09-21; certificates are valid from 2001 to 2101, so that TLS, which reads the real clock, accepts
/// them.
inline const WallTime kWorldNow = wall_from_unix_seconds(1'790'000'000);
inline const WallTime kCertificatesFrom = wall_from_unix_seconds(1'000'000'000);
inline constexpr int kCertificateDays = 36'500;

/// A person's or the server's certificate and key.
struct Credentials {
  std::string certificate;
  std::string key;
};

/// The registry's files and keys: one maker, licences L-1 (DE) and L-2 (FR JP), two anchors, chips with the
/// ids that are asked for.
class RegistryFiles {
 public:
  RegistryFiles();
  /// Chip ids are 32 hex digits; serial numbers SN-0, SN-1, ... in order; licences L-1 and L-2 in turn.
  [[nodiscard]] v1::ImportRequest request(const std::vector<std::string>& chips) const;
  [[nodiscard]] std::string chips_json(const std::vector<std::string>& chips) const;
  [[nodiscard]] std::string makers_json() const;
  [[nodiscard]] std::string anchors_csv() const;
  /// The maker's list, current for as long as its certificates; nothing is revoked.
  [[nodiscard]] std::string revocations_json() const;
  static std::string licences_csv();
  static std::string prohibited_csv();
  [[nodiscard]] const SoftwareKey& anchor_key(std::size_t i) const { return *anchor_keys_.at(i); }

 private:
  CertificateAuthority maker_;
  std::vector<std::unique_ptr<SoftwareKey>> anchor_keys_;
};

/// Plays rounds on the calling thread: intent, start, progress of two anchors, evidence and verdict into the
/// store, then the verdict to the watcher. A test chooses each chip's state, or the fault instead of one.
class ScriptedRounds final : public RoundStarter, public StatusSource {
 public:
  ScriptedRounds(StoreThread& store, const RegistryFiles& files, RegistryHolder& registry)
      : store_{store}, files_{files}, registry_{registry} {}

  std::map<std::string, v1::VerdictState> states;  ///< by chip id in hex; VERIFIED for others
  std::vector<std::string> licensed_areas,
      prohibited_areas;               ///< territories that verdicts name beside DE and KP
  std::optional<RoundFault> refuse;   ///< what the observer hears instead
  std::optional<RoundFault> abandon;  ///< how a started round ends instead
  WallTime decided = kWorldNow;       ///< a minute later with every round
  WallTime expires = wall_from_unix_seconds(4'102'444'800);  ///< 2100-01-01
  /// If set, rounds are played on a thread of their own and this is called there before the verdict; see
  /// wait().
  std::function<void()> before_verdict;
  std::optional<std::chrono::seconds> twice{};  ///< so long ago  ///< fra1 runs so
  std::string last_requested_by;
  std::chrono::milliseconds last_deadline{0};

  void start(ChipId chip, Requester requested_by, std::chrono::milliseconds deadline,
             RoundObserver observer) override;
  [[nodiscard]] CoordinatorStatus status() const override;
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override;
  /// Until the round on the other thread is over.
  void wait() {
    if (thread_.joinable()) thread_.join();
  }
  ~ScriptedRounds() override { wait(); }

 private:
  void play(const ChipId& chip, const RoundId& round, const Requester& requested_by,
            const RoundObserver& observer);
  [[nodiscard]] v1::Verdict verdict_of(const ChipId& chip, const RoundId& round, std::uint8_t number) const;
  void record(const RoundIntent& intent, const v1::Verdict& verdict);
  StoreThread& store_;
  const RegistryFiles& files_;
  RegistryHolder& registry_;
  std::uint8_t rounds_ = 0;
  std::thread thread_;
};

class OperatorWorld {
 public:
  /// `revocable`: with a revocation list, empty at first. `stories`: of orders and cases; none are kept without.
  explicit OperatorWorld(bool revocable = false, const StorySources& stories = {});
  ~OperatorWorld();

  TempDir folder;
  RegistryFiles files;
  Credentials admin, reader, verifier, registrar, auditor, anchor;
  Credentials stranger;  ///< an admin of another authority
  Credentials example_reader, example_verifier, example_auditor,
      example_registrar;  ///< of L-2's holder alone
  Credentials regulator, analyst, example_operator, researcher, example_researcher;
  Credentials coordinator;
  std::string ca;

  /// These and nobody else are revoked from now on.
  void revoke(const std::vector<Credentials>& who);
  [[nodiscard]] std::unique_ptr<v1::OperatorService::Stub> stub(const Credentials& who) const;
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel(const Credentials& who) const;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  [[nodiscard]] ScriptedRounds& rounds() { return *rounds_; }
  [[nodiscard]] RegistryHolder& registry() { return registry_; }
  /// For another edge beside the one that is served.
  [[nodiscard]] OperatorUseCases& use_cases() { return *use_cases_; }
  [[nodiscard]] SignInCodes& codes() { return codes_; }
  [[nodiscard]] StoreReader& reader_of_store() const { return *reader_; }
  /// Imports the files with these chips, as the admin; all of it must succeed.
  void import(const std::vector<std::string>& chips);
  /// One round of the chip, to its verdict.
  void play_round(const std::string& chip);
  /// What time has changed of the chips' statuses by then.
  void tell_on(WallTime now);
  /// Writes into the store what no round of its own brings about; it must succeed.
  void store(const std::function<void(Store&)>& write);
  /// A round of the chip that ended with these counters under its key.
  void count_chip(const std::string& chip, std::uint64_t boot_count, std::uint64_t round_counter);

 private:
  RegistryHolder registry_{std::make_shared<const Registry>()};
  StatusKeeper statuses_{{}};
  FollowUp follow_{FollowRules{}, statuses_, [this] { return registry_.get(); }};
  PlayedNotices notices_;
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<StoreReader> reader_;
  std::unique_ptr<ScriptedRounds> rounds_;
  ReportSigning reports_;
  SignInCodes codes_{"https://chiploc.example/", {}, [next = std::uint8_t{0}](MutableBytes out) mutable {
                       for (std::uint8_t& byte : out) byte = ++next;
                     }};
  Research research_{SivKey{SecretBytes<SivKey::kSize>{}}};
  PolicyHolder policy_{{Policy{.version = "p1"}, "[policy]\nfaults = 1\n"}};
  std::unique_ptr<OperatorUseCases> use_cases_;
  void put_list(const std::vector<Credentials>& who);
  std::optional<CertificateAuthority> own_;
  std::uint64_t lists_ = 0;
  std::unique_ptr<Revocations> revocations_;
  std::unique_ptr<CertificateGate> gate_;
  std::unique_ptr<OperatorService> service_;
  std::unique_ptr<GrpcServer> server_;
};

/// A chip id that begins with `head` and is filled up with zeros.
[[nodiscard]] std::string chip_id(const std::string& head);

}  // namespace chiploc::test
