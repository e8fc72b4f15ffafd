// The calls that change something, for admins: Import, RestartCounters and Verify.
#include <future>
#include <memory>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/grpc/operator_service.hpp"
#include "server/grpc/verify_stream.hpp"
#include "server/registry/fields.hpp"
#include "server/service/views.hpp"

namespace chiploc {

OperatorService::Reactor* OperatorService::Import(Context* context, const v1::ImportRequest* request,
                                                  v1::ImportResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto refuse = [&](const ApiFault& fault) {
    reactor->Finish(count(to_status(fault)));
    return reactor;
  };
  const auto caller = caller_of(*context->auth_context());
  if (!caller) return refuse(caller.error());
  const auto allowed = require_admin(*caller, "import");
  if (!allowed) return refuse(allowed.error());
  auto files = check_import(*request, parts_.limits);
  if (!files) return refuse(files.error());

  // The response lives until Finish, whether or not the person is still there.
  const auto shared = std::make_shared<const std::vector<ImportFile>>(std::move(*files));
  const bool accepted =
      imports_.post([this, reactor, response, shared, who = *caller, dry_run = request->dry_run()] {
        reactor->Finish(count(import(who, *shared, dry_run, *response)));
      });
  if (!accepted) {
    return refuse(
        {ApiFaultCode::kImportBusy, "several imports are waiting already; try again when they are through"});
  }
  return reactor;
}

grpc::Status OperatorService::import(const Caller& caller, const std::vector<ImportFile>& files, bool dry_run,
                                     v1::ImportResponse& response) {
  const WallTime now = parts_.now();
  const Registry::Snapshot base = parts_.registry.get();
  const auto plan = std::make_shared<const ImportPlan>(
      plan_import(base, files, ImportOptions{now, parts_.known_country, {}}));
  response = view_of(*plan);
  if (plan->ok()) {
    static const Registry kEmpty;
    add_view(changes_of(base ? *base : kEmpty, *plan), response);
    if (parts_.borders != nullptr) add_view(preview_of(*plan, *parts_.borders, now), response);
  }
  if (!plan->ok() || dry_run) return grpc::Status::OK;

  // Saved by the store's thread. This thread waits, so that the next import plans from what this one has
  // made.
  struct Outcome {
    Stored<Done> saved{Done{}};
    std::promise<Stored<Done>> durable;
  };
  const auto outcome = std::make_shared<Outcome>();
  std::future<Stored<Done>> durable = outcome->durable.get_future();
  const bool accepted =
      parts_.store.post([plan, outcome, stamp = ImportStamp{caller.name, now}](
                            Store& store) { outcome->saved = store.registry().save_import(*plan, stamp); },
                        [outcome](const Stored<Done>& committed) {
                          outcome->durable.set_value(outcome->saved ? committed : outcome->saved);
                        });
  grpc::Status status = grpc::Status::OK;
  if (!accepted) {
    status = to_status(
        ApiFault{ApiFaultCode::kStoreBusy, "chiplocd's store is busy; nothing was imported, try again"});
  } else if (const Stored<Done> saved = durable.get(); !saved) {
    status = to_status(saved.error());
  }
  if (!status.ok()) {
    response.Clear();
    return status;
  }
  parts_.registry.replace(plan->registry);
  return status;
}

Result<CounterStart, grpc::Status> OperatorService::counter_start(const Caller& caller,
                                                                  const v1::RestartCountersRequest& request,
                                                                  v1::RestartCountersResponse& response) {
  const auto allowed = require_admin(caller, "restart a chip's counters");
  if (!allowed) return Fail{to_status(allowed.error())};
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return Fail{to_status(text.error())};
  const auto reason = parse_text(request.reason());
  if (!reason) {
    return Fail{to_status(
        ApiFault{ApiFaultCode::kBadField,
                 "reason: " + reason.error() + "; it stays on record and is shown with the next verdict"})};
  }
  const Registry::Snapshot registry = parts_.registry.get();
  const auto chip = registry->find_chip(*text);
  if (!chip) return Fail{to_status(chip.error(), *text, *registry)};
  const auto certificate = Certificate::from_der((*chip)->certificate);
  const auto key = certificate ? certificate->public_key() : Result<PublicKey, KeyFault>{Fail{KeyFault{}}};
  if (!key) {
    return Fail{to_status(ApiFault{
        ApiFaultCode::kEvidenceDamaged,
        "the chip's certificate in the store cannot be read; restore the database from its backup"})};
  }
  const v1::Chip names = view_of(**chip);
  response.set_chip_id(names.chip_id());
  response.set_device_id(names.device_id());
  return CounterStart{(*chip)->id, sha256(key->spki_der()), parts_.now(), caller.name, *reason};
}

OperatorService::Reactor* OperatorService::RestartCounters(Context* context,
                                                           const v1::RestartCountersRequest* request,
                                                           v1::RestartCountersResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto refuse = [&](const grpc::Status& status) {
    response->Clear();
    reactor->Finish(count(status));
    return reactor;
  };
  const auto caller = caller_of(*context->auth_context());
  if (!caller) return refuse(to_status(caller.error()));
  const auto start = counter_start(*caller, *request, *response);
  if (!start) return refuse(start.error());
  // The response lives until Finish, which the store's thread calls.
  const auto restarted = std::make_shared<Stored<CounterStart>>(*start);
  const bool accepted = parts_.store.post(
      [restarted, start = *start](Store& store) { *restarted = store.rounds().restart_counters(start); },
      [this, restarted, reactor, response](const Stored<Done>& committed) {
        if (!committed || !*restarted) {
          response->Clear();
          reactor->Finish(count(to_status(committed ? restarted->error() : committed.error())));
          return;
        }
        *response->mutable_start() = view_of(**restarted);
        reactor->Finish(grpc::Status::OK);
      });
  if (!accepted) {
    return refuse(to_status(
        ApiFault{ApiFaultCode::kStoreBusy, "chiplocd's store is busy; nothing was restarted, try again"}));
  }
  return reactor;
}

grpc::ServerWriteReactor<v1::VerifyEvent>* OperatorService::Verify(Context* context,
                                                                   const v1::VerifyRequest* request) {
  const auto stream = VerifyStream::make(progress_dropped_);
  const auto caller = caller_of(*context->auth_context());
  const grpc::Status status =
      count(caller ? start_round(*caller, *request, stream->observer()) : to_status(caller.error()));
  if (!status.ok()) stream->finish(status);
  return stream->reactor();
}

grpc::Status OperatorService::start_round(const Caller& caller, const v1::VerifyRequest& request,
                                          RoundObserver observer) {
  const auto allowed = require_admin(caller, "start a round");
  if (!allowed) return to_status(allowed.error());
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return to_status(text.error());
  const auto deadline = check_deadline(request.deadline_ms(), parts_.limits);
  if (!deadline) return to_status(deadline.error());
  const Registry::Snapshot registry = parts_.registry.get();
  const auto chip = registry->find_chip(*text);
  if (!chip) return to_status(chip.error(), *text, *registry);
  const auto least = parts_.rounds.least_deadline(**chip);
  if (deadline->count() > 0 && *deadline < least) return to_status(short_deadline(*deadline, least, **chip));
  parts_.rounds.start((*chip)->id, caller.name, *deadline, std::move(observer));
  return grpc::Status::OK;
}

}  // namespace chiploc
