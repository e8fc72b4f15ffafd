#include "server/service/audit.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <vector>

#include "proto/base/safe_text.hpp"
#include "server/service/sealing.hpp"

namespace chiploc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Of answers that are internal as a whole those in which no field is that others have sealed: journals, and what was just
// entered into one. The rest show addresses of sites, evidence, or what follows from it; so would a new one.
constexpr std::array<std::string_view, 18> kHidesNothing{
    "chiploc.v1.OperatorService.ListImports",     "chiploc.v1.OperatorService.Remove",
    "chiploc.v1.OperatorService.RestartCounters", "chiploc.v1.OperatorService.ListNotices",
    "chiploc.v1.OperatorService.ResendNotice",    "chiploc.v1.OperatorService.ListSinks",
    "chiploc.v1.OperatorService.TestSink",        "chiploc.v1.OperatorService.SwitchSink",
    "chiploc.v1.OperatorService.ExportNotices",   "chiploc.v1.OperatorService.ListMutes",
    "chiploc.v1.OperatorService.AddMute",         "chiploc.v1.OperatorService.EndMute",
    "chiploc.v1.OperatorService.ActivatePolicy",  "chiploc.v1.OperatorService.ListPolicies",
    "chiploc.v1.OperatorService.ListAudit",       "chiploc.v1.OperatorService.CreateEnrolmentToken",
    "chiploc.v1.OperatorService.ListEnrolments",  "chiploc.v1.OperatorService.RevokeEnrolment",
};

std::string field_text(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = reflection.GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? to_hex(bytes_of(value)) : log_text(value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::to_string(reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return "..";
}

/// Records of an answer: the rows of its largest list, or the one that it is.
std::uint64_t row_count_of(const Message& answer) {
  const Reflection& reflection = *answer.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(answer, &fields);
  int most = 1;
  for (const FieldDescriptor* field : fields)
    if (field->is_repeated()) most = std::max(most, reflection.FieldSize(answer, field));
  return static_cast<std::uint64_t>(most);
}

}  // namespace

std::string subject_of(const Message& request) {
  const Reflection& reflection = *request.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(request, &fields);
  std::string out;
  for (const FieldDescriptor* field : fields) {
    out += (out.empty() ? "" : " ") + field->name() + "=";
    out += field->is_repeated() ? std::to_string(reflection.FieldSize(request, field)) + " of them"
                                : field_text(request, *field);
  }
  constexpr std::string_view kCut = "...";
  if (out.size() > kAuditTextMax) out = out.substr(0, kAuditTextMax - kCut.size()).append(kCut);
  return out;
}

bool shows_sealed(const Message& answer) {
  if (is_internal(*answer.GetDescriptor())) return answer.ByteSizeLong() != 0;
  const Reflection& reflection = *answer.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(answer, &fields);
  for (const FieldDescriptor* field : fields) {
    if (sealing_of(*field) != Sealing::kOpen) return true;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    // Entries of a map: what was decided of the map holds for key and value.
    const bool map = field->is_map();
    if (map && field->message_type()->map_value()->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(answer, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Message& held = field->is_repeated() ? reflection.GetRepeatedMessage(answer, field, i)
                                                 : reflection.GetMessage(answer, field);
      const Message& value =
          map ? held.GetReflection()->GetMessage(held, field->message_type()->map_value()) : held;
      if (shows_sealed(value)) return true;
    }
  }
  return false;
}

std::optional<AuditEntry> look_of(const Caller& caller, std::string subject, const Message& answer,
                                  WallTime now) {
  if (!caller.sees_all || caller.role == Role::kAnchor) return std::nullopt;
  const bool internal = is_internal(*answer.GetDescriptor());
  if (internal && std::find(kHidesNothing.begin(), kHidesNothing.end(), caller.method) != kHidesNothing.end())
    return std::nullopt;
  if (!shows_sealed(answer)) return std::nullopt;
  AuditEntry out;
  out.at = now;
  out.by = {caller.name, caller.certificate};
  out.role = unit_of(caller.role);
  if (caller.account) {
    out.issuer = caller.account->issuer;
    out.account = caller.account->subject;
  }
  out.method = caller.method;
  out.subject = std::move(subject);
  out.reason = caller.reason.value_or("");
  out.records = row_count_of(answer);
  return out;
}

}  // namespace chiploc
