#include "server/service/sealing.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <string>
#include <vector>

#include "proto/v1/access.pb.h"

namespace chiploc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void keep_first_word(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const std::string text = reflection.GetString(message, &field);
  reflection.SetString(&message, &field, text.substr(0, text.find(' ')));
}

void seal_within(Message& message, const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) return seal(*reflection.MutableMessage(&message, &field));
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
    seal(*reflection.MutableRepeatedMessage(&message, &field, i));
}

}  // namespace

Sealing sealing_of(const FieldDescriptor& field) {
  const auto& options = field.options();
  if (!options.HasExtension(v1::sealed)) return Sealing::kUndecided;
  if (!options.GetExtension(v1::sealed)) return Sealing::kOpen;
  return options.GetExtension(v1::first_word_open) ? Sealing::kFirstWordOpen : Sealing::kSealed;
}

bool is_internal(const Descriptor& message) {
  for (const Descriptor* at = &message; at != nullptr; at = at->containing_type()) {
    if (at->options().GetExtension(v1::internal)) return true;
  }
  return false;
}

void seal(Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  if (is_internal(type)) return message.Clear();
  const Reflection& reflection = *message.GetReflection();
  reflection.MutableUnknownFields(&message)->Clear();
  // An entry of a map: what was decided of the map holds for key and value.
  if (type.options().map_entry()) return seal_within(message, *type.map_value());
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    switch (sealing_of(*field)) {
      case Sealing::kOpen:
        seal_within(message, *field);
        break;
      case Sealing::kFirstWordOpen:
        keep_first_word(message, *field);
        break;
      case Sealing::kSealed:
      case Sealing::kUndecided:
        reflection.ClearField(&message, field);
        break;
    }
  }
}

}  // namespace chiploc
