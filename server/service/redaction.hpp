#pragma once
#include "server/service/caller.hpp"

namespace google::protobuf {
class Message;
}

namespace chiploc {

/// What an answer becomes for this caller, at every edge and for every answer: as it is for whom the call's rule
/// shows all, for anybody else what is open in it (sealing.hpp).
void redact(const Caller& caller, google::protobuf::Message& answer);

}  // namespace chiploc
