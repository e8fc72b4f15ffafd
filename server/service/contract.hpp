#pragma once
#include <span>
#include <string>
#include <vector>

#include "server/service/access.hpp"

namespace google::protobuf {
class FileDescriptor;
}

namespace chiploc {

/// What is undecided in .proto files, a sentence for each, in the order of the files; empty: nothing.
///
///   - a method without an access rule, a rule without a method, or two for one;
///   - two methods that take one request, or one from another file (access_rule_of could not tell them
///     apart);
///   - a rule for admins that does not say what readers may not;
///   - a method for readers that answers with an internal message;
///   - a field without a sealing decision, outside internal messages;
///   - an open field that holds an internal message; (first_word_open) of what is no sealed text.
[[nodiscard]] std::vector<std::string> contract_faults(
    const std::vector<const google::protobuf::FileDescriptor*>& files, std::span<const AccessRule> table);

}  // namespace chiploc
