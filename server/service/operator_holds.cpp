// The use cases about what orders are held for: ListOrderHolds, LiftOrderHold, OverrideDelivery, DecideProposal, and what
// GetOrder says of it.
#include <utility>

#include "server/service/case_views.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/said.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kHoldChangesShown = 100;
constexpr std::uint32_t kHoldsPage = 1'000;
constexpr std::size_t kRowsOfOrder = 4;

ApiFault keeps_no_orders() { return {ApiFaultCode::kNotReady, "this coordinator keeps no holds of orders"}; }

}  // namespace

Answer<Done> OperatorUseCases::add_hold(const std::string& order, const Caller& caller,
                                        v1::GetOrderResponse& out) {
  if (parts_.follow == nullptr) return Done{};
  const auto story = parts_.follow->order_story(parts_.reader, order, parts_.now());
  if (!story) return Fail{fault_of(story.error())};
  if (!*story) return Done{};
  *out.mutable_hold() = view_of(order, **story, parts_.follow->order_rules(), caller.holder.has_value());
  const auto changes = parts_.reader.order_stories().order_changes(order, kHoldChangesShown);
  if (!changes) return Fail{fault_of(changes.error())};
  for (const OrderChangeRecord& change : *changes) {
    if (auto shown = view_of(change, caller.holder.has_value())) *out.add_changes() = std::move(*shown);
  }
  return Done{};
}

Answer<v1::ListOrderHoldsResponse> OperatorUseCases::list_order_holds(
    const v1::ListOrderHoldsRequest& request, const Caller& caller) {
  if (parts_.follow == nullptr) return Fail{keeps_no_orders()};
  const auto size = check_page_size(request.page_size(), kHoldsPage, kHoldsPage);
  if (!size) return Fail{size.error()};
  auto after = read_key_token(request.page_token());
  if (!after) return Fail{after.error()};
  OrderStoryQuery query;
  query.after = std::move(*after);
  query.limit = *size;
  for (const int state : request.states()) {
    if (!v1::OrderState_IsValid(state) || state == v1::ORDER_STATE_UNSPECIFIED)
      return Fail{ApiFault{ApiFaultCode::kBadField, "states: " + std::to_string(state) +
                                                        " is no state; use ORDER_OPEN to ORDER_LIFTED"}};
    query.states.push_back(static_cast<std::uint32_t>(state - v1::ORDER_OPEN));
  }
  const Registry::Snapshot registry = registry_for(caller);
  const auto licence_text = check_text("licence", request.licence(), parts_.limits);
  if (!licence_text) return Fail{licence_text.error()};
  const auto entity_text = check_text("entity", request.entity(), parts_.limits);
  if (!entity_text) return Fail{entity_text.error()};
  std::string licence, entity;
  if (!licence_text->empty()) {
    const auto found = find_licence(*registry, *licence_text);
    if (!found) return Fail{found.error()};
    licence = (*found)->id;
  }
  if (!entity_text->empty()) {
    const auto found = find_entity(*registry, *entity_text);
    if (!found) return Fail{found.error()};
    entity = (*found)->name;
  }
  query.wanted = [&](const std::string& id) {
    const OrderRecord* order = registry->order(id);
    if (order == nullptr) return false;
    return (licence.empty() || order->licence == licence) &&
           (entity.empty() || registry->entity_orders(entity).count(id) > 0);
  };
  const auto page = parts_.reader.order_stories().list_order_stories(query);
  if (!page) return Fail{fault_of(page.error())};
  v1::ListOrderHoldsResponse response;
  for (const OrderStoryRecord& record : page->rows) {
    const auto story = parts_.follow->order_story(parts_.reader, record.order, parts_.now());
    if (!story) return Fail{fault_of(story.error())};
    *response.add_orders() = view_of(record.order, story->value_or(OrderStory{}),
                                     parts_.follow->order_rules(), caller.holder.has_value());
  }
  if (page->next) response.set_next_page_token(key_token(*page->next));
  return response;
}

template <class Response>
void OperatorUseCases::say_of_order(const std::string& order, const Caller& caller, OrderEvent event,
                                    const Completion<Response>& done) {
  if (parts_.follow == nullptr) return done(Fail{keeps_no_orders()});
  const auto text = check_text("order", order, parts_.limits);
  if (!text) return done(Fail{text.error()});
  const Registry::Snapshot registry = registry_for(caller);
  const auto found = find_order(*registry, *text);
  if (!found) return done(Fail{found.error()});
  on_store<Response>(parts_.store, kRowsOfOrder, done,
                     [follow = parts_.follow, id = (*found)->id, event = std::move(event),
                      of_holder = caller.holder.has_value()](Store& store) -> Answer<Response> {
                       const auto said = follow->order_said(store, id, event);
                       if (!said) return Fail{fault_of(said.error())};
                       const auto story = follow->order_story(store, id, event.at);
                       if (!story) return Fail{fault_of(story.error())};
                       Response response;
                       *response.mutable_hold() =
                           view_of(id, story->value_or(OrderStory{}), follow->order_rules(), of_holder);
                       return response;
                     });
}

void OperatorUseCases::lift_order_hold(const v1::LiftOrderHoldRequest& request, const Caller& caller,
                                       const Completion<v1::LiftOrderHoldResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!until) return done(Fail{until.error()});
  if (!*until)
    return done(Fail{ApiFault{ApiFaultCode::kBadField, "until: is missing; a hold is lifted up to a time"}});
  say_of_order(request.order(), caller, {parts_.now(), HoldLifted{request.reason(), caller.name, **until}},
               done);
}

void OperatorUseCases::override_delivery(const v1::OverrideDeliveryRequest& request, const Caller& caller,
                                         const Completion<v1::OverrideDeliveryResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  const auto delivery = check_text("delivery", request.delivery(), parts_.limits);
  if (!delivery) return done(Fail{delivery.error()});
  if (auto fault = said_wrongly("delivery", *delivery, kSaidNameMax)) return done(Fail{std::move(*fault)});
  say_of_order(request.order(), caller,
               {parts_.now(), HoldOverridden{*delivery, request.reason(), caller.name}}, done);
}

void OperatorUseCases::decide_proposal(const v1::DecideProposalRequest& request, const Caller& caller,
                                       const Completion<v1::DecideProposalResponse>& done) {
  if (auto fault = said_wrongly("reason", request.reason(), kSaidReasonMax))
    return done(Fail{std::move(*fault)});
  const bool buyer = request.party() == "buyer";
  if (!buyer && request.party() != "end_user")
    return done(Fail{ApiFault{ApiFaultCode::kBadField, "party: is none; use buyer or end_user"}});
  say_of_order(request.order(), caller,
               {parts_.now(), WatchDecided{buyer ? WatchParty::kBuyer : WatchParty::kEndUser,
                                           request.accept(), request.reason(), caller.name}},
               done);
}

}  // namespace chiploc
