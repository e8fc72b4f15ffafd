#pragma once
#include <cstdint>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace chiploc {

/// What a field's options (proto/v1/access.proto) say of it.
enum class Sealing : std::uint8_t {
  kUndecided,      ///< nothing: treated as sealed, and the build fails
  kOpen,           ///< readers see it
  kSealed,         ///< for admins alone
  kFirstWordOpen,  ///< readers see a text up to its first space
};
[[nodiscard]] Sealing sealing_of(const google::protobuf::FieldDescriptor& field);
/// No reader gets any part of it: it says so, or the message that it is declared in does.
[[nodiscard]] bool is_internal(const google::protobuf::Descriptor& message);

/// Leaves in a message what readers may see, and in the messages within it: open fields. Everything else
/// goes: sealed fields, fields without a decision, fields of a newer version, whole internal messages.
void seal(google::protobuf::Message& message);

}  // namespace chiploc
