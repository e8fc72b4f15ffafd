// Requests made from the API's own description, valid and hostile: none may fail the edge, and every answer fits its schema.
#include <cctype>
#include <random>

#include "tests/server/rest/rest_story.hpp"
#include "tests/server/rest/schema_check.hpp"

namespace chiploc::test {
namespace rest_hostile_test {

using Dice = std::mt19937_64;

std::size_t below(Dice& dice, std::size_t most) { return static_cast<std::size_t>(dice() % most); }
bool one_in(Dice& dice, std::size_t chances) { return below(dice, chances) == 0; }

/// Texts that names, tokens and reasons may be: what there is, what there nearly is, and what should be nowhere.
std::string text(Dice& dice) {
  static const std::vector<std::string> kTexts{"SN-0",
                                               "aaaa",
                                               kChipOne,
                                               "L-1",
                                               "O-1",
                                               "C-1",
                                               "1",
                                               "benelux",
                                               "User AG",
                                               "fra-1",
                                               "siem",
                                               "D-1",
                                               "",
                                               " ",
                                               "..",
                                               "a/b",
                                               "%00",
                                               "*",
                                               "' OR 1=1",
                                               "\xC3\xBC\xE2\x82\xAC",
                                               "\xff\xfe",
                                               "\x01\x1b[31m",
                                               "0",
                                               "-1",
                                               "18446744073709551616",
                                               "null",
                                               "{}",
                                               std::string(300, 'x'),
                                               std::string("a\0b", 3),
                                               "\xE2\x80\xAE"
                                               "evil"};
  return kTexts[below(dice, kTexts.size())];
}

json value_of(Dice& dice, const json& schema, int depth);

json hostile(Dice& dice, int depth) {
  switch (below(dice, 8)) {
    case 0:
      return nullptr;
    case 1:
      return -1;
    case 2:
      return 1e300;
    case 3:
      return json::array({nullptr, 1, "x"});
    case 4:
      return json::object({{"a", json::object()}});
    case 5:
      return true;
    case 6: {
      json deep = 1;
      for (int i = depth; i < 12; ++i) deep = json::array({deep});
      return deep;
    }
    default:
      return 18'446'744'073'709'551'615ULL;
  }
}

/// A value that fits the schema, or now and then one that does not.
json value_of(Dice& dice, const json& schema, int depth) {
  if (one_in(dice, 12)) return hostile(dice, depth);
  const std::string type = schema.value("type", "");
  if (schema.contains("enum")) return schema["enum"][below(dice, schema["enum"].size())];
  if (schema.contains("examples")) return schema["examples"][below(dice, schema["examples"].size())];
  if (schema.contains("pattern")) return std::string(one_in(dice, 2) ? 64 : below(dice, 5), 'a');
  if (type == "integer") return one_in(dice, 3) ? dice() : below(dice, 20);
  if (type == "boolean") return one_in(dice, 2);
  if (type == "array") {
    json out = json::array();
    for (std::size_t i = below(dice, 3); i > 0; --i)
      out.push_back(value_of(dice, schema["items"], depth + 1));
    return out;
  }
  if (type != "object") return text(dice);
  json out = json::object();
  for (const auto& item : schema["properties"].items()) {
    if (!one_in(dice, 4)) out[item.key()] = value_of(dice, item.value(), depth + 1);
  }
  if (one_in(dice, 15)) out[text(dice)] = 1;
  return out;
}

std::string query_text(const json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

struct Made {
  std::string verb, target, body;
  const json* operation = nullptr;
};

Made make(Dice& dice, const std::string& path, const std::string& verb, const json& operation) {
  Made out{verb, "", "", &operation};
  for (char& c : out.verb) c = static_cast<char>(std::toupper(c));
  std::string query;
  std::map<std::string, std::string> in_path;
  for (const json& parameter : operation.at("parameters")) {
    if (!parameter.contains("in")) {
      if (parameter.at("$ref") == "#/components/parameters/chiploc-reason") continue;
      if (one_in(dice, 10)) query += "&fields=" + percent(text(dice));
      continue;
    }
    const std::string name = parameter.at("name").get<std::string>();
    if (parameter.at("in") == "path") {
      const json& schema = parameter.at("schema");
      std::string value = schema.contains("enum") || schema.at("type") == "integer"
                              ? query_text(value_of(dice, schema, 0))
                          : one_in(dice, 2) ? names_of_story().at(name)
                                            : text(dice);
      in_path[name] = value.empty() ? "x" : value;
      continue;
    }
    if (one_in(dice, 2)) continue;
    const json& schema = parameter.at("schema");
    const json value = value_of(dice, schema.at("type") == "array" ? schema.at("items") : schema, 0);
    query += "&" + name + "=" + percent(query_text(value));
    if (one_in(dice, 8)) query += "&" + name + "=" + percent(query_text(value));
  }
  if (one_in(dice, 20)) query += "&" + percent(text(dice)) + "=1";
  std::size_t at = 0;
  while (at < path.size()) {
    if (path[at] != '{') {
      out.target += path[at++];
      continue;
    }
    const std::size_t end = path.find('}', at);
    out.target += percent(in_path.at(path.substr(at + 1, end - at - 1)));
    at = end + 1;
  }
  if (!query.empty()) out.target += "?" + query.substr(1);
  if (operation.contains("requestBody")) {
    const json& schema = operation.at("requestBody").at("content").at("application/json").at("schema");
    out.body = value_of(dice, schema, 1).dump(-1, ' ', false, json::error_handler_t::replace);
    if (one_in(dice, 10)) out.body.resize(below(dice, out.body.size() + 1));
    if (one_in(dice, 20)) out.body.insert(below(dice, out.body.size() + 1), 1, '\xff');
  }
  return out;
}

TEST_CASE("rest: no request that anybody can make fails the edge, and every answer fits its schema",
          "[rest][property]") {
  RestWorld rest;
  begin_story(rest);
  rest.post("/v1/cases", json{{"order", "O-1"}, {"user", "Other Ltd"}, {"reason", "an invoice"}});
  const json document = send(rest.api, http_request("GET", "/openapi.json")).read();
  const Credentials* people[] = {&rest.world.admin,           &rest.world.admin,
                                 &rest.world.reader,          &rest.world.registrar,
                                 &rest.world.example_auditor, &rest.world.example_registrar};
  const std::uint64_t seed = 20'261'202;
  Dice dice{seed};
  std::map<int, int> statuses;
  constexpr int kTries = 48;
  for (const auto& path : document.at("paths").items()) {
    for (const auto& verb : path.value().items()) {
      const std::string schema_name = verb.value().at("operationId").get<std::string>();
      for (int i = 0; i < kTries; ++i) {
        const Made made = make(dice, path.key(), verb.key(), verb.value());
        const Got got = rest.send(*people[below(dice, std::size(people))], made.verb, made.target, made.body);
        INFO("seed " << seed << ", try " << i << ": " << made.verb << " " << made.target << "\n"
                     << made.body << "\n-> " << got.status << " " << got.body);
        ++statuses[got.status];
        // This world keeps no stories of cases: reports of them are not ready, which is no failure.
        const bool not_ready = got.status == 503 && got.body.find("\"not_ready\"") != std::string::npos;
        CHECK((got.status < 500 || not_ready));
        if (got.field("content-type").find("application/problem+json") == 0) {
          CHECK(schema_fault(document.at("components").at("schemas").at("Problem"), got.read()) == "");
        } else if (got.field("content-type") == "application/json" && schema_name != "GetReport") {
          CHECK(got.status < 300);
          CHECK(schema_fault(document.at("components").at("schemas").at(schema_name), got.read()) == "");
        }
      }
    }
  }
  for (const int status : {200, 201, 400, 403, 404, 409}) {
    INFO(status << " never came: too little is tried");
    CHECK(statuses[status] > 0);
  }
}

}  // namespace rest_hostile_test
}  // namespace chiploc::test
