#include "server/service/notice_requests.hpp"

#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/joined.hpp"
#include "server/service/name_lookup.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> bad_notice_field(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}

/// The record's key as `find` has it; empty stays empty.
template <class Find, class KeyOf>
Answer<std::string> named_key(const char* field, const std::string& given, const Registry& registry,
                              const ApiLimits& limits, Find find, KeyOf key_of) {
  const auto text = check_text(field, given, limits);
  if (!text) return Fail{text.error()};
  if (text->empty()) return std::string{};
  const auto found = find(registry, *text);
  if (!found) return Fail{found.error()};
  return key_of(**found);
}

}  // namespace

std::string number_token(std::uint64_t number) {
  ByteArray<8> raw{};
  ByteWriter writer{raw};
  writer.u64(number);
  return to_hex(raw);
}

Checked<std::optional<std::uint64_t>> read_number_token(std::string_view token) {
  if (token.empty()) return std::optional<std::uint64_t>{};
  const auto raw = from_hex(token);
  if (!raw || raw->size() != 8) {
    return bad_notice_field(
        "page_token: is none that this service gave; pass next_page_token unchanged, or nothing");
  }
  // Rows are numbered in 63 bits.
  return std::optional{ByteReader{*raw}.u64() & INT64_MAX};
}

Checked<NoticeQuery> check_notice_query(const v1::ListNoticesRequest& request, const ApiLimits& limits,
                                        std::uint32_t otherwise, std::uint32_t most) {
  NoticeQuery out;
  const auto size = check_page_size(request.page_size(), otherwise, most);
  if (!size) return Fail{size.error()};
  out.size = *size;
  const auto after = read_number_token(request.page_token());
  if (!after) return Fail{after.error()};
  out.after = *after;
  const auto sink = check_text("sink", request.sink(), limits);
  if (!sink) return Fail{sink.error()};
  out.sink = *sink;
  if (!request.notice().empty()) {
    out.notice = NoticeId::from_hex_text(request.notice());
    if (!out.notice) return bad_notice_field("notice: is no id of a notice: 32 hexadecimal digits");
  }
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  out.since = *since;
  if (request.dead() && request.muted())
    return bad_notice_field("muted: is asked for with dead; ask for one of them");
  return out;
}

Answer<MuteScope> check_scope(const v1::MuteScope& scope, const Registry& registry, const ApiLimits& limits) {
  MuteScope out;
  if (!scope.kind().empty()) {
    const auto kind = notice_kind_of(scope.kind());
    out.fact = kind ? fact_kind_of(scope.kind()) : std::nullopt;
    if (!out.fact) {
      return bad_notice_field(
          "scope.kind: is no kind of notice that can be muted; there are case.opened, case.updated, case.disputed, "
          "case.reopened, order.held and chip.status_changed");
    }
    if (*kind == NoticeKind::kCaseResolved || *kind == NoticeKind::kOrderReleased) {
      return bad_notice_field("scope.kind: " + scope.kind() +
                              " is never muted: who was told of a case or a hold hears of its end");
    }
  }
  if (!scope.case_kind().empty()) {
    out.case_kind = case_kind_of(scope.case_kind());
    if (!out.case_kind) {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < kCaseKinds; ++i) names.emplace_back(name_of(static_cast<CaseKind>(i)));
      return bad_notice_field("scope.case_kind: is no kind of case; there are " + joined(names, ", "));
    }
  }
  auto order = named_key("scope.order", scope.order(), registry, limits, find_order,
                         [](const OrderRecord& record) { return record.id; });
  if (!order) return Fail{order.error()};
  auto licence = named_key("scope.licence", scope.licence(), registry, limits, find_licence,
                           [](const LicenceRecord& record) { return record.id; });
  if (!licence) return Fail{licence.error()};
  auto site = named_key("scope.site", scope.site(), registry, limits, find_site,
                        [](const SiteRecord& record) { return record.name; });
  if (!site) return Fail{site.error()};
  out.order = std::move(*order);
  out.licence = std::move(*licence);
  out.site = std::move(*site);
  const auto chip = check_text("scope.chip", scope.chip(), limits);
  if (!chip) return Fail{chip.error()};
  if (!chip->empty()) {
    const auto found = registry.find_chip(*chip);
    if (!found) return Fail{fault_of(found.error(), *chip, registry)};
    out.chip = (*found)->id;
  }
  return out;
}

}  // namespace chiploc
