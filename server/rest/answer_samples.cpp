#include "server/rest/answer_samples.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthMax = 12;  // no message of ours holds itself; should one, its samples end there
constexpr int kUnknownValue = 9'999;

/// What is left out or chosen otherwise in one sample.
struct Choice {
  const FieldDescriptor* without = nullptr;  ///< wherever it stands
  const FieldDescriptor* member = nullptr;   ///< of its oneof; else the last
  const EnumDescriptor* type = nullptr;      ///< every field of it has `value`
  int value = 1;
};

/// Texts that views take for JSON.
bool holds_json(const FieldDescriptor& field) {
  const std::string& name = field.full_name();
  return name.ends_with("geojson") || name == "chiploc.v1.ExportResponse.rows" ||
         name == "chiploc.v1.ExportNoticesResponse.lines";
}

std::string sample_text(const FieldDescriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) return "\x5a";
  return std::string{holds_json(field) ? kSampleJson : kSampleText};
}

void fill(Message& message, const Choice& choice, int depth);

void fill_field(Message& message, const FieldDescriptor& field, const Choice& choice, int depth) {
  const Reflection& all = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      fill(many ? *all.AddMessage(&message, &field) : *all.MutableMessage(&message, &field), choice,
           depth + 1);
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      many ? all.AddString(&message, &field, sample_text(field))
           : all.SetString(&message, &field, sample_text(field));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      many ? all.AddInt32(&message, &field, 7) : all.SetInt32(&message, &field, 7);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      many ? all.AddInt64(&message, &field, 7) : all.SetInt64(&message, &field, 7);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      many ? all.AddUInt32(&message, &field, 7) : all.SetUInt32(&message, &field, 7);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      many ? all.AddUInt64(&message, &field, 7) : all.SetUInt64(&message, &field, 7);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      many ? all.AddDouble(&message, &field, 0.5) : all.SetDouble(&message, &field, 0.5);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      many ? all.AddFloat(&message, &field, 0.5F) : all.SetFloat(&message, &field, 0.5F);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      many ? all.AddBool(&message, &field, true) : all.SetBool(&message, &field, true);
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = field.enum_type() == choice.type ? choice.value : 1;
      many ? all.AddEnumValue(&message, &field, value) : all.SetEnumValue(&message, &field, value);
      break;
    }
  }
}

void fill(Message& message, const Choice& choice, int depth) {
  if (depth > kDepthMax) return;
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (&field == choice.without) continue;
    const auto* oneof = field.real_containing_oneof();
    if (oneof != nullptr && choice.member != nullptr && oneof == choice.member->real_containing_oneof() &&
        &field != choice.member)
      continue;
    fill_field(message, field, choice, depth);
  }
}

/// Every message type within one, itself first; each once.
void collect(const Descriptor& type, std::vector<const Descriptor*>& out, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return;
  out.push_back(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr) collect(*type.field(i)->message_type(), out, seen);
  }
}

}  // namespace

void each_sample(const Message& prototype, const std::function<void(const Message&)>& each) {
  const std::unique_ptr<Message> sample{prototype.New()};
  each(*sample);
  std::vector<const Descriptor*> types;
  std::set<const Descriptor*> seen;
  collect(*prototype.GetDescriptor(), types, seen);
  std::vector<const FieldDescriptor*> fields, members{nullptr};
  std::set<const EnumDescriptor*> enums;
  for (const Descriptor* type : types) {
    if (type->options().map_entry()) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      fields.push_back(field);
      if (field->real_containing_oneof() != nullptr) members.push_back(field);
      if (field->enum_type() != nullptr) enums.insert(field->enum_type());
    }
  }
  for (const FieldDescriptor* member : members) {
    const auto give = [&](Choice choice) {
      choice.member = member;
      sample->Clear();
      fill(*sample, choice, 0);
      each(*sample);
    };
    give({});
    for (const FieldDescriptor* field : fields) give({.without = field});
    for (const EnumDescriptor* type : enums) {
      for (int i = 0; i < type->value_count(); ++i) give({.type = type, .value = type->value(i)->number()});
      give({.type = type, .value = kUnknownValue});
    }
  }
}

}  // namespace chiploc
