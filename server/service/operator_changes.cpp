// The use cases that change something, for admins: Import, RestartCounters and Verify.
#include <future>
#include <memory>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/registry/fields.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

/// Whose counters are to begin anew, and the names of the chip for the answer.
struct Restart {
  CounterStart start;
  v1::RestartCountersResponse response;
};

Answer<Restart> checked_restart(const v1::RestartCountersRequest& request, const Caller& caller,
                                const OperatorParts& parts) {
  const auto text = check_text("chip", request.chip(), parts.limits);
  if (!text) return Fail{text.error()};
  const auto reason = parse_text(request.reason());
  if (!reason) {
    return Fail{
        ApiFault{ApiFaultCode::kBadField,
                 "reason: " + reason.error() + "; it stays on record and is shown with the next verdict"}};
  }
  const Registry::Snapshot registry = parts.registry.get();
  const auto chip = registry->find_chip(*text);
  if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
  const auto certificate = Certificate::from_der((*chip)->certificate);
  const auto key = certificate ? certificate->public_key() : Result<PublicKey, KeyFault>{Fail{KeyFault{}}};
  if (!key) {
    return Fail{
        ApiFault{ApiFaultCode::kDamaged,
                 "the chip's certificate in the store cannot be read; restore the database from its backup"}};
  }
  const v1::Chip names = view_of(**chip);
  Restart out{{(*chip)->id, sha256(key->spki_der()), parts.now(), caller.name, *reason}, {}};
  out.response.set_chip_id(names.chip_id());
  out.response.set_device_id(names.device_id());
  return out;
}

}  // namespace

void OperatorUseCases::import(const v1::ImportRequest& request, const Caller& caller,
                              const Completion<v1::ImportResponse>& done) {
  auto files = check_import(request, parts_.limits);
  if (!files) return done(Fail{files.error()});
  const auto shared = std::make_shared<const std::vector<ImportFile>>(std::move(*files));
  const bool accepted = imports_.post([this, shared, caller, done, dry_run = request.dry_run()] {
    done(import_now(caller, *shared, dry_run));
  });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "several imports are waiting already; try again when they are through"}});
}

Answer<v1::ImportResponse> OperatorUseCases::import_now(const Caller& caller,
                                                        const std::vector<ImportFile>& files, bool dry_run) {
  const WallTime now = parts_.now();
  const Registry::Snapshot base = parts_.registry.get();
  const auto plan = std::make_shared<const ImportPlan>(
      plan_import(base, files, ImportOptions{now, parts_.known_country, {}}));
  v1::ImportResponse response = view_of(*plan);
  if (plan->ok()) {
    static const Registry kEmpty;
    add_view(changes_of(base ? *base : kEmpty, *plan), response);
    if (parts_.borders != nullptr) add_view(preview_of(*plan, *parts_.borders, now), response);
  }
  if (!plan->ok() || dry_run) return response;

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
  if (!accepted) {
    return Fail{
        ApiFault{ApiFaultCode::kExhausted, "chiplocd's store is busy; nothing was imported, try again"}};
  }
  if (const Stored<Done> saved = durable.get(); !saved) return Fail{fault_of(saved.error())};
  parts_.registry.replace(plan->registry);
  return response;
}

void OperatorUseCases::restart_counters(const v1::RestartCountersRequest& request, const Caller& caller,
                                        const Completion<v1::RestartCountersResponse>& done) {
  const auto restart = checked_restart(request, caller, parts_);
  if (!restart) return done(Fail{restart.error()});
  const auto restarted = std::make_shared<Stored<CounterStart>>(restart->start);
  const bool accepted = parts_.store.post(
      [restarted, start = restart->start](Store& store) {
        *restarted = store.rounds().restart_counters(start);
      },
      [restarted, done, response = restart->response](const Stored<Done>& committed) mutable {
        if (!committed) return done(Fail{fault_of(committed.error())});
        if (!*restarted) return done(Fail{fault_of(restarted->error())});
        *response.mutable_start() = view_of(**restarted);
        done(std::move(response));
      });
  if (accepted) return;
  done(
      Fail{ApiFault{ApiFaultCode::kExhausted, "chiplocd's store is busy; nothing was restarted, try again"}});
}

Answer<Done> OperatorUseCases::verify(const v1::VerifyRequest& request, const Caller& caller,
                                      VerifyWatcher watcher) {
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return Fail{text.error()};
  const auto deadline = check_deadline(request.deadline_ms(), parts_.limits);
  if (!deadline) return Fail{deadline.error()};
  const Registry::Snapshot registry = parts_.registry.get();
  const auto chip = registry->find_chip(*text);
  if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
  const auto least = parts_.rounds.least_deadline(**chip);
  if (deadline->count() > 0 && *deadline < least) return Fail{short_deadline(*deadline, least, **chip)};
  parts_.rounds.start((*chip)->id, caller.name, *deadline, observer_of(std::move(watcher)));
  return Done{};
}

}  // namespace chiploc
