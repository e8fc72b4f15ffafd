#include "server/service/redaction.hpp"

#include <google/protobuf/message.h>

#include "server/service/research.hpp"
#include "server/service/sealing.hpp"

namespace chiploc {

void redact(const Caller& caller, google::protobuf::Message& answer) {
  if (caller.role == Role::kResearcher) {
    seal(answer);
    return caller.research != nullptr ? caller.research->show(answer) : answer.Clear();
  }
  if (!caller.sees_all) seal(answer);
}

ApiFault told_to(const Caller& caller, const ApiFault& fault) {
  return caller.role == Role::kResearcher ? fault_without_names(fault) : fault;
}

}  // namespace chiploc
