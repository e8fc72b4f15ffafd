#include "server/service/name_lookup.hpp"

#include <map>

#include "server/registry/fields.hpp"
#include "server/registry/names.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kNearest = 3;
constexpr std::size_t kSerialsCompared = 100'000;

template <class Table>
auto find_named(const Table& table, const char* what, const std::string& text)
    -> Answer<decltype(named_in(table, text))> {
  if (const auto* found = named_in(table, text)) return found;
  NearestNames near{text, kNearest};
  for (const auto& [name, record] : table) near.offer(name);
  return Fail{ApiFault{ApiFaultCode::kNotFound,
                       std::string{"no "} + what + " " + shown(text) + " in the registry" + near.sentence()}};
}

}  // namespace

Answer<const LicenceRecord*> find_licence(const Registry& registry, const std::string& text) {
  return find_named(registry.licences(), "licence", text);
}
Answer<const TerritoryRecord*> find_territory(const Registry& registry, const std::string& text) {
  return find_named(registry.territories(), "territory", text);
}
Answer<const AnchorRecord*> find_anchor(const Registry& registry, const std::string& text) {
  return find_named(registry.anchors(), "anchor", text);
}
Answer<const Maker*> find_maker(const Registry& registry, const std::string& text) {
  return find_named(registry.makers(), "maker", text);
}

Answer<std::string> find_holder(const Registry& registry, const std::string& text) {
  std::map<std::string, std::shared_ptr<const LicenceRecord>, std::less<>> holders;
  for (const auto& [id, licence] : registry.licences()) holders.emplace(licence->holder, licence);
  const auto found = find_named(holders, "holder", text);
  if (!found) return Fail{found.error()};
  return (*found)->holder;
}

std::string nearest_serials(const Registry& registry, std::string_view text) {
  if (registry.chips().size() > kSerialsCompared) return {};
  NearestNames near{text, kNearest};
  for (const auto& [id, chip] : registry.chips()) near.offer(chip->serial);
  return near.sentence();
}

}  // namespace chiploc
