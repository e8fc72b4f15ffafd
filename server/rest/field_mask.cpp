#include "server/rest/field_mask.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "server/rest/text_parts.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPathsMax = 32, kNamesMax = 8;

/// What stands under a name; lists are looked through. Null: nothing. `open`: below here anything may stand.
const AnswerShape* below(const AnswerShape& shape, const std::string& name, bool& open) {
  const AnswerShape* at = &shape;
  while (!at->object && at->elements) at = at->elements.get();
  if (const auto found = at->values.find(name); found != at->values.end()) return &found->second;
  if (!at->any_value) return nullptr;
  const AnswerShape& any = *at->any_value;
  open =
      open || (any.null && !any.object && !any.array && !any.text && !any.number && !any.whole && !any.truth);
  return &any;
}

}  // namespace

Result<FieldMask, FieldFault> read_field_mask(std::string_view text, const AnswerShape& shape) {
  FieldMask mask;
  const auto wrong = [](std::string_view path, const std::string& why) {
    return Fail{FieldFault{"fields", shown(path) + " " + why}};
  };
  if (text.empty() || text.back() == ',') return wrong(text, "ends without a name");
  std::size_t paths = 0;
  while (!text.empty()) {
    if (++paths > kPathsMax)
      return Fail{FieldFault{"fields", "more than " + std::to_string(kPathsMax) + " paths"}};
    const std::string_view path = take_part(text, ',');
    if (path.empty() || path.back() == '.') return wrong(path, "ends without a name");
    std::string_view rest = path;
    const AnswerShape* at = &shape;
    FieldMask* node = &mask;
    std::size_t names = 0;
    bool open = false;
    while (!rest.empty()) {
      if (++names > kNamesMax) return wrong(path, "has more than " + std::to_string(kNamesMax) + " names");
      const std::string name{take_part(rest, '.')};
      if (!open) at = below(*at, name, open);
      if (at == nullptr) return wrong(path, "is no field of this answer");
      node = &node->parts[name];
    }
    node->parts.clear();
    node->parts.emplace("", FieldMask{});  // all of it, whatever else is named below
  }
  return mask;
}

void keep_wanted(const FieldMask& mask, nlohmann::ordered_json& answer) {
  if (mask.parts.empty() || mask.parts.count("") > 0) return;
  if (answer.is_array()) {
    for (auto& element : answer) keep_wanted(mask, element);
    return;
  }
  if (!answer.is_object()) return;
  nlohmann::ordered_json kept = nlohmann::ordered_json::object();
  for (const auto& item : answer.items()) {
    const auto part = mask.parts.find(item.key());
    if (part == mask.parts.end()) continue;
    keep_wanted(part->second, item.value());
    kept[item.key()] = std::move(item.value());
  }
  answer = std::move(kept);
}

}  // namespace chiploc
