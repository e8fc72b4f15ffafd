#include "server/service/record_json.hpp"

namespace chiploc {
namespace {

Json stated(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <class Repeated>
Json texts_of(const Repeated& texts) {
  Json out = Json::array();
  for (const auto& text : texts) out.push_back(text);
  return out;
}

}  // namespace

Json json_of(const v1::Model& model) {
  return {{"model", model.model()},
          {"maker", model.maker()},
          {"eccn", model.eccn()},
          {"note", stated(model.note())}};
}

Json json_of(const v1::Entity& entity) {
  return {{"entity", entity.entity()},
          {"roles", texts_of(entity.roles())},
          {"country", stated(entity.country())},
          {"watch_since", stated(entity.watch_since())},
          {"watch_reason", stated(entity.watch_reason())},
          {"orders", entity.orders()},
          {"licences", entity.licences()},
          {"sites", texts_of(entity.sites())}};
}

Json json_of(const v1::Site& site) {
  return {{"site", site.site()},
          {"operator", stated(site.operated_by())},
          {"place", stated(site.place())},
          {"address", stated(site.address())},
          {"deliveries", site.deliveries()},
          {"chips", site.chips()}};
}

Json json_of(const v1::Order& order) {
  return {{"order", order.order()},         {"licence", order.licence()},
          {"exporter", order.exporter()},   {"buyer", order.buyer()},
          {"end_user", order.end_user()},   {"operator", stated(order.operated_by())},
          {"placed", order.placed()},       {"quantity", order.quantity()},
          {"delivered", order.delivered()}, {"chips", order.chips()}};
}

Json json_of(const v1::Delivery& delivery) {
  return {{"delivery", delivery.delivery()},
          {"order", delivery.order()},
          {"site", delivery.site()},
          {"date", delivery.date()},
          {"quantity", delivery.quantity()},
          {"chips", delivery.chips()},
          {"override_reason", stated(delivery.override_reason())}};
}

Json json_of(const v1::Condition& condition) {
  const std::string& digest = condition.evidence_sha256();
  return {
      {"condition", condition.condition()},
      {"licence", condition.licence()},
      {"kind", condition.kind()},
      {"share_percent", condition.share_percent() > 0.0 ? Json(condition.share_percent()) : Json(nullptr)},
      {"due", condition.due()},
      {"met", stated(condition.met())},
      {"evidence", stated(condition.evidence())},
      {"evidence_sha256", digest.empty() ? Json(nullptr) : Json(hex_of(digest))}};
}

Json json_of(const v1::DeliveredAt& delivered) {
  Json states = Json::object();
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    const std::string& name = v1::VerdictState_Name(static_cast<v1::VerdictState>(state));
    const auto at = delivered.chips_by_state().find(name);
    states[name] = at == delivered.chips_by_state().end() ? 0 : at->second;
  }
  return {{"site", delivered.site()},
          {"deliveries", delivered.deliveries()},
          {"quantity", delivered.quantity()},
          {"chips", delivered.chips()},
          {"chips_by_state", std::move(states)}};
}

}  // namespace chiploc
