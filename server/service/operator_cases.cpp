// The use cases about what persons work on: ListCases, GetCase, and what is said of a case.
#include <algorithm>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/cases/case_priority.hpp"
#include "server/follow_up/notices_of.hpp"
#include "server/service/case_views.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/said.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kCasesPage = 100, kCasesPageMax = 1'000, kEntriesPage = 100, kEntriesPageMax = 1'000;
constexpr std::size_t kRowsOfCase = 8;

Fail<ApiFault> bad_case_field(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}
ApiFault keeps_no_cases() { return {ApiFaultCode::kNotReady, "this coordinator keeps no cases"}; }
Fail<ApiFault> no_case(std::uint64_t number) {
  return Fail{ApiFault{ApiFaultCode::kNotFound, "there is no case " + case_name(number) + "; list them"}};
}

/// A case is its licence's holder's to know.
bool may_know(const CaseRecord& record, const Registry& registry, const Caller& caller) {
  return !caller.holder || (!record.licence.empty() && registry.licence(record.licence) != nullptr);
}

/// 32 bytes, or none.
Answer<std::optional<Digest>> check_digest(const char* field, const std::string& bytes) {
  if (bytes.empty()) return std::optional<Digest>{};
  const auto digest = Digest::from_bytes(bytes_of(bytes));
  if (!digest) return bad_case_field(std::string{field} + ": is no SHA-256 of 32 bytes");
  return std::optional{*digest};
}

std::string case_token(const CaseCursor& last) {
  ByteArray<28> raw{};
  ByteWriter writer{raw};
  writer.u64(static_cast<std::uint64_t>(last.as_of.since_epoch.count()));
  writer.u32(last.points);
  writer.u64(static_cast<std::uint64_t>(last.opened.since_epoch.count()));
  writer.u64(last.number);
  return to_hex(raw);
}
Fail<ApiFault> no_token() {
  return bad_case_field(
      "page_token: is none that this service gave; pass next_page_token unchanged, or nothing");
}
Answer<std::optional<CaseCursor>> read_case_token(std::string_view token) {
  if (token.empty()) return std::optional<CaseCursor>{};
  const auto raw = from_hex(token);
  if (!raw || raw->size() != 28) return no_token();
  ByteReader reader{*raw};
  CaseCursor out;
  out.as_of = {Nanoseconds{static_cast<std::int64_t>(reader.u64())}};
  out.points = reader.u32();
  out.opened = {Nanoseconds{static_cast<std::int64_t>(reader.u64())}};
  out.number = reader.u64();
  return std::optional{out};
}

/// Numbers of an enumeration that begins with one that is none.
template <class Valid>
Answer<std::vector<std::uint32_t>> check_numbers(const char* field,
                                                 const google::protobuf::RepeatedField<int>& given,
                                                 const Valid& valid) {
  std::vector<std::uint32_t> out;
  for (const int one : given) {
    if (one <= 0 || !valid(one))
      return bad_case_field(std::string{field} + ": " + std::to_string(one) + " is none");
    const auto number = static_cast<std::uint32_t>(one - 1);
    if (std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
  }
  return out;
}

/// Names of the filter, as the registry has them.
Answer<Done> name_filters(const v1::ListCasesRequest& request, const Registry& registry,
                          const ApiLimits& limits, CaseQuery& query, std::string& entity) {
  std::optional<ApiFault> fault;
  const auto named = [&](const char* field, const std::string& text, const auto& find, const auto& use) {
    if (fault || text.empty()) return;
    const auto checked = check_text(field, text, limits);
    if (!checked) {
      fault = checked.error();
      return;
    }
    const auto found = find(registry, *checked);
    if (found) {
      use(**found);
    } else {
      fault = found.error();
    }
  };
  named("order", request.order(), find_order, [&](const OrderRecord& order) { query.order = order.id; });
  named("site", request.site(), find_site, [&](const SiteRecord& site) { query.site = site.name; });
  named("licence", request.licence(), find_licence,
        [&](const LicenceRecord& one) { query.licence = one.id; });
  named("entity", request.entity(), find_entity, [&](const EntityRecord& one) { entity = one.name; });
  if (fault) return Fail{*std::move(fault)};
  return Done{};
}

}  // namespace

Answer<v1::ListCasesResponse> OperatorUseCases::list_cases(const v1::ListCasesRequest& request,
                                                           const Caller& caller) {
  if (parts_.follow == nullptr) return Fail{keeps_no_cases()};
  const WallTime now = parts_.now();
  CaseQuery query;
  const auto size = check_page_size(request.page_size(), kCasesPage, kCasesPageMax);
  if (!size) return Fail{size.error()};
  const auto states = check_numbers("states", request.states(), v1::CaseState_IsValid);
  if (!states) return Fail{states.error()};
  const auto kinds = check_numbers("kinds", request.kinds(), v1::CaseKind_IsValid);
  if (!kinds) return Fail{kinds.error()};
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  const auto assignee = check_text("assignee", request.assignee(), parts_.limits);
  if (!assignee) return Fail{assignee.error()};
  const auto after = read_case_token(request.page_token());
  if (!after) return Fail{after.error()};
  const Registry::Snapshot registry = registry_for(caller);
  std::string entity;
  const auto named = name_filters(request, *registry, parts_.limits, query, entity);
  if (!named) return Fail{named.error()};
  if (!assignee->empty() && request.unassigned())
    return bad_case_field("unassigned: and an assignee; ask for one of them");
  // Whom a case is assigned to, and how urgent it is, is nothing for a holder.
  const bool of_holder = caller.holder.has_value();
  if (of_holder && (!assignee->empty() || request.unassigned()))
    return bad_case_field("assignee: is not shown to whoever has a holder; leave it out");
  query.states = *states;
  query.kinds = *kinds;
  query.since = *since;
  if (!assignee->empty()) query.assignee = *assignee;
  if (request.unassigned()) query.assignee = std::string{};
  query.newest_first = request.newest_first() || of_holder;
  query.as_of = now;
  query.point_after = kAgePointAfter;
  query.age_points_max = kAgePointsMost;
  query.after = *after;
  query.limit = *size;
  query.count = request.with_total();
  if (of_holder || !entity.empty()) {
    query.wanted = [&](const std::string& order, const std::string& licence) {
      if (of_holder && (licence.empty() || registry->licence(licence) == nullptr)) return false;
      return entity.empty() || (!order.empty() && registry->entity_orders(entity).count(order) > 0) ||
             registry->entity_licences(entity).count(licence) > 0;
    };
  }
  const auto page = parts_.reader.cases().list_cases(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListCasesResponse response;
  for (const CaseRecord& record : page->rows) {
    const auto story = parts_.follow->case_story(parts_.reader, record, now);
    if (!story) return Fail{fault_of(story.error())};
    *response.add_cases() = view_of(record.number, *story, now, of_holder);
  }
  if (page->next) response.set_next_page_token(case_token(*page->next));
  if (request.with_total()) response.set_total(page->matching);
  return response;
}

Answer<std::vector<std::string>> OperatorUseCases::open_case_names(const std::string& prefix,
                                                                   const Caller& caller, std::size_t most) {
  std::vector<std::string> out;
  if (parts_.follow == nullptr) return out;
  const Registry::Snapshot registry = registry_for(caller);
  CaseQuery query;
  query.states = {static_cast<std::uint32_t>(CaseState::kOpen),
                  static_cast<std::uint32_t>(CaseState::kDisputed)};
  query.newest_first = true;
  query.limit = kCasesPageMax;
  if (caller.holder) {
    query.wanted = [&](const std::string&, const std::string& licence) {
      return !licence.empty() && registry->licence(licence) != nullptr;
    };
  }
  const auto page = parts_.reader.cases().list_cases(query);
  if (!page) return Fail{fault_of(page.error())};
  for (const CaseRecord& record : page->rows) {
    const std::string name = case_name(record.number);
    if (out.size() < most && prefix.size() <= name.size() &&
        std::equal(prefix.begin(), prefix.end(), name.begin(),
                   [](char a, char b) { return (a == 'c' ? 'C' : a) == b; }))
      out.push_back(name);
  }
  return out;
}

Answer<v1::GetCaseResponse> OperatorUseCases::get_case(const v1::GetCaseRequest& request,
                                                       const Caller& caller) {
  if (parts_.follow == nullptr) return Fail{keeps_no_cases()};
  const auto number = case_number(request.name());
  if (!number) return Fail{number.error()};
  const auto size = check_page_size(request.page_size(), kEntriesPage, kEntriesPageMax);
  if (!size) return Fail{size.error()};
  std::optional<std::uint32_t> before;
  if (!request.page_token().empty()) {
    const auto raw = from_hex(request.page_token());
    if (!raw || raw->size() != 4) return no_token();
    before = ByteReader{*raw}.u32();
  }
  const Registry::Snapshot registry = registry_for(caller);
  const auto record = parts_.reader.cases().find_case(*number);
  if (!record) return Fail{fault_of(record.error())};
  if (!*record || !may_know(**record, *registry, caller)) return no_case(*number);
  const WallTime now = parts_.now();
  const bool of_holder = caller.holder.has_value();
  const auto story = parts_.follow->case_story(parts_.reader, **record, now);
  if (!story) return Fail{fault_of(story.error())};
  const auto entries = parts_.reader.cases().timeline(*number, before, *size + 1);
  if (!entries) return Fail{fault_of(entries.error())};
  v1::GetCaseResponse response;
  *response.mutable_found() = view_of(*number, *story, now, of_holder);
  add_details(*story, *registry, now, of_holder, *response.mutable_found());
  for (std::size_t i = 0; i < entries->size() && i < *size; ++i) {
    if (auto shown = view_of((*entries)[i], of_holder)) *response.add_timeline() = std::move(*shown);
  }
  if (entries->size() > *size) {
    ByteArray<4> raw{};
    ByteWriter{raw}.u32((*entries)[*size - 1].number);
    response.set_next_page_token(to_hex(raw));
  }
  return response;
}

template <class Response>
void OperatorUseCases::say_of_case(const std::string& name, const Caller& caller, CaseEvent event,
                                   const Completion<Response>& done) {
  if (parts_.follow == nullptr) return done(Fail{keeps_no_cases()});
  const auto number = case_number(name);
  if (!number) return done(Fail{number.error()});
  const Registry::Snapshot registry = registry_for(caller);
  // What there is of it is asked on the store's thread: a case may have been opened a moment ago.
  on_store<Response>(
      parts_.store, kRowsOfCase, done,
      [follow = parts_.follow, number = *number, registry, caller,
       event = std::move(event)](Store& store) -> Answer<Response> {
        const auto record = store.cases().find_case(number);
        if (!record) return Fail{fault_of(record.error())};
        if (!*record || !may_know(**record, *registry, caller)) return no_case(number);
        const auto said = follow->case_said(store, number, event);
        if (!said) return Fail{fault_of(said.error())};
        Response response;
        *response.mutable_changed() = view_of(number, said->story, event.at, caller.holder.has_value());
        add_details(said->story, *registry, event.at, caller.holder.has_value(), *response.mutable_changed());
        if constexpr (std::is_same_v<Response, v1::DisputeCaseResponse>) {
          if (said->remeasure)
            response.set_rounds_asked(static_cast<std::uint32_t>(said->story.chips.size()));
        }
        return response;
      });
}

void OperatorUseCases::assign_case(const v1::AssignCaseRequest& request, const Caller& caller,
                                   const Completion<v1::AssignCaseResponse>& done) {
  if (!request.assignee().empty()) {
    if (auto fault = said_wrongly("assignee", request.assignee(), kSaidNameMax))
      return done(Fail{std::move(*fault)});
  }
  say_of_case(request.name(), caller, {parts_.now(), CaseAssigned{caller.name, request.assignee()}}, done);
}

void OperatorUseCases::comment_case(const v1::CommentCaseRequest& request, const Caller& caller,
                                    const Completion<v1::CommentCaseResponse>& done) {
  if (auto fault = said_wrongly("text", request.text(), kSaidStatementMax))
    return done(Fail{std::move(*fault)});
  say_of_case(request.name(), caller, {parts_.now(), CaseCommented{caller.name, request.text()}}, done);
}

void OperatorUseCases::add_case_evidence(const v1::AddCaseEvidenceRequest& request, const Caller& caller,
                                         const Completion<v1::AddCaseEvidenceResponse>& done) {
  if (auto fault = said_wrongly("note", request.note(), kSaidReasonMax)) return done(Fail{std::move(*fault)});
  const auto file = check_digest("file_sha256", request.file_sha256());
  if (!file) return done(Fail{file.error()});
  EvidenceLinked linked{caller.name, request.note(), *file, {}};
  if (!request.verdict_id().empty()) {
    linked.verdict = VerdictId::from_bytes(bytes_of(request.verdict_id()));
    if (!linked.verdict) return done(bad_case_field("verdict_id: is no verdict's id of 16 bytes"));
    const auto verdict = parts_.reader.verdicts().verdict(*linked.verdict);
    if (!verdict) return done(Fail{fault_of(verdict.error())});
    if (!*verdict || registry_for(caller)->chip((*verdict)->chip) == nullptr)
      return done(
          Fail{ApiFault{ApiFaultCode::kNotFound, "no verdict " + linked.verdict->hex() + "; list them"}});
  }
  say_of_case(request.name(), caller, {parts_.now(), std::move(linked)}, done);
}

void OperatorUseCases::dispute_case(const v1::DisputeCaseRequest& request, const Caller& caller,
                                    const Completion<v1::DisputeCaseResponse>& done) {
  if (auto fault = said_wrongly("statement", request.statement(), kSaidStatementMax))
    return done(Fail{std::move(*fault)});
  const auto evidence = check_digest("evidence_sha256", request.evidence_sha256());
  if (!evidence) return done(Fail{evidence.error()});
  CaseDisputed disputed{caller.name, request.statement(), *evidence, request.remeasure()};
  const Completion<v1::DisputeCaseResponse> asked = [this, done,
                                                     caller](Answer<v1::DisputeCaseResponse> answer) {
    // On record first; who watches these rounds is nobody.
    if (answer && answer->rounds_asked() > 0) {
      for (const v1::CaseChip& chip : answer->changed().chips_shown()) {
        if (const auto id = ChipId::from_bytes(bytes_of(chip.chip_id())))
          parts_.rounds.start(*id, {caller.name, caller.certificate}, std::chrono::milliseconds{0}, {});
      }
    }
    done(std::move(answer));
  };
  say_of_case(request.name(), caller, {parts_.now(), std::move(disputed)}, asked);
}

void OperatorUseCases::decide_dispute(const v1::DecideDisputeRequest& request, const Caller& caller,
                                      const Completion<v1::DecideDisputeResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  say_of_case(request.name(), caller,
              {parts_.now(), DisputeDecided{caller.name, request.reason(), request.uphold()}}, done);
}

void OperatorUseCases::resolve_case(const v1::ResolveCaseRequest& request, const Caller& caller,
                                    const Completion<v1::ResolveCaseResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  if (!v1::CaseEnd_IsValid(request.how()) || request.how() == v1::CASE_END_UNSPECIFIED ||
      request.how() == v1::CASE_PROVED_AGAIN)
    return done(bad_case_field("how: is none; use confirmed, mistaken, explained or moved_back"));
  const auto how = static_cast<CaseEnd>(request.how() - v1::CASE_CONFIRMED);
  say_of_case(request.name(), caller, {parts_.now(), CaseResolved{caller.name, request.reason(), how}}, done);
}

void OperatorUseCases::reopen_case(const v1::ReopenCaseRequest& request, const Caller& caller,
                                   const Completion<v1::ReopenCaseResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  say_of_case(request.name(), caller, {parts_.now(), CaseReopened{caller.name, request.reason()}}, done);
}

}  // namespace chiploc
