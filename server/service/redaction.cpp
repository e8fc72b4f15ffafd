#include "server/service/redaction.hpp"

#include "server/service/sealing.hpp"

namespace chiploc {

void redact(const Caller& caller, google::protobuf::Message& answer) {
  if (!caller.sees_all) seal(answer);
}

}  // namespace chiploc
