#include "server/rest/answer_shape.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/rest/answer_samples.hpp"
#include "server/rest/request_fields.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// "2026-11-21T19:54:41.123Z", as iso_time() writes it.
bool is_time(const std::string& text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  return true;
}

/// What hex_of() makes of a sample's bytes, or of none.
bool is_sample_hex(const std::string& text) { return text.empty() || text == "5a"; }

void add_text(AnswerShape& shape, const std::string& text) {
  shape.text = true;
  shape.only_times = shape.only_times && is_time(text);
  shape.only_hex = shape.only_hex && is_sample_hex(text);
  if (text.find(kSampleText) != std::string::npos) shape.free_text = true;
  shape.words.insert(text);
}

/// The texts of a view alone, where no data came among them.
bool is_words(const AnswerShape& shape) {
  return !shape.free_text && !shape.only_times && !shape.only_hex && shape.words.size() > 1;
}

}  // namespace

void AnswerShape::add(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      null = true;
      break;
    case Json::value_t::boolean:
      truth = true;
      break;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      whole = true;
      break;
    case Json::value_t::number_float:
      number = true;
      break;
    case Json::value_t::string:
      add_text(*this, value.get_ref<const std::string&>());
      break;
    case Json::value_t::array:
      array = true;
      for (const Json& element : value) {
        if (!elements) elements = std::make_unique<AnswerShape>();
        elements->add(element);
      }
      break;
    case Json::value_t::object:
      object = true;
      ++objects;
      for (const auto& item : value.items()) {
        if (item.key() == kSampleText) {
          if (!any_value) any_value = std::make_unique<AnswerShape>();
          any_value->add(item.value());
          continue;
        }
        if (values.count(item.key()) == 0) keys.push_back(item.key());
        ++present[item.key()];
        values[item.key()].add(item.value());
      }
      break;
    default:
      break;
  }
}

bool AnswerShape::always(const std::string& key) const {
  const auto at = present.find(key);
  return at != present.end() && at->second == objects;
}

AnswerShape shape_of(const ReadRoute& route) {
  AnswerShape shape;
  if (route.route->view == nullptr) return shape;
  std::vector<std::unique_ptr<google::protobuf::Message>> requests;
  each_sample(*route.route->call.request, [&](const google::protobuf::Message& request) {
    if (requests.size() == 2) return;  // the empty one and the full one
    requests.emplace_back(request.New())->CopyFrom(request);
    if (route.fixed == nullptr) return;
    requests.back()->GetReflection()->ClearField(requests.back().get(), route.fixed);
    static_cast<void>(read_text(*requests.back(), *route.fixed, route.fixed_word));
  });
  // What was asked changes an answer by itself: to be seen with the first two, which are the empty and the full one.
  std::size_t seen = 0;
  each_sample(*route.route->call.answer, [&](const google::protobuf::Message& answer) {
    const std::size_t with = seen++ < 2 ? requests.size() : 1;
    for (std::size_t i = 0; i < with; ++i)
      shape.add(route.route->view(answer, {*requests.at(requests.size() - 1 - i), WallTime{}}));
  });
  return shape;
}

Json schema_of(const AnswerShape& shape) {
  Json types = Json::array();
  const auto add = [&](bool there, const char* name) {
    if (there) types.push_back(name);
  };
  add(shape.object, "object");
  add(shape.array, "array");
  add(shape.text, "string");
  add(shape.number, "number");
  add(shape.whole && !shape.number, "integer");
  add(shape.truth, "boolean");
  add(shape.null, "null");
  // Nothing but null came: of JSON that views pass on, or of what samples do not reach. Anything may stand there.
  if (types.empty() || (types.size() == 1 && shape.null)) return Json::object();
  Json out = Json::object();
  out["type"] = types.size() == 1 ? types[0] : types;
  if (shape.object) {
    if (!shape.keys.empty()) {
      Json required = Json::array();
      out["properties"] = Json::object();
      for (const std::string& key : shape.keys) {
        out["properties"][key] = schema_of(shape.values.at(key));
        if (shape.always(key)) required.push_back(key);
      }
      if (!required.empty()) out["required"] = std::move(required);
    }
    if (shape.any_value) out["additionalProperties"] = schema_of(*shape.any_value);
  }
  if (shape.array) out["items"] = shape.elements ? schema_of(*shape.elements) : Json::object();
  if (!shape.text) return out;
  if (shape.only_times) out["format"] = "date-time";
  if (shape.only_hex && shape.words.count("5a") > 0) out["pattern"] = "^([0-9a-f]{2})*$";
  if (!is_words(shape)) return out;
  out["enum"] = Json::array();
  for (const std::string& word : shape.words) out["enum"].push_back(word);
  if (shape.null) out["enum"].push_back(nullptr);
  return out;
}

}  // namespace chiploc
