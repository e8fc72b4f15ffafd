#pragma once
// Does a value fit a schema of ours? Stricter than JSON Schema: a key that the schema does not name is a fault.

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

namespace chiploc::test {

inline std::string json_type(const nlohmann::json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number_float()) return "number";
  if (value.is_number()) return "integer";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

/// The first fault, as "/chips/0/serial: ..."; empty: it fits.
inline std::string schema_fault(const nlohmann::json& schema, const nlohmann::json& value,
                                const std::string& at = "") {
  using nlohmann::json;
  if (schema.empty()) return {};
  const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
  const std::string type = json_type(value);
  bool fits = false;
  for (const json& one : types) {
    const std::string wanted = one.get<std::string>();
    fits = fits || wanted == type || (wanted == "number" && type == "integer");
  }
  if (!fits) return at + ": " + type + " is none of " + types.dump();
  if (schema.contains("enum")) {
    bool named = false;
    for (const json& one : schema["enum"]) named = named || one == value;
    if (!named) return at + ": " + value.dump() + " is none of " + schema["enum"].dump();
  }
  if (type == "string" && schema.contains("format") &&
      !std::regex_match(value.get<std::string>(), std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"}))
    return at + ": " + value.dump() + " is no time";
  if (type == "string" && schema.contains("pattern") &&
      !std::regex_match(value.get<std::string>(), std::regex{schema["pattern"].get<std::string>()}))
    return at + ": " + value.dump() + " is not of the pattern";
  if (type == "array") {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string fault = schema_fault(schema["items"], value[i], at + "/" + std::to_string(i));
      if (!fault.empty()) return fault;
    }
  }
  if (type != "object") return {};
  for (const json& key : schema.value("required", json::array())) {
    if (!value.contains(key.get<std::string>())) return at + ": " + key.dump() + " is missing";
  }
  for (const auto& item : value.items()) {
    const std::string here = at + "/" + item.key();
    const json properties = schema.value("properties", json::object());
    if (properties.contains(item.key())) {
      const std::string fault = schema_fault(properties[item.key()], item.value(), here);
      if (!fault.empty()) return fault;
    } else if (schema.contains("additionalProperties")) {
      const std::string fault = schema_fault(schema["additionalProperties"], item.value(), here);
      if (!fault.empty()) return fault;
    } else {
      return here + ": no key of this schema";
    }
  }
  return {};
}

}  // namespace chiploc::test
