#include "server/cases/mute_record.hpp"

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kMuteFormat = 1;
constexpr std::size_t kMuteRecordMax = 4 * 1024;
constexpr std::int64_t kLatestMuteNs = 9'000'000'000'000'000'000;  // the year 2255

Fail<std::string> bad_mute(std::string_view field, std::string_view what) {
  return Fail{"mute." + std::string{field} + ": " + std::string{what}};
}

}  // namespace

ByteVector mute_bytes(const MuteRule& rule) {
  v1::MuteRecord out;
  const MuteScope& scope = rule.scope;
  out.set_format(kMuteFormat);
  if (scope.fact) out.set_fact(std::string{name_of(*scope.fact)});
  if (scope.case_kind) out.set_case_kind(std::string{name_of(*scope.case_kind)});
  out.set_order(scope.order);
  out.set_licence(scope.licence);
  out.set_site(scope.site);
  if (scope.chip) out.set_chip_id(string_of(scope.chip->bytes));
  out.set_reason(rule.reason);
  out.set_author(rule.author);
  out.set_from_unix_ns(rule.from.since_epoch.count());
  out.set_until_unix_ns(rule.until.since_epoch.count());
  return canonical_bytes(out);
}

Result<MuteRule, std::string> mute_from(Bytes bytes) {
  v1::MuteRecord record;
  if (!read_canonical(bytes, kMuteRecordMax, record))
    return bad_mute("bytes", "not a mute as this version writes it");
  if (record.format() != kMuteFormat) return bad_mute("format", "is not known");
  MuteRule rule;
  if (!record.fact().empty()) {
    rule.scope.fact = fact_kind_of(record.fact());
    if (!rule.scope.fact) return bad_mute("fact", "is not known");
  }
  if (!record.case_kind().empty()) {
    rule.scope.case_kind = case_kind_of(record.case_kind());
    if (!rule.scope.case_kind) return bad_mute("case_kind", "is not known");
  }
  rule.scope.order = record.order();
  rule.scope.licence = record.licence();
  rule.scope.site = record.site();
  if (!record.chip_id().empty()) {
    rule.scope.chip = ChipId::from_bytes(bytes_of(record.chip_id()));
    if (!rule.scope.chip) return bad_mute("chip_id", "is no chip's id");
  }
  rule.reason = record.reason();
  rule.author = record.author();
  for (const auto& [field, ns] : {std::pair{"from_unix_ns", record.from_unix_ns()},
                                  std::pair{"until_unix_ns", record.until_unix_ns()}}) {
    if (ns < 0 || ns > kLatestMuteNs) return bad_mute(field, "is no time of ours");
  }
  rule.from = {Nanoseconds{record.from_unix_ns()}};
  rule.until = {Nanoseconds{record.until_unix_ns()}};
  const std::string refusal = refusal_of(rule, {.mute_most = Nanoseconds::max()});
  if (!refusal.empty()) return bad_mute("rule", refusal);
  return rule;
}

}  // namespace chiploc
