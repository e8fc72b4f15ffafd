// The use cases about tokens of enrolment: made, listed, revoked. They are used up in server/enrol.
#include <array>

#include "proto/crypto/digest.hpp"
#include "server/pki/role.hpp"
#include "server/registry/fields.hpp"
#include "server/service/enrolment.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/notice_requests.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kEnrolmentsPage = 100, kEnrolmentsPageMax = 500;
constexpr std::array kEnrolmentKinds{EnrolmentKind{"anchor", "anchor", false},
                                     EnrolmentKind{"site", "operator", true},
                                     EnrolmentKind{"agent", "", false}};

Fail<ApiFault> bad(std::string text) { return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}}; }

Answer<v1::Enrolment> enrolment_view(const Enrolment& one, EnrolmentReader& reader, WallTime now) {
  v1::Enrolment out;
  out.set_number(one.number);
  out.set_kind(one.kind);
  out.set_name(one.name);
  out.set_holder(one.holder);
  out.set_maker(one.maker);
  out.set_model(one.model);
  out.set_licence(one.licence);
  out.set_reason(one.reason);
  out.set_author(one.by.name);
  if (one.by.certificate) out.set_certificate_sha256(string_of(one.by.certificate->bytes));
  out.set_made_unix_ns(one.at.since_epoch.count());
  out.set_until_unix_ns(one.until.since_epoch.count());
  const bool over = one.state == EnrolmentState::kOpen && now >= one.until;
  out.set_state(std::string{name_of(over ? EnrolmentState::kExpired : one.state)});
  if (one.used) out.set_used_unix_ns(one.used->since_epoch.count());
  if (one.used_key) out.set_used_key_sha256(string_of(one.used_key->bytes));
  out.set_used_from(one.used_from);
  if (one.revoked) out.set_revoked_unix_ns(one.revoked->since_epoch.count());
  out.set_revoked_by(one.revoked_by);
  const auto steps = reader.enrolment_steps(one.number);
  if (!steps) return Fail{fault_of(steps.error())};
  for (const EnrolmentStep& step : *steps) {
    v1::EnrolmentStep& shown = *out.add_steps();
    shown.set_at_unix_ns(step.at.since_epoch.count());
    shown.set_step(std::string{name_of(step.kind)});
    shown.set_who(step.who);
    shown.set_note(step.note);
  }
  return out;
}

Answer<v1::Enrolment> enrolment_of(EnrolmentReader& reader, std::uint64_t number, WallTime now) {
  const auto found = reader.enrolments({.before = number + 1, .limit = 1});
  if (!found) return Fail{fault_of(found.error())};
  if (found->empty() || found->front().number != number)
    return Fail{ApiFault{ApiFaultCode::kNotFound, "there is no enrolment " + std::to_string(number) +
                                                      "; these are: chiploc enrol list"}};
  return enrolment_view(found->front(), reader, now);
}

/// Of an agent: all that a row of `chips` says, but what its certificate says.
Answer<Done> add_chip(const v1::CreateEnrolmentTokenRequest& request, const Registry& registry,
                      Enrolment& out) {
  const auto serial = parse_typed_name(request.name());
  if (!serial) return bad("name: the serial number of a chip " + serial.error());
  out.name = *serial;
  const auto model = parse_text(request.model());
  if (!model) return bad("model: " + model.error());
  out.model = *model;
  const auto maker = find_maker(registry, request.maker());
  if (!maker) return Fail{maker.error()};
  out.maker = (*maker)->name;
  const auto licence = find_licence(registry, request.licence());
  if (!licence) return Fail{licence.error()};
  out.licence = (*licence)->id;
  return Done{};
}

/// All but the token.
Answer<Enrolment> wanted(const v1::CreateEnrolmentTokenRequest& request, const EnrolmentRules& rules,
                         const Registry& registry, WallTime now) {
  const EnrolmentKind* kind = enrolment_kind(request.kind());
  if (kind == nullptr) return bad("kind: is 'anchor', 'site' or 'agent'");
  Enrolment out;
  out.kind = kind->word;
  if (kind->is_chip()) {
    if (const auto chip = add_chip(request, registry, out); !chip) return Fail{chip.error()};
  } else {
    if (const std::string why = name_problem(request.name()); !why.empty()) return bad("name: " + why);
    for (const std::string* text : {&request.maker(), &request.model(), &request.licence()})
      if (!text->empty()) return bad("maker, model, licence: belong to an agent's chip; leave them out");
    out.name = request.name();
  }
  if (kind->has_holder) {
    if (const std::string why = holder_problem(request.holder()); !why.empty()) return bad("holder: " + why);
  } else if (!request.holder().empty()) {
    return bad("holder: belongs to a site; leave it out");
  }
  out.holder = request.holder();
  const auto reason = parse_text(request.reason());
  if (!reason) return bad("reason: " + reason.error() + "; it stays on record");
  out.reason = *reason;
  const std::chrono::seconds valid =
      request.valid_s() == 0 ? rules.valid_usually : std::chrono::seconds{request.valid_s()};
  if (valid < rules.valid_least || valid > rules.valid_most)
    return bad("valid_s: a token is good for " + std::to_string(rules.valid_least.count()) + " s to " +
               std::to_string(rules.valid_most.count()) + " s (30 days)");
  out.at = now;
  out.until = now + valid;
  return out;
}

}  // namespace

const EnrolmentKind* enrolment_kind(std::string_view word) {
  for (const EnrolmentKind& kind : kEnrolmentKinds)
    if (kind.word == word) return &kind;
  return nullptr;
}

std::optional<Digest> token_digest(std::string_view typed) {
  auto symbols = meant_secret(typed, kTokenSymbols);
  if (!symbols) return std::nullopt;
  const Digest out = sha256(bytes_of(*symbols));
  wipe({reinterpret_cast<std::uint8_t*>(symbols->data()), symbols->size()});
  return out;
}

void OperatorUseCases::create_enrolment_token(const v1::CreateEnrolmentTokenRequest& request,
                                              const Caller& caller,
                                              const Completion<v1::CreateEnrolmentTokenResponse>& done) {
  const EnrolmentRules& rules = parts_.enrolment;
  const EnrolmentKind* kind = enrolment_kind(request.kind());
  if (kind != nullptr && kind->is_chip() && !rules.has_http)
    return done(Fail{ApiFault{ApiFaultCode::kNotReady,
                              "newcomers come by HTTP, and this coordinator serves none; set http.address in "
                              "chiplocd.toml, or bring the chip's row: chiploc import --chips"}});
  if (!rules.has_authority && (kind == nullptr || !kind->is_chip()))
    return done(
        Fail{ApiFault{ApiFaultCode::kNotReady,
                      "this coordinator signs no certificates; name the folder of an authority in "
                      "chiplocd.toml: [enrol] authority = \"pki\", and http.address, where newcomers come"}});
  const WallTime now = parts_.now();
  static const Registry kEmpty;
  const Registry::Snapshot registry = parts_.registry.get();
  auto order = wanted(request, rules, registry ? *registry : kEmpty, now);
  if (!order) return done(Fail{order.error()});
  order->by = {caller.name, caller.certificate};
  std::string symbols = drawn_secret(kTokenSymbols, rules.dice);
  order->token_sha256 = sha256(bytes_of(symbols));
  std::string token = grouped_secret(symbols);
  wipe({reinterpret_cast<std::uint8_t*>(symbols.data()), symbols.size()});
  on_store<v1::CreateEnrolmentTokenResponse>(
      parts_.store, 3, done,
      [order = *std::move(order), token = std::move(token), most = rules.open_most,
       now](Store& store) -> Answer<v1::CreateEnrolmentTokenResponse> {
        const auto number = store.enrolments().make_enrolment(order, most);
        if (!number && number.error().code == StoreFaultCode::kConflict)
          return Fail{ApiFault{ApiFaultCode::kExhausted,
                               number.error().text + "; revoke some first: chiploc enrol list --open"}};
        if (!number) return Fail{fault_of(number.error())};
        auto made = enrolment_of(store.enrolments(), *number, now);
        if (!made) return Fail{made.error()};
        v1::CreateEnrolmentTokenResponse response;
        response.set_token(token);
        *response.mutable_enrolment() = *std::move(made);
        return response;
      });
}

Answer<v1::ListEnrolmentsResponse> OperatorUseCases::list_enrolments(const v1::ListEnrolmentsRequest& request,
                                                                     const Caller& /*caller*/) {
  const auto size = check_page_size(request.page_size(), kEnrolmentsPage, kEnrolmentsPageMax);
  if (!size) return Fail{size.error()};
  const auto before = read_number_token(request.page_token());
  if (!before) return Fail{before.error()};
  const WallTime now = parts_.now();
  EnrolmentQuery query{.before = *before, .limit = *size + std::size_t{1}};
  if (request.open()) query.open_at = now;
  EnrolmentReader& reader = parts_.reader.enrolments();
  const auto found = reader.enrolments(query);
  if (!found) return Fail{fault_of(found.error())};
  v1::ListEnrolmentsResponse response;
  for (std::size_t i = 0; i < found->size() && i < *size; ++i) {
    auto one = enrolment_view((*found)[i], reader, now);
    if (!one) return Fail{one.error()};
    *response.add_enrolments() = *std::move(one);
  }
  if (found->size() > *size) response.set_next_page_token(number_token((*found)[*size - 1].number));
  return response;
}

void OperatorUseCases::revoke_enrolment(const v1::RevokeEnrolmentRequest& request, const Caller& caller,
                                        const Completion<v1::RevokeEnrolmentResponse>& done) {
  on_store<v1::RevokeEnrolmentResponse>(
      parts_.store, 2, done,
      [number = request.number(), by = caller.name,
       now = parts_.now()](Store& store) -> Answer<v1::RevokeEnrolmentResponse> {
        const auto revoked = store.enrolments().revoke_enrolment(number, by, now);
        if (!revoked && revoked.error().code == StoreFaultCode::kConflict)
          return Fail{ApiFault{
              ApiFaultCode::kConflict,
              revoked.error().text + "; what came of a used one is revoked with: chiploc pki revoke NAME"}};
        if (!revoked && revoked.error().code != StoreFaultCode::kNotFound)
          return Fail{fault_of(revoked.error())};
        auto made = enrolment_of(store.enrolments(), number, now);
        if (!made) return Fail{made.error()};
        v1::RevokeEnrolmentResponse response;
        *response.mutable_enrolment() = *std::move(made);
        return response;
      });
}

}  // namespace chiploc
