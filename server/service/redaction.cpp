#include "server/service/redaction.hpp"

#include "server/service/sealing.hpp"

namespace chiploc {

void redact(Role role, google::protobuf::Message& answer) {
  if (role != Role::kAdmin) seal(answer);
}

}  // namespace chiploc
