#pragma once
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace chiploc::test {

/// Sets every field of a message and of those within it to something that is no default; two entries in a
/// list. Of a oneof the last one stays.
inline void fill(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  const int times = 2;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool many = field->is_repeated();
    for (int k = 0; k < (many && !field->is_map() ? times : 1); ++k) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          fill(many ? *reflection.AddMessage(&message, field) : *reflection.MutableMessage(&message, field));
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          many ? reflection.AddString(&message, field, "two words")
               : reflection.SetString(&message, field, "two words");
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          many ? reflection.AddInt32(&message, field, 7) : reflection.SetInt32(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          many ? reflection.AddInt64(&message, field, 7) : reflection.SetInt64(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_UINT32:
          many ? reflection.AddUInt32(&message, field, 7) : reflection.SetUInt32(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_UINT64:
          many ? reflection.AddUInt64(&message, field, 7) : reflection.SetUInt64(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
          many ? reflection.AddDouble(&message, field, 7) : reflection.SetDouble(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_FLOAT:
          many ? reflection.AddFloat(&message, field, 7) : reflection.SetFloat(&message, field, 7);
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          many ? reflection.AddBool(&message, field, true) : reflection.SetBool(&message, field, true);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          many ? reflection.AddEnumValue(&message, field, 1) : reflection.SetEnumValue(&message, field, 1);
          break;
      }
    }
  }
}

template <class M>
[[nodiscard]] M full() {
  M message;
  fill(message);
  return message;
}

}  // namespace chiploc::test
