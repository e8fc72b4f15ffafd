#include "server/rest/request_fields.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/base/joined.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/rest/text_parts.hpp"
#include "server/service/case_json.hpp"
#include "server/service/registry_kinds.hpp"
#include "server/service/status_json.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::json;

constexpr std::string_view kTimeEnd = "_unix_ns";

bool is_text_content(const FieldDescriptor& field) {
  return field.full_name() == "chiploc.v1.ImportFile.content";
}

/// "BY_SERIAL" -> "serial" without "BY_".
std::string without(std::string text, std::string_view front, std::string_view back) {
  if (text.starts_with(front)) text.erase(0, front.size());
  if (text.ends_with(back)) text.resize(text.size() - back.size());
  return lower(text);
}

/// Words that answers have, by the functions that write them.
std::optional<std::string> word_of_answers(const EnumDescriptor& type, int number) {
  if (&type == v1::ChipState_descriptor()) return chip_state_name(static_cast<v1::ChipState>(number));
  if (&type == v1::AbsenceKind_descriptor()) return absence_kind_name(static_cast<v1::AbsenceKind>(number));
  if (&type == v1::CaseKind_descriptor()) return case_kind_name(static_cast<v1::CaseKind>(number));
  if (&type == v1::CaseState_descriptor()) return case_state_name(static_cast<v1::CaseState>(number));
  if (&type == v1::CaseEnd_descriptor()) return case_end_name(static_cast<v1::CaseEnd>(number));
  if (&type == v1::OrderState_descriptor()) return order_state_name(static_cast<v1::OrderState>(number));
  if (&type == v1::ImportKind_descriptor()) return std::string{table_of(static_cast<v1::ImportKind>(number))};
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Sets or adds.
class Slot {
 public:
  Slot(Message& message, const FieldDescriptor& field)
      : message_{message}, reflection_{*message.GetReflection()}, field_{field} {}

  void text(std::string value) {
    field_.is_repeated() ? reflection_.AddString(&message_, &field_, std::move(value))
                         : reflection_.SetString(&message_, &field_, std::move(value));
  }
  void truth(bool value) {
    field_.is_repeated() ? reflection_.AddBool(&message_, &field_, value)
                         : reflection_.SetBool(&message_, &field_, value);
  }
  void choice(int value) {
    field_.is_repeated() ? reflection_.AddEnumValue(&message_, &field_, value)
                         : reflection_.SetEnumValue(&message_, &field_, value);
  }
  Message& object() {
    return field_.is_repeated() ? *reflection_.AddMessage(&message_, &field_)
                                : *reflection_.MutableMessage(&message_, &field_);
  }
  /// False: it does not fit the field.
  bool number(std::uint64_t value) {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_UINT64:
        field_.is_repeated() ? reflection_.AddUInt64(&message_, &field_, value)
                             : reflection_.SetUInt64(&message_, &field_, value);
        return true;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (value > std::numeric_limits<std::uint32_t>::max()) return false;
        field_.is_repeated() ? reflection_.AddUInt32(&message_, &field_, static_cast<std::uint32_t>(value))
                             : reflection_.SetUInt32(&message_, &field_, static_cast<std::uint32_t>(value));
        return true;
      default:
        return false;
    }
  }
  void time(std::int64_t value) {
    field_.is_repeated() ? reflection_.AddInt64(&message_, &field_, value)
                         : reflection_.SetInt64(&message_, &field_, value);
  }

 private:
  Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
};

/// A sentence for what is wrong with the text; empty: it is in the message.
std::string put_text(Message& message, const FieldDescriptor& field, std::string_view text) {
  Slot slot{message, field};
  switch (form_of(field)) {
    case FieldForm::kText:
      if (!is_utf8(text)) return "this text is no UTF-8";
      slot.text(std::string{text});
      return {};
    case FieldForm::kNumber: {
      const auto number = whole<std::uint64_t>(text);
      if (!number || !slot.number(*number)) return shown(text) + " is no whole number that fits here";
      return {};
    }
    case FieldForm::kTruth:
      if (text != "true" && text != "false") return shown(text) + " is neither true nor false";
      slot.truth(text == "true");
      return {};
    case FieldForm::kTime: {
      const auto time = read_time(text);
      if (!time) return time.error();
      slot.time(*time);
      return {};
    }
    case FieldForm::kHex: {
      auto bytes = from_hex(text);
      if (!bytes) return shown(text) + " is not hexadecimal, two digits a byte";
      slot.text(string_of(*bytes));
      return {};
    }
    case FieldForm::kWord: {
      const EnumDescriptor& type = *field.enum_type();
      for (int i = 0; i < type.value_count(); ++i) {
        if (!text.empty() && word_of(*type.value(i)) == text) {
          slot.choice(type.value(i)->number());
          return {};
        }
      }
      return shown(text) + " is none of: " + joined(words_of(type), ", ");
    }
    case FieldForm::kObject:
    case FieldForm::kNone:
      break;
  }
  return "this cannot be written in a parameter";
}

std::string type_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a text";
    case json::value_t::boolean:
      return "a truth value";
    default:
      return value.is_number_float() ? "a number with a fraction, or too large" : "a number";
  }
}

std::string expected(FieldForm form) {
  switch (form) {
    case FieldForm::kNumber:
      return "a whole number";
    case FieldForm::kTruth:
      return "true or false";
    case FieldForm::kObject:
      return "an object";
    default:
      return "a text";
  }
}

std::vector<const FieldDescriptor*> all_fields(const Descriptor& type) {
  std::vector<const FieldDescriptor*> out;
  for (int i = 0; i < type.field_count(); ++i) out.push_back(type.field(i));
  return out;
}

/// One value that is no array.
Result<Done, FieldFault> put_json(Message& message, const FieldDescriptor& field, const json& value,
                                  const std::string& at) {
  const FieldForm form = form_of(field);
  Slot slot{message, field};
  switch (form) {
    case FieldForm::kObject: {
      if (!value.is_object()) break;
      Message& inner = slot.object();
      return read_object(inner, value, at, all_fields(*inner.GetDescriptor()));
    }
    case FieldForm::kNumber:
      if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<std::int64_t>() < 0)) break;
      if (slot.number(value.get<std::uint64_t>())) return Done{};
      return Fail{FieldFault{at, "this number is too large"}};
    case FieldForm::kTruth:
      if (!value.is_boolean()) break;
      slot.truth(value.get<bool>());
      return Done{};
    case FieldForm::kText:
    case FieldForm::kTime:
    case FieldForm::kHex:
    case FieldForm::kWord: {
      if (!value.is_string()) break;
      const std::string wrong = put_text(message, field, value.get_ref<const std::string&>());
      if (!wrong.empty()) return Fail{FieldFault{at, wrong}};
      return Done{};
    }
    case FieldForm::kNone:
      return Fail{FieldFault{at, "this cannot be sent"}};
  }
  return Fail{FieldFault{at, "here stands " + type_of(value) + "; it has to be " + expected(form)}};
}

/// Two digits from `at` on.
std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  return whole<unsigned>(text.substr(at, count));
}

}  // namespace

FieldForm form_of(const FieldDescriptor& field) {
  if (field.is_map()) return FieldForm::kNone;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES && !is_text_content(field) ? FieldForm::kHex
                                                                                    : FieldForm::kText;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return FieldForm::kNumber;
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldForm::kTruth;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FieldForm::kWord;
    case FieldDescriptor::CPPTYPE_INT64:
      return field.name().ends_with(kTimeEnd) ? FieldForm::kTime : FieldForm::kNone;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FieldForm::kObject;
    default:
      return FieldForm::kNone;
  }
}

std::string wire_name(const FieldDescriptor& field) {
  std::string name = field.name();
  if (form_of(field) == FieldForm::kTime) name.resize(name.size() - kTimeEnd.size());
  return name;
}

const FieldDescriptor* field_named(const Descriptor& request, std::string_view name) {
  for (int i = 0; i < request.field_count(); ++i) {
    if (wire_name(*request.field(i)) == name) return request.field(i);
  }
  return nullptr;
}

std::string word_of(const EnumValueDescriptor& value) {
  const EnumDescriptor& type = *value.type();
  if (&type == v1::ChipOrder_descriptor())
    return value.number() == 0 ? "id" : without(value.name(), "BY_", "");
  if (value.number() == 0) return {};
  if (auto word = word_of_answers(type, value.number())) return *word;
  if (&type == v1::NameKind_descriptor()) return without(value.name(), "", "_NAMES");
  if (&type == v1::ReportKind_descriptor() || &type == v1::ReportForm_descriptor())
    return without(value.name(), "REPORT_", "");
  if (&type == v1::WatchKind_descriptor()) return without(value.name(), "WATCH_", "");
  if (value.number() == v1::NOTICE_CLOUDEVENT && &type == v1::NoticeForm_descriptor()) return "cloudevents";
  if (&type == v1::NoticeForm_descriptor()) return without(value.name(), "NOTICE_", "");
  return value.name();
}

std::vector<std::string> words_of(const EnumDescriptor& type) {
  std::vector<std::string> out;
  for (int i = 0; i < type.value_count(); ++i) {
    std::string word = word_of(*type.value(i));
    if (!word.empty()) out.push_back(std::move(word));
  }
  return out;
}

Result<Done, FieldFault> read_text(Message& request, const FieldDescriptor& field, std::string_view text) {
  const std::string wrong = put_text(request, field, text);
  if (!wrong.empty()) return Fail{FieldFault{wire_name(field), wrong}};
  return Done{};
}

Result<Done, FieldFault> read_object(Message& request, const json& object, const std::string& at,
                                     const std::vector<const FieldDescriptor*>& may) {
  for (const auto& item : object.items()) {
    const std::string here = at + pointer_step(item.key());
    const auto found = std::find_if(may.begin(), may.end(),
                                    [&](const auto* field) { return wire_name(*field) == item.key(); });
    if (found == may.end()) {
      std::vector<std::string> names;
      for (const auto* field : may) names.push_back(wire_name(*field));
      return Fail{FieldFault{here, "there is no such key here; there are: " + joined(names, ", ")}};
    }
    const FieldDescriptor& field = **found;
    const json& value = item.value();
    if (!field.is_repeated()) {
      if (const auto put = put_json(request, field, value, here); !put) return put;
      continue;
    }
    if (!value.is_array())
      return Fail{FieldFault{here, "here stands " + type_of(value) + "; it has to be an array"}};
    std::size_t index = 0;
    for (const json& element : value) {
      const auto put = put_json(request, field, element, here + "/" + std::to_string(index++));
      if (!put) return put;
    }
  }
  return Done{};
}

Result<std::int64_t, std::string> read_time(std::string_view text) {
  using namespace std::chrono;
  const Fail<std::string> wrong{
      shown(text) + " is no time in UTC from 1970 to 2261, as 2026-12-02 or 2026-12-02T08:00:00Z"};
  const auto y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (!y || !m || !d || text[4] != '-' || text[7] != '-') return wrong;
  const year_month_day day{year{static_cast<int>(*y)}, month{*m}, std::chrono::day{*d}};
  if (!day.ok() || *y < 1970 || *y > 2261) return wrong;
  nanoseconds time = sys_days{day}.time_since_epoch();
  std::string_view rest = text.substr(10);
  if (rest.empty()) return std::int64_t{time.count()};
  if (rest.back() != 'Z') return wrong;
  rest.remove_suffix(1);
  const auto hour = digits(rest, 1, 2), minute = digits(rest, 4, 2);
  if (!hour || !minute || rest[0] != 'T' || rest[3] != ':' || *hour > 23 || *minute > 59) return wrong;
  time += hours{*hour} + minutes{*minute};
  rest.remove_prefix(6);
  if (rest.empty()) return std::int64_t{time.count()};
  const auto second = digits(rest, 1, 2);
  if (!second || rest[0] != ':' || *second > 59) return wrong;
  time += seconds{*second};
  rest.remove_prefix(3);
  if (rest.empty()) return std::int64_t{time.count()};
  constexpr std::size_t kDigitsMax = 9;
  if (rest[0] != '.' || rest.size() < 2 || rest.size() > kDigitsMax + 1) return wrong;
  std::string fraction{rest.substr(1)};
  fraction.resize(kDigitsMax, '0');
  const auto parts = digits(fraction, 0, kDigitsMax);
  if (!parts) return wrong;
  return std::int64_t{(time + nanoseconds{*parts}).count()};
}

}  // namespace chiploc
