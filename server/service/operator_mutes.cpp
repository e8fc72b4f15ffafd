// The use cases about what keeps notices back: ListMutes, AddMute, EndMute.
#include <utility>

#include "server/cases/mute_record.hpp"
#include "server/registry/fields.hpp"
#include "server/service/notice_requests.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kMutesInForce = 1'000;
constexpr std::uint32_t kMutesPage = 100;
constexpr std::uint32_t kMutesPageMax = 500;

v1::MuteScope scope_view(const MuteScope& scope) {
  v1::MuteScope out;
  if (scope.fact) out.set_kind(std::string{name_of(*scope.fact)});
  if (scope.case_kind) out.set_case_kind(std::string{name_of(*scope.case_kind)});
  out.set_order(scope.order);
  out.set_licence(scope.licence);
  out.set_site(scope.site);
  if (scope.chip) out.set_chip(scope.chip->hex());
  return out;
}

v1::Mute mute_view(const MuteRow& row, WallTime now) {
  v1::Mute out;
  out.set_number(row.number);
  out.set_from_unix_ns(row.from.since_epoch.count());
  out.set_until_unix_ns(row.ends.since_epoch.count());
  out.set_hidden(row.hidden);
  out.set_in_force(row.from <= now && now < row.ends);
  if (row.by_certificate) out.set_certificate_sha256(string_of(row.by_certificate->bytes));
  if (!row.ended_by.empty()) {
    out.set_ended_unix_ns(row.ends.since_epoch.count());
    out.set_ended_by(row.ended_by);
  }
  const auto rule = mute_from(row.rule);
  if (!rule) {
    out.set_unreadable(true);
    return out;
  }
  *out.mutable_scope() = scope_view(rule->scope);
  out.set_reason(rule->reason);
  out.set_author(rule->author);
  out.set_until_unix_ns(rule->until.since_epoch.count());
  return out;
}

Answer<v1::Mute> mute_of(OutboxReader& outbox, std::uint64_t number, WallTime now) {
  const auto rows = outbox.mutes({.before = number + 1, .limit = 1});
  if (!rows) return Fail{fault_of(rows.error())};
  if (rows->empty() || rows->front().number != number)
    return Fail{ApiFault{ApiFaultCode::kNotFound, "there is no mute " + std::to_string(number)}};
  return mute_view(rows->front(), now);
}

}  // namespace

Answer<v1::ListMutesResponse> OperatorUseCases::list_mutes(const v1::ListMutesRequest& request,
                                                           const Caller& /*caller*/) {
  const auto size = check_page_size(request.page_size(), kMutesPage, kMutesPageMax);
  if (!size) return Fail{size.error()};
  const auto before = read_number_token(request.page_token());
  if (!before) return Fail{before.error()};
  const WallTime now = parts_.now();
  MuteQuery query{.before = *before, .limit = *size + std::size_t{1}};
  if (!request.all()) query.in_force = now;
  const auto rows = parts_.reader.outbox().mutes(query);
  if (!rows) return Fail{fault_of(rows.error())};
  v1::ListMutesResponse response;
  for (std::size_t i = 0; i < rows->size() && i < *size; ++i)
    *response.add_mutes() = mute_view((*rows)[i], now);
  if (rows->size() > *size) response.set_next_page_token(number_token((*rows)[*size - 1].number));
  return response;
}

void OperatorUseCases::add_mute(const v1::AddMuteRequest& request, const Caller& caller,
                                const Completion<v1::AddMuteResponse>& done) {
  const WallTime now = parts_.now();
  const Registry::Snapshot registry = registry_for(caller);
  auto scope = check_scope(request.scope(), *registry, parts_.limits);
  if (!scope) return done(Fail{scope.error()});
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!until) return done(Fail{until.error()});
  if (!*until) return done(Fail{ApiFault{ApiFaultCode::kBadField, "until: is missing; a mute has an end"}});
  const auto reason = parse_text(request.reason());
  if (!reason)
    return done(
        Fail{ApiFault{ApiFaultCode::kBadField, "reason: " + reason.error() + "; it stays on record"}});
  const MuteRule rule{std::move(*scope), *reason, caller.name, now, **until};
  if (std::string refusal = refusal_of(rule, parts_.mutes); !refusal.empty()) {
    const auto days = std::chrono::duration_cast<std::chrono::hours>(parts_.mutes.mute_most).count() / 24;
    if (rule.until - rule.from > parts_.mutes.mute_most)
      refusal = "it is longer than " + std::to_string(days) + " days: mute_days of chiplocd.toml";
    return done(Fail{ApiFault{ApiFaultCode::kBadField, "the mute: " + refusal}});
  }
  MuteRow row{
      .rule = mute_bytes(rule), .by_certificate = caller.certificate, .from = rule.from, .ends = rule.until};
  on_store<v1::AddMuteResponse>(
      parts_.store, 1, done, [row = std::move(row), now](Store& store) -> Answer<v1::AddMuteResponse> {
        const auto others = store.outbox().mutes({.in_force = now, .limit = kMutesInForce});
        if (!others) return Fail{fault_of(others.error())};
        if (others->size() >= kMutesInForce) {
          return Fail{
              ApiFault{ApiFaultCode::kExhausted, "there are " + std::to_string(kMutesInForce) +
                                                     " mutes in force; end some first: chiploc mute list"}};
        }
        const auto number = store.outbox().add_mute(row);
        if (!number) return Fail{fault_of(number.error())};
        auto made = mute_of(store.outbox(), *number, now);
        if (!made) return Fail{made.error()};
        v1::AddMuteResponse response;
        *response.mutable_mute() = std::move(*made);
        return response;
      });
}

void OperatorUseCases::end_mute(const v1::EndMuteRequest& request, const Caller& caller,
                                const Completion<v1::EndMuteResponse>& done) {
  on_store<v1::EndMuteResponse>(
      parts_.store, 1, done,
      [number = request.number(), by = caller.name,
       now = parts_.now()](Store& store) -> Answer<v1::EndMuteResponse> {
        const auto ended = store.outbox().end_mute(number, by, now);
        if (!ended && ended.error().code == StoreFaultCode::kNotFound) {
          return Fail{ApiFault{ApiFaultCode::kNotFound, "no mute " + std::to_string(number) +
                                                            " is in force; these are: chiploc mute list"}};
        }
        if (!ended) return Fail{fault_of(ended.error())};
        auto made = mute_of(store.outbox(), number, now);
        if (!made) return Fail{made.error()};
        v1::EndMuteResponse response;
        *response.mutable_mute() = std::move(*made);
        return response;
      });
}

}  // namespace chiploc
