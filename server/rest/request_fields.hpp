#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/tables/strict_json.hpp"

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class EnumValueDescriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace chiploc {

// How a request's fields are written in parameters and bodies: this file alone decides it.
//
//     text            as it is, UTF-8
//     number          whole, decimal; in a body a JSON number
//     truth           true, false
//     NAME_unix_ns    as NAME: a day or a time in UTC, "2026-12-02", "2026-12-02T08:00Z", seconds and up to nine digits of a
//                     fraction if need be; so answers have them, so they can be sent back
//     bytes           hexadecimal, in any case; but the content of a file to import, which is text
//     enumeration     by the word that answers and the command line have: "VERIFIED", "drifted", "elsewhere", "chips"
//     message         an object; in bodies alone
//     repeated        the parameter as often as there are values; in a body an array

enum class FieldForm : std::uint8_t { kText, kNumber, kTruth, kTime, kHex, kWord, kObject, kNone };
[[nodiscard]] FieldForm form_of(const google::protobuf::FieldDescriptor& field);
/// "since" for since_unix_ns.
[[nodiscard]] std::string wire_name(const google::protobuf::FieldDescriptor& field);
/// The request's field of that name; null: none.
[[nodiscard]] const google::protobuf::FieldDescriptor* field_named(
    const google::protobuf::Descriptor& request, std::string_view wire_name);
/// Empty: it is not to be sent, but left out.
[[nodiscard]] std::string word_of(const google::protobuf::EnumValueDescriptor& value);
[[nodiscard]] std::vector<std::string> words_of(const google::protobuf::EnumDescriptor& type);

/// A value of a path, a query or a route into its field; a repeated one grows. The fault names the field.
[[nodiscard]] Result<Done, FieldFault> read_text(google::protobuf::Message& request,
                                                 const google::protobuf::FieldDescriptor& field,
                                                 std::string_view text);
/// An object of a body into the message. The fault has the pointer, which begins with `at`. `may` decides of the body's own
/// fields, not of those within.
[[nodiscard]] Result<Done, FieldFault> read_object(
    google::protobuf::Message& request, const nlohmann::json& object, const std::string& at,
    const std::vector<const google::protobuf::FieldDescriptor*>& may);

/// Nanoseconds since 1970. nullopt: no such time, or not one between 1970 and 2261.
[[nodiscard]] Result<std::int64_t, std::string> read_time(std::string_view text);

}  // namespace chiploc
