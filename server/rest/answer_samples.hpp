#pragma once
#include <functional>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace chiploc {

// Messages that together show every form that a view can give an answer.

/// Every text and every key of a map in a sample: whatever a view shows of it comes from data, and is no word of the view's.
inline constexpr std::string_view kSampleText = "anytext";
/// The same of a text that is JSON itself.
inline constexpr std::string_view kSampleJson = R"({"anytext":null})";

/// Calls `each` with messages of this type: one that is empty; one with everything set, an element in each list; that one
/// again without one kind of field, for each field of each message within it, and with every value of each enumeration, one
/// that is not known too. Of a oneof all of this with each of its members. `each` must not keep the message.
void each_sample(const google::protobuf::Message& prototype,
                 const std::function<void(const google::protobuf::Message&)>& each);

}  // namespace chiploc
