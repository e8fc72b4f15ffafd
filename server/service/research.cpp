#include "server/service/research.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/v1/access.pb.h"

namespace chiploc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

constexpr std::string_view purpose_of(v1::Research what) {
  switch (what) {
    case v1::RESEARCH_CHIP:
      return "chip";
    case v1::RESEARCH_VERDICT:
      return "verdict";
    case v1::RESEARCH_ROUND:
      return "round";
    case v1::RESEARCH_PAGE:
      return "page";
    default:
      return "name";
  }
}

/// Every value of a field of one text or run of bytes, or of a list of them, through `change`.
template <class Change>
void change_each(Message& message, const FieldDescriptor& field, const Change& change) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated())
    return reflection.SetString(&message, &field, change(reflection.GetString(message, &field)));
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
    reflection.SetRepeatedString(&message, &field, i,
                                 change(reflection.GetRepeatedString(message, &field, i)));
}

/// Page tokens of one list are of no use in another: request and answer of a method share this word.
std::string page_purpose(const Message& message) {
  std::string name = message.GetDescriptor()->name();
  for (const std::string_view end : {std::string_view{"Request"}, std::string_view{"Response"}}) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return "page of " + name;
}

Fail<ApiFault> unknown(const FieldDescriptor& field) {
  return Fail{
      ApiFault{ApiFaultCode::kNotFound,
               field.name() + " is no pseudonym that this coordinator gave; take it from a list, whole"}};
}

}  // namespace

Answer<Done> Research::read(Message& request) const {
  const Reflection& reflection = *request.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(request, &fields);
  for (const FieldDescriptor* field : fields) {
    const v1::Research what = field->options().GetExtension(v1::research);
    if (what == v1::RESEARCH_AS_IT_IS) continue;
    if (what == v1::RESEARCH_NOTHING || what == v1::RESEARCH_NAME) {
      return Fail{ApiFault{ApiFaultCode::kWrongRole,
                           "the role researcher may not ask by " + field->name() + "; leave it out"}};
    }
    const auto sealed = from_hex(reflection.GetString(request, field));
    if (!sealed) return unknown(*field);
    if (what == v1::RESEARCH_PAGE) {
      const auto token = key_.open(page_purpose(request), *sealed);
      if (!token) return unknown(*field);
      reflection.SetString(&request, field, text_of(*token));
      continue;
    }
    std::optional<ByteVector> id;
    if (what == v1::RESEARCH_VERDICT_OR_CHIP) {
      id = key_.open(purpose_of(v1::RESEARCH_VERDICT), *sealed);
      if (!id) id = key_.open(purpose_of(v1::RESEARCH_CHIP), *sealed);
    } else {
      id = key_.open(purpose_of(what), *sealed);
    }
    if (!id) return unknown(*field);
    reflection.SetString(&request, field, to_hex(*id));
  }
  return Done{};
}

void Research::show(Message& answer) const {
  const Reflection& reflection = *answer.GetReflection();
  reflection.MutableUnknownFields(&answer)->Clear();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(answer, &fields);
  for (const FieldDescriptor* field : fields) {
    const v1::Research what = field->options().GetExtension(v1::research);
    switch (what) {
      case v1::RESEARCH_AS_IT_IS:
        // Of a map it was decided for keys and values; those that we have hold numbers.
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) break;
        if (!field->is_repeated()) {
          show(*reflection.MutableMessage(&answer, field));
          break;
        }
        for (int i = 0; i < reflection.FieldSize(answer, field); ++i)
          show(*reflection.MutableRepeatedMessage(&answer, field, i));
        break;
      case v1::RESEARCH_CHIP:
      case v1::RESEARCH_VERDICT:
      case v1::RESEARCH_ROUND:
        change_each(answer, *field, [&](const std::string& id) {
          return text_of(key_.seal(purpose_of(what), bytes_of(id)));
        });
        break;
      case v1::RESEARCH_NAME:
        change_each(answer, *field, [&](const std::string& name) {
          if (name.empty()) return name;
          const ByteVector sealed = key_.seal(purpose_of(what), bytes_of(name));
          return "p-" + to_hex(Bytes{sealed}.first(SivKey::kTagSize));
        });
        break;
      case v1::RESEARCH_PAGE:
        change_each(answer, *field, [&](const std::string& token) {
          return to_hex(key_.seal(page_purpose(answer), bytes_of(token)));
        });
        break;
      default:
        reflection.ClearField(&answer, field);
        break;
    }
  }
}

ApiFault fault_without_names(const ApiFault& fault) {
  const auto text = [code = fault.code]() -> const char* {
    switch (code) {
      case ApiFaultCode::kNoCertificate:
        return "no certificate or token says who is asking; show one";
      case ApiFaultCode::kWrongRole:
        return "the role researcher may not ask this";
      case ApiFaultCode::kBadField:
        return "a field is out of its limits; the description of the method has them";
      case ApiFaultCode::kNotFound:
        return "there is nothing under this pseudonym, or nothing any more";
      case ApiFaultCode::kConflict:
        return "it has changed meanwhile; ask again";
      case ApiFaultCode::kExhausted:
        return "a limit is reached; ask for less, or later";
      case ApiFaultCode::kNotReady:
        return "this coordinator is not ready for that";
      case ApiFaultCode::kUnavailable:
        return "this cannot be answered now; ask again in a moment";
      case ApiFaultCode::kDamaged:
        return "what is stored is damaged; tell whoever runs this coordinator";
      case ApiFaultCode::kInternal:
        break;
    }
    return "this coordinator has failed; tell whoever runs it";
  };
  return {fault.code, text()};
}

}  // namespace chiploc
