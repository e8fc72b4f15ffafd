// The use cases that change something: Import, RestartCounters and Verify.
#include <future>
#include <memory>
#include <utility>

#include "proto/base/joined.hpp"
#include "proto/crypto/digest.hpp"
#include "server/registry/change_warnings.hpp"
#include "server/registry/fields.hpp"
#include "server/registry/removal.hpp"
#include "server/service/audit.hpp"
#include "server/service/budget_warning.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/on_threads.hpp"
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
  const auto reason = check_reason(request.reason());
  if (!reason) return done(Fail{reason.error()});
  const auto shared = std::make_shared<const std::vector<ImportFile>>(std::move(*files));
  const bool accepted =
      imports_.post([this, shared, caller, done, reason = *reason, dry_run = request.dry_run()] {
        done(import_now(caller, *shared, reason, dry_run));
      });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "several imports are waiting already; try again when they are through"}});
}

Answer<v1::ImportResponse> OperatorUseCases::import_now(const Caller& caller,
                                                        const std::vector<ImportFile>& files,
                                                        const std::string& reason, bool dry_run) {
  const WallTime now = parts_.now();
  const Registry::Snapshot base = parts_.registry.get();
  const auto plan = std::make_shared<const ImportPlan>(
      plan_import(base, files, ImportOptions{now, parts_.known_country, {}, parts_.hold_of, on_threads}));
  v1::ImportResponse response = view_of(*plan);
  if (plan->ok()) {
    static const Registry kEmpty;
    const Registry& before = base ? *base : kEmpty;
    add_view(changes_of(before, *plan), response);
    ImportPreview preview;
    if (parts_.borders != nullptr) preview = preview_of(*plan, *parts_.borders, now);
    preview.warnings.put_before(change_warnings(before, *plan, PreviewLimits{}.warnings));
    if (const std::string few =
            plan->anchors.empty() ? "" : budget_warning(*plan->registry, parts_.policy.get().policy);
        !few.empty())
      preview.warnings.put_before({{{ImportKind::kAnchors, "", few}}, 1});
    add_view(preview, response);
  }
  if (!plan->ok() || dry_run) return response;

  const auto saved = save_plan(plan, {caller.name, now, caller.certificate, reason});
  if (!saved) return Fail{saved.error()};
  return response;
}

/// By the store's thread. This thread waits, so that the next import plans from what this one has made.
Answer<Done> OperatorUseCases::save_plan(const std::shared_ptr<const ImportPlan>& plan,
                                         const ImportStamp& stamp) {
  struct Outcome {
    Stored<Done> saved{Done{}};
    std::promise<Stored<Done>> durable;
  };
  const auto outcome = std::make_shared<Outcome>();
  std::future<Stored<Done>> durable = outcome->durable.get_future();
  const bool accepted = parts_.store.post(
      [plan, outcome, stamp, statuses = parts_.statuses, follow = parts_.follow](Store& store) {
        outcome->saved = store.as_one([&]() -> Stored<Done> {
          const auto saved = store.registry().save_import(*plan, stamp);
          if (!saved || follow == nullptr) return saved;
          return follow->imported(store, *plan, stamp);
        });
        // So that few new chips have their status at once; many get it from StatusClock, as do these if this fails.
        constexpr std::size_t kBegunAtOnce = 200;
        if (outcome->saved && statuses != nullptr && !plan->chips.empty())
          static_cast<void>(statuses->begin_stories(store, stamp.at, kBegunAtOnce));
      },
      [outcome](const Stored<Done>& committed) {
        outcome->durable.set_value(outcome->saved ? committed : outcome->saved);
      });
  if (!accepted) {
    return Fail{
        ApiFault{ApiFaultCode::kExhausted, "chiplocd's store is busy; the registry is as it was, try again"}};
  }
  if (const Stored<Done> saved = durable.get(); !saved) return Fail{fault_of(saved.error())};
  parts_.registry.replace(plan->registry);
  entities_.renew(plan->registry);
  return Done{};
}

void OperatorUseCases::remove(const v1::RemoveRequest& request, const Caller& caller,
                              const Completion<v1::RemoveResponse>& done) {
  const auto name = check_text("name", request.name(), parts_.limits);
  if (!name) return done(Fail{name.error()});
  const auto kind = check_kind("kind", request.kind());
  if (!kind) return done(Fail{kind.error()});
  if (!removable(*kind)) {
    return done(Fail{ApiFault{ApiFaultCode::kBadField,
                              "kind: single records of it are not removed; the prohibited list is imported "
                              "whole, and a maker's revocation lists go with the maker"}});
  }
  const auto reason = check_reason(request.reason());
  if (!reason) return done(Fail{reason.error()});
  const bool accepted = imports_.post([this, caller, done, kind = *kind, name = *name, reason = *reason] {
    done(remove_now(caller, kind, name, reason));
  });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "several imports are waiting already; try again when they are through"}});
}

Answer<v1::RemoveResponse> OperatorUseCases::remove_now(const Caller& caller, ImportKind kind,
                                                        const std::string& text, const std::string& reason) {
  constexpr std::size_t kUsesShown = 5;
  const Registry::Snapshot base = parts_.registry.get();
  const auto name = find_key(*base, kind, text);
  if (!name) return Fail{name.error()};
  const std::string named = std::string{word_of(kind)} + " " + *name;
  const RecordUses uses = uses_of(*base, kind, *name, kUsesShown);
  if (uses.total > 0) {
    const std::size_t more = uses.total - uses.first.size();
    return Fail{
        ApiFault{ApiFaultCode::kConflict, named + " is used by " + joined(uses.first, ", ") +
                                              (more > 0 ? " and " + std::to_string(more) + " more" : "") +
                                              "; change these first, nothing was removed"}};
  }
  if (kind == ImportKind::kAnchors) {
    const AnchorId id = base->anchor(*name)->id;
    for (const AnchorStatus& status : parts_.status.anchors()) {
      if (status.anchor == id && status.connected) {
        return Fail{
            ApiFault{ApiFaultCode::kConflict, named + " is connected; stop it first, nothing was removed"}};
      }
    }
  }
  const auto plan = std::make_shared<const ImportPlan>(plan_removal(base, kind, *name));
  const auto saved = save_plan(plan, {caller.name, parts_.now(), caller.certificate, reason});
  if (!saved) return Fail{saved.error()};
  v1::RemoveResponse response;
  response.set_name(*name);
  return response;
}

void OperatorUseCases::restart_counters(const v1::RestartCountersRequest& request, const Caller& caller,
                                        const Completion<v1::RestartCountersResponse>& done) {
  const auto restart = checked_restart(request, caller, parts_);
  if (!restart) return done(Fail{restart.error()});
  const auto restarted = std::make_shared<Stored<CounterStart>>(restart->start);
  const bool accepted = parts_.store.post(
      [restarted, start = restart->start, statuses = parts_.statuses](Store& store) {
        const auto both = store.as_one([&]() -> Stored<Done> {
          *restarted = store.rounds().restart_counters(start);
          if (!*restarted) return Fail{restarted->error()};
          if (statuses == nullptr) return Done{};
          const auto told = statuses->happened(store, {&start.chip, 1}, {start.at, EnrolledAnew{}});
          // A chip without a story has nothing that is held against it.
          return !told && told.error().code != StoreFaultCode::kNotFound ? told : Done{};
        });
        if (!both) *restarted = Fail{both.error()};
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
  const Registry::Snapshot registry = registry_for(caller);
  const auto chip = registry->find_chip(*text);
  if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
  const auto least = parts_.rounds.least_deadline(**chip);
  if (deadline->count() > 0 && *deadline < least) return Fail{short_deadline(*deadline, least, **chip)};
  parts_.rounds.start((*chip)->id, {caller.name, caller.certificate}, *deadline,
                      observer_of(noted(caller, subject_of(request), std::move(watcher))));
  return Done{};
}

}  // namespace chiploc
