// The use case by which a person states that somebody else than the licensed end user has chips: a case of another user.
#include <set>
#include <utility>
#include <vector>

#include "server/follow_up/notices_of.hpp"
#include "server/service/case_views.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/said.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kRowsOfStatement = 8;

Fail<ApiFault> bad_user_field(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}};
}
Fail<ApiFault> no_such_statement(std::string text) {
  return Fail{ApiFault{ApiFaultCode::kConflict, std::move(text)}};
}

/// Whom it is about.
struct Used {
  std::vector<ChipId> chips;  ///< one, or the order's at one site: any of them stands for all
  bool whole_order = false;
  std::string licensed;  ///< who may have it
};

Answer<Used> used_by(const Registry& registry, const ChipRecord& chip, std::vector<ChipId> chips,
                     bool whole_order) {
  const OrderRecord* order = registry.order_of(chip);
  const LicenceRecord* licence = registry.licence(chip.licence);
  Used out{std::move(chips), whole_order, order != nullptr ? order->end_user : ""};
  if (out.licensed.empty() && licence != nullptr) out.licensed = licence->end_user;
  if (out.licensed.empty())
    return no_such_statement("neither an order of the chip nor licence " + chip.licence +
                             " names an end user, so that nobody is another one; import it first");
  return out;
}

/// An order's chips at the site, or at the only one where it has any.
Answer<Used> used_by_order(const Registry& registry, const OrderRecord& order, const std::string& site) {
  std::vector<ChipId> chips;
  std::set<std::string> sites;
  for (const std::string& name : registry.order_deliveries(order.id)) {
    const DeliveryRecord* delivery = registry.delivery(name);
    if (delivery == nullptr || (!site.empty() && delivery->site != site)) continue;
    for (const ChipId& id : registry.delivery_chips(name)) {
      if (registry.chip(id) != nullptr) chips.push_back(id);
      sites.insert(delivery->site);
    }
  }
  if (chips.empty())
    return no_such_statement("order " + order.id + " has no chips" +
                             (site.empty() ? "" : " at site " + site));
  if (sites.size() > 1)
    return bad_user_field("site: order " + order.id + " has chips at " + std::to_string(sites.size()) +
                          " sites, such as " + *sites.begin() + " and " + *sites.rbegin() +
                          "; name one of them, or a chip");
  const ChipRecord& first = *registry.chip(chips.front());
  return used_by(registry, first, std::move(chips), true);
}

Answer<Used> users_of(const v1::StateUserRequest& request, const Registry& registry,
                      const ApiLimits& limits) {
  const auto chip = check_text("chip", request.chip(), limits);
  if (!chip) return Fail{chip.error()};
  const auto order = check_text("order", request.order(), limits);
  if (!order) return Fail{order.error()};
  const auto site = check_text("site", request.site(), limits);
  if (!site) return Fail{site.error()};
  if (chip->empty() == order->empty())
    return bad_user_field("chip: or an order has to be named, and one of them alone");
  if (!chip->empty()) {
    if (!site->empty()) return bad_user_field("site: is of an order; leave it out");
    const auto found = registry.find_chip(*chip);
    if (!found) return Fail{fault_of(found.error(), *chip, registry)};
    return used_by(registry, **found, {(*found)->id}, false);
  }
  const auto found = find_order(registry, *order);
  if (!found) return Fail{found.error()};
  std::string at;
  if (!site->empty()) {
    const auto named = find_site(registry, *site);
    if (!named) return Fail{named.error()};
    at = (*named)->name;
  }
  return used_by_order(registry, **found, at);
}

/// The newest of the chip's key.
Stored<std::optional<CaseRecord>> case_of_user(Store& store, const ChipId& chip) {
  const auto place = store.order_stories().followed(chip);
  if (!place) return Fail{place.error()};
  if (!*place) return std::optional<CaseRecord>{};
  const CaseKey key = case_key(CaseKind::kAnotherUser, (*place)->order, (*place)->licence, (*place)->site);
  return store.cases().case_of_key({static_cast<std::uint32_t>(key.kind), key.order, key.licence, key.site},
                                   std::nullopt);
}

}  // namespace

void OperatorUseCases::state_user(const v1::StateUserRequest& request, const Caller& caller,
                                  const Completion<v1::StateUserResponse>& done) {
  if (parts_.follow == nullptr)
    return done(Fail{ApiFault{ApiFaultCode::kNotReady, "this coordinator keeps no cases"}});
  if (auto fault = said_wrongly("user", request.user(), kSaidNameMax)) return done(Fail{std::move(*fault)});
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  UserStated stated{caller.name, request.user(), {}, request.reason()};
  if (!request.evidence_sha256().empty()) {
    stated.evidence = Digest::from_bytes(bytes_of(request.evidence_sha256()));
    if (!stated.evidence) return done(bad_user_field("evidence_sha256: is no SHA-256 of 32 bytes"));
  }
  const Registry::Snapshot registry = registry_for(caller);
  const auto used = users_of(request, *registry, parts_.limits);
  if (!used) return done(Fail{used.error()});
  if (used->licensed == stated.named)
    return done(bad_user_field("user: " + stated.named + " is the licensed end user"));
  stated.licensed = used->licensed;
  if (!used->whole_order) stated.chip = used->chips.front();
  on_store<v1::StateUserResponse>(
      parts_.store, kRowsOfStatement, done,
      [follow = parts_.follow, registry, chips = used->chips, stated = std::move(stated), now = parts_.now(),
       of_holder = caller.holder.has_value()](Store& store) -> Answer<v1::StateUserResponse> {
        ChipId chip = chips.front();
        for (const ChipId& one : chips) {
          const auto place = store.order_stories().followed(one);
          if (!place) return Fail{fault_of(place.error())};
          if (!*place) continue;
          chip = one;
          break;
        }
        const auto kept = follow->user_stated(store, now, chip, stated);
        if (!kept) return Fail{fault_of(kept.error())};
        const auto record = case_of_user(store, chip);
        if (!record) return Fail{fault_of(record.error())};
        if (!*record) return no_such_statement("no case could be opened of it; nothing was changed");
        const auto story = follow->case_story(store, **record, now);
        if (!story) return Fail{fault_of(story.error())};
        if (story->state == CaseState::kResolved)
          return no_such_statement("case " + case_name((*record)->number) +
                                   " takes nothing more; nothing was changed");
        v1::StateUserResponse response;
        *response.mutable_changed() = view_of((*record)->number, *story, now, of_holder);
        add_details(*story, *registry, now, of_holder, *response.mutable_changed());
        return response;
      });
}

}  // namespace chiploc
