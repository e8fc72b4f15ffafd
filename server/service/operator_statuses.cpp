// The use cases about what chips are held for: ListStatuses, ListStatusChanges, DeclareAbsence, EndAbsence.
#include <memory>
#include <set>
#include <utility>

#include "server/registry/fields.hpp"
#include "server/service/few_chips.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/status_requests.hpp"
#include "server/service/status_views.hpp"

namespace chiploc {
namespace {

/// Which chips a list has: registered ones, of a licence or holder where one is named. Null: there is none such.
struct OfRegistry {
  const LicenceRecord* licence = nullptr;
  std::optional<std::string> holder{};

  [[nodiscard]] ChipFilter filter(const Registry& registry) const {
    if (auto few = few_chips(registry, licence, holder)) return ChipFilter::few(std::move(*few));
    return [&registry, wanted = *this](const ChipId& id) {
      const ChipRecord* chip = registry.chip(id);
      if (chip == nullptr || (wanted.licence != nullptr && chip->licence != wanted.licence->id)) return false;
      if (!wanted.holder) return true;
      const LicenceRecord* own = registry.licence(chip->licence);
      return own != nullptr && own->holder == *wanted.holder;
    };
  }
};

Answer<OfRegistry> of_registry(const std::string& licence, const std::string& holder,
                               const Registry& registry, const ApiLimits& limits) {
  const auto of_licence = check_text("licence", licence, limits);
  if (!of_licence) return Fail{of_licence.error()};
  const auto of_holder = check_text("holder", holder, limits);
  if (!of_holder) return Fail{of_holder.error()};
  OfRegistry out;
  if (!of_licence->empty()) {
    const auto found = find_licence(registry, *of_licence);
    if (!found) return Fail{found.error()};
    out.licence = *found;
  }
  if (!of_holder->empty()) {
    auto found = find_holder(registry, *of_holder);
    if (!found) return Fail{found.error()};
    out.holder = std::move(*found);
  }
  return out;
}

}  // namespace

StatusRules OperatorUseCases::status_rules() const {
  return parts_.statuses != nullptr ? parts_.statuses->rules() : StatusRules{};
}

Answer<v1::ListStatusesResponse> OperatorUseCases::list_statuses(const v1::ListStatusesRequest& request,
                                                                 const Caller& caller) {
  const StatusLimits limits;
  const auto size = check_page_size(request.page_size(), limits.statuses_page, limits.statuses_page);
  if (!size) return Fail{size.error()};
  auto states = check_chip_states(request.states());
  if (!states) return Fail{states.error()};
  const auto after = read_chip_token(request.page_token());
  if (!after) return Fail{after.error()};
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto due = check_time("due_before_unix_ns", request.due_before_unix_ns());
  if (!due) return Fail{due.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto of = of_registry(request.licence(), request.holder(), *registry, parts_.limits);
  if (!of) return Fail{of.error()};

  StatusQuery query{.states = std::move(*states),
                    .since = *since,
                    .due_before = *due,
                    .wanted = of->filter(*registry),
                    .limit = *size,
                    .count = request.with_total()};
  if (*after) query.after = (*after)->id;
  const auto page = parts_.reader.statuses().list_statuses(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListStatusesResponse response;
  const StatusRules rules = status_rules();
  for (const StatusRecord& row : page->rows)
    *response.add_chips() = row_of(*registry->chip(row.chip), row, rules);
  if (page->next) response.set_next_page_token(chip_token({*page->next}));
  if (request.with_total()) {
    response.set_total(page->matching);
    response.set_total_more(page->matching_more);
  }
  return response;
}

Answer<v1::ListStatusChangesResponse> OperatorUseCases::list_status_changes(
    const v1::ListStatusChangesRequest& request, const Caller& caller) {
  const StatusLimits limits;
  const auto size = check_page_size(request.page_size(), limits.changes_page, limits.changes_page_max);
  if (!size) return Fail{size.error()};
  auto states = check_chip_states(request.states());
  if (!states) return Fail{states.error()};
  const auto after = read_status_change_token(request.page_token());
  if (!after) return Fail{after.error()};
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto text = check_text("chip", request.chip(), parts_.limits);
  if (!text) return Fail{text.error()};
  const Registry::Snapshot registry = registry_for(caller);
  const auto of = of_registry(request.licence(), "", *registry, parts_.limits);
  if (!of) return Fail{of.error()};

  StatusChangeQuery query{.states = std::move(*states),
                          .since = *since,
                          .wanted = of->filter(*registry),
                          .after = *after,
                          .limit = *size,
                          .count = request.with_total()};
  if (!text->empty()) {
    const auto chip = registry->find_chip(*text);
    if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
    query.chip = (*chip)->id;
  }
  const auto page = parts_.reader.statuses().list_changes(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListStatusChangesResponse response;
  for (const StatusChangeRecord& row : page->rows)
    *response.add_changes() = view_of(row, *registry->chip(row.chip));
  if (page->next) response.set_next_page_token(status_change_token(*page->next));
  if (request.with_total()) {
    response.set_total(page->matching);
    response.set_total_more(page->matching_more);
  }
  return response;
}

Answer<Done> OperatorUseCases::add_status(const ChipRecord& record, v1::Chip& chip) {
  constexpr std::size_t kAbsencesShown = 64;  // of the journal: more than one story holds
  const auto status = parts_.reader.statuses().status(record.id);
  if (!status) return Fail{fault_of(status.error())};
  if (!*status) return Done{};
  const auto absences = parts_.reader.statuses().absences(record.id, kAbsencesShown);
  if (!absences) return Fail{fault_of(absences.error())};
  *chip.mutable_status() = view_of(**status, status_rules());
  add_absences(*absences, parts_.now(), *chip.mutable_status());
  return Done{};
}

// ---------------------------------------- what people say of chips
namespace {

/// Chips that a person says something of, as the caller may know them.
struct NamedChips {
  Registry::Snapshot registry;
  std::vector<ChipId> ids;  ///< each once
};

Answer<NamedChips> named_chips(const google::protobuf::RepeatedPtrField<std::string>& chips,
                               const std::string& licence, Registry::Snapshot registry,
                               const ApiLimits& limits) {
  constexpr std::size_t most = StatusLimits{}.absent_chips;
  const auto too_many = [] {
    return Fail{ApiFault{ApiFaultCode::kBadField, "chips: more than " + std::to_string(most) +
                                                      " at once; name them in several portions"}};
  };
  if (chips.empty() == licence.empty()) {
    return Fail{ApiFault{ApiFaultCode::kBadField, "chips: name chips, or a licence, and not both"}};
  }
  if (static_cast<std::size_t>(chips.size()) > most) return too_many();
  const auto of = of_registry(licence, "", *registry, limits);
  if (!of) return Fail{of.error()};
  std::set<ChipId> ids;
  for (const std::string& name : chips) {
    const auto text = check_text("chips", name, limits);
    if (!text) return Fail{text.error()};
    const auto chip = registry->find_chip(*text);
    if (!chip) return Fail{fault_of(chip.error(), *text, *registry)};
    ids.insert((*chip)->id);
  }
  if (of->licence != nullptr) {
    for (const auto& [id, chip] : registry->chips()) {
      if (chip->licence == of->licence->id) ids.insert(id);
      if (ids.size() > most) return too_many();
    }
    if (ids.empty()) {
      return Fail{ApiFault{ApiFaultCode::kNotFound, "licence " + of->licence->id + " has no chips"}};
    }
  }
  return NamedChips{std::move(registry), {ids.begin(), ids.end()}};
}

Fail<ApiFault> refused(const NamedChips& chips, const ChipId& chip, const std::string& why,
                       std::string_view nothing) {
  const ChipRecord& record = *chips.registry->chip(chip);
  return Fail{ApiFault{ApiFaultCode::kConflict, "chip " + record.serial + " (" + device_id_of(record) +
                                                    "): " + why + "; nothing was " + std::string{nothing}}};
}

template <class Response>
Answer<Response> rows_after(const NamedChips& chips, StatusReader& reader, const StatusRules& rules) {
  Response response;
  for (const ChipId& chip : chips.ids) {
    const auto status = reader.status(chip);
    if (!status) return Fail{fault_of(status.error())};
    if (*status) *response.add_chips() = row_of(*chips.registry->chip(chip), **status, rules);
  }
  return response;
}

ApiFault keeps_none() { return {ApiFaultCode::kNotReady, "this coordinator keeps no statuses of chips"}; }

}  // namespace

void OperatorUseCases::declare_absence(const v1::DeclareAbsenceRequest& request, const Caller& caller,
                                       const Completion<v1::DeclareAbsenceResponse>& done) {
  if (parts_.statuses == nullptr) return done(Fail{keeps_none()});
  const WallTime now = parts_.now();
  const auto kind = check_absence_kind(request.kind());
  if (!kind) return done(Fail{kind.error()});
  const auto reason = parse_text(request.reason());
  if (!reason)
    return done(
        Fail{ApiFault{ApiFaultCode::kBadField, "reason: " + reason.error() + "; it stays on record"}});
  const auto times = check_absence_times(request.from_unix_ns(), request.until_unix_ns(), now);
  if (!times) return done(Fail{times.error()});
  auto chips = named_chips(request.chips(), request.licence(), registry_for(caller), parts_.limits);
  if (!chips) return done(Fail{chips.error()});
  AbsenceRecord absence{.from = times->from,
                        .until = times->until,
                        .kind = *kind,
                        .reason = *reason,
                        .by = {caller.name, caller.certificate},
                        .declared = now};
  const std::size_t rows = 3 * chips->ids.size();
  on_store<v1::DeclareAbsenceResponse>(
      parts_.store, rows, done,
      [keeper = parts_.statuses, chips = std::move(*chips),
       absence = std::move(absence)](Store& store) mutable -> Answer<v1::DeclareAbsenceResponse> {
        const AbsenceDeclared declared{absence.from, absence.until};
        for (const ChipId& chip : chips.ids) {
          const auto story = keeper->story_at(store.statuses(), chip, absence.declared);
          if (!story) return Fail{fault_of(story.error())};
          if (const std::string why = refusal_of(declared, *story, keeper->rules()); !why.empty())
            return refused(chips, chip, why, "declared");
        }
        const auto kept = store.as_one([&]() -> Stored<Done> {
          auto done_all = keeper->happened(store, chips.ids, {absence.declared, declared});
          for (std::size_t i = 0; done_all && i < chips.ids.size(); ++i) {
            absence.chip = chips.ids[i];
            done_all = store.statuses().note_absence(absence);
          }
          return done_all;
        });
        if (!kept) return Fail{fault_of(kept.error())};
        return rows_after<v1::DeclareAbsenceResponse>(chips, store.statuses(), keeper->rules());
      });
}

void OperatorUseCases::end_absence(const v1::EndAbsenceRequest& request, const Caller& caller,
                                   const Completion<v1::EndAbsenceResponse>& done) {
  if (parts_.statuses == nullptr) return done(Fail{keeps_none()});
  auto chips = named_chips(request.chips(), request.licence(), registry_for(caller), parts_.limits);
  if (!chips) return done(Fail{chips.error()});
  const std::size_t rows = 3 * chips->ids.size();
  on_store<v1::EndAbsenceResponse>(
      parts_.store, rows, done,
      [keeper = parts_.statuses, chips = std::move(*chips), now = parts_.now(),
       by = caller.name](Store& store) -> Answer<v1::EndAbsenceResponse> {
        for (const ChipId& chip : chips.ids) {
          const auto story = keeper->story_at(store.statuses(), chip, now);
          if (!story) return Fail{fault_of(story.error())};
          // The last one ends last.
          if (story->absences.empty() || story->absences.back().until <= std::max(now, story->told))
            return refused(chips, chip, "no absence of it is in force or to come", "ended");
        }
        const auto kept = store.as_one([&]() -> Stored<Done> {
          const auto ended = keeper->happened(store, chips.ids, {now, AbsenceEnded{}});
          if (!ended) return ended;
          for (const ChipId& chip : chips.ids) {
            const auto noted = store.statuses().note_absences_ended(chip, now, by);
            if (!noted) return Fail{noted.error()};
          }
          return Done{};
        });
        if (!kept) return Fail{fault_of(kept.error())};
        return rows_after<v1::EndAbsenceResponse>(chips, store.statuses(), keeper->rules());
      });
}

}  // namespace chiploc
