#include "server/service/access.hpp"

#include <google/protobuf/descriptor.h>

namespace chiploc {
namespace {

constexpr AccessRule kTable[] = {
    {"chiploc.v1.AnchorService.Attach", Access::kAnchors, "attach"},
    {"chiploc.v1.OperatorService.GetStatus", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.ListChips", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.GetChip", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.ListLicences", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.ListAnchors", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.Import", Access::kAdmins, "import"},
    {"chiploc.v1.OperatorService.RestartCounters", Access::kAdmins, "restart a chip's counters"},
    {"chiploc.v1.OperatorService.Verify", Access::kAdmins, "start a round"},
    {"chiploc.v1.OperatorService.ListVerdicts", Access::kReaders, ""},
    {"chiploc.v1.OperatorService.GetVerdict", Access::kReaders, ""},  // its evidence is for admins
    {"chiploc.v1.OperatorService.ReplayVerdict", Access::kAdmins, "have a round judged again"},
};

}  // namespace

std::span<const AccessRule> access_table() { return kTable; }

const AccessRule* access_rule_of(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    const google::protobuf::ServiceDescriptor& service = *file.service(i);
    for (int k = 0; k < service.method_count(); ++k) {
      if (service.method(k)->input_type() != &request) continue;
      for (const AccessRule& rule : kTable) {
        if (rule.method == service.method(k)->full_name()) return &rule;
      }
    }
  }
  return nullptr;
}

}  // namespace chiploc
