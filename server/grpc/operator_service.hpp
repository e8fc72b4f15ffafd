#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "proto/v1/operator_service.grpc.pb.h"
#include "server/service/caller.hpp"
#include "server/service/import_worker.hpp"
#include "server/service/registry_holder.hpp"
#include "server/service/requests.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

/// What the service works with; all of it is borrowed and outlives it.
class Borders;

struct OperatorParts {
  RegistryHolder& registry;
  StoreThread& store;   ///< for imports
  StoreReader& reader;  ///< for questions; calls take turns, so it is the API's own
  RoundStarter& rounds;
  StatusSource& status;
  KnownCountry known_country;     ///< for imports: Borders::world().knows(); empty: any two capitals
  std::function<WallTime()> now;  ///< certificates of an import must be valid then
  std::string software_version;
  ApiLimits limits;
  const Borders* borders = nullptr;  ///< for what an import is shown to mean; null: changes alone
};

/// The people's side of the API (operator_service.proto): checks who asks and every field, asks registry,
/// store and coordinator, and shows each role what it may see.
///
/// Threads   gRPC's own. Questions are answered on them (a read of the store takes well under a millisecond,
/// a page of
///           1,000 chips some ten); imports run on the import worker; a round's events come from the
///           coordinator's thread and leave on gRPC's. Nothing is kept between calls but counters.
/// Stopping  Shut the server down first, then destroy this (it drains imports), then what it borrows.
class OperatorService final : public v1::OperatorService::CallbackService {
 public:
  explicit OperatorService(OperatorParts parts);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* GetStatus(Context*, const v1::GetStatusRequest*, v1::GetStatusResponse*) override;
  Reactor* ListChips(Context*, const v1::ListChipsRequest*, v1::ListChipsResponse*) override;
  Reactor* GetChip(Context*, const v1::GetChipRequest*, v1::GetChipResponse*) override;
  Reactor* ListLicences(Context*, const v1::ListLicencesRequest*, v1::ListLicencesResponse*) override;
  Reactor* ListAnchors(Context*, const v1::ListAnchorsRequest*, v1::ListAnchorsResponse*) override;
  Reactor* Import(Context*, const v1::ImportRequest*, v1::ImportResponse*) override;
  Reactor* RestartCounters(Context*, const v1::RestartCountersRequest*,
                           v1::RestartCountersResponse*) override;
  grpc::ServerWriteReactor<v1::VerifyEvent>* Verify(Context*, const v1::VerifyRequest*) override;
  Reactor* ListVerdicts(Context*, const v1::ListVerdictsRequest*, v1::ListVerdictsResponse*) override;
  Reactor* GetVerdict(Context*, const v1::GetVerdictRequest*, v1::GetVerdictResponse*) override;

 private:
  /// Asks who is calling and answers with `work(caller)`, which fills the response and returns a status.
  Reactor* answer(Context* context, const std::function<grpc::Status(const Caller&)>& work);
  [[nodiscard]] grpc::Status count(grpc::Status status);

  grpc::Status list_chips(const Caller& caller, const v1::ListChipsRequest& request,
                          v1::ListChipsResponse& response);
  grpc::Status get_chip(const Caller& caller, const v1::GetChipRequest& request,
                        v1::GetChipResponse& response);
  grpc::Status list_verdicts(const Caller& caller, const v1::ListVerdictsRequest& request,
                             v1::ListVerdictsResponse& response);
  grpc::Status get_verdict(const Caller& caller, const v1::GetVerdictRequest& request,
                           v1::GetVerdictResponse& response);
  /// On the import worker.
  grpc::Status import(const Caller& caller, const std::vector<ImportFile>& files, bool dry_run,
                      v1::ImportResponse& response);
  /// Whose counters are to begin anew, checked; `response` has the chip's names already.
  Result<CounterStart, grpc::Status> counter_start(const Caller& caller,
                                                   const v1::RestartCountersRequest& request,
                                                   v1::RestartCountersResponse& response);
  /// What GetChip says of the chip's counters.
  grpc::Status add_counters(const ChipRecord& record, v1::Chip& chip);
  grpc::Status start_round(const Caller& caller, const v1::VerifyRequest& request, RoundObserver observer);

  OperatorParts parts_;
  std::atomic<std::uint64_t> refused_role_{0};
  std::atomic<std::uint64_t> refused_request_{0};
  std::atomic<std::uint64_t> progress_dropped_{0};
  ImportWorker imports_;  // last: its thread ends before anything else goes
};

}  // namespace chiploc
