#include "server/oidc/strict_json.hpp"

#include <set>
#include <string>
#include <vector>

namespace chiploc {

std::optional<nlohmann::json> strict_json_object(std::string_view text, std::size_t bytes_most) {
  using nlohmann::json;
  if (text.size() > bytes_most) return std::nullopt;
  bool strict = true;
  std::vector<std::set<std::string>> names;  // of the objects that are open
  const auto look_at = [&](int depth, json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        names.emplace_back();
        strict = strict && depth < kStrictJsonDepth;
        break;
      case json::parse_event_t::array_start:
        strict = strict && depth < kStrictJsonDepth;
        break;
      case json::parse_event_t::key:
        strict = strict && names.back().insert(parsed.get<std::string>()).second;
        break;
      case json::parse_event_t::object_end:
        names.pop_back();
        break;
      case json::parse_event_t::array_end:
      case json::parse_event_t::value:
        break;
    }
    return strict;  // what is no good is not kept, so that nothing deep is ever built
  };
  json value = json::parse(text, look_at, /*allow_exceptions=*/false);
  if (!strict || !value.is_object()) return std::nullopt;
  return value;
}

const std::string* text_member(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(std::string{name});
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace chiploc
