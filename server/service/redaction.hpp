#pragma once
#include "server/service/caller.hpp"

namespace google::protobuf {
class Message;
}

namespace chiploc {

/// What an answer becomes for this caller, at every edge and for every answer: as it is for whom the call's rule
/// shows all, for a researcher what is open in it under pseudonyms (research.hpp), for anybody else what is open in it
/// (sealing.hpp).
void redact(const Caller& caller, google::protobuf::Message& answer);
/// The fault of a use case as this caller may read it: a researcher's has no name in it.
[[nodiscard]] ApiFault told_to(const Caller& caller, const ApiFault& fault);

}  // namespace chiploc
