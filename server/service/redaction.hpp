#pragma once
#include "server/service/caller.hpp"

namespace google::protobuf {
class Message;
}

namespace chiploc {

/// What an answer becomes for this role, at every edge and for every answer: an admin gets it as it is,
/// anybody else what is open in it (sealing.hpp).
void redact(Role role, google::protobuf::Message& answer);

}  // namespace chiploc
