#include "server/cases/mute.hpp"

#include <algorithm>

#include "server/status/said_text.hpp"

namespace chiploc {

std::string refusal_of(const MuteRule& rule, const MuteRules& rules) {
  if (rule.scope == MuteScope{})
    return "the scope is missing: name an order, a site, a licence, a chip or a kind";
  for (const auto& [what, name] : {std::pair{"order", &rule.scope.order},
                                   {"licence", &rule.scope.licence},
                                   {"site", &rule.scope.site}}) {
    if (name->empty()) continue;
    if (std::string fault = said_fault(what, *name, kSaidNameMax); !fault.empty()) return fault;
  }
  if (std::string fault = said_fault("reason", rule.reason, kSaidReasonMax); !fault.empty()) return fault;
  if (std::string fault = said_fault("author", rule.author, kSaidNameMax); !fault.empty()) return fault;
  if (rule.until <= rule.from) return "it ends before it begins";
  if (rule.until - rule.from > rules.mute_most) return "it is longer than the policy's mute_most";
  return {};
}

bool fits(const MuteScope& scope, const NoticeFact& fact) {
  return (!scope.fact || *scope.fact == fact.kind) &&
         (!scope.case_kind || name_of(*scope.case_kind) == fact.case_kind) &&
         (scope.order.empty() || scope.order == fact.order) &&
         (scope.licence.empty() || scope.licence == fact.licence) &&
         (scope.site.empty() || scope.site == fact.site) && (!scope.chip || scope.chip == fact.chip);
}

const MuteRule* muted_by(const std::vector<MuteRule>& mutes, const NoticeFact& fact, WallTime now) {
  const auto found = std::find_if(mutes.begin(), mutes.end(), [&](const MuteRule& rule) {
    return rule.from <= now && now < rule.until && fits(rule.scope, fact);
  });
  return found == mutes.end() ? nullptr : &*found;
}

}  // namespace chiploc
