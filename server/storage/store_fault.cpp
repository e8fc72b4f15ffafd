#include "server/storage/store_fault.hpp"

namespace chiploc {

std::string_view name_of(StoreFaultCode code) {
  switch (code) {
    case StoreFaultCode::kFull:
      return "full";
    case StoreFaultCode::kBusy:
      return "busy";
    case StoreFaultCode::kOlderSchema:
      return "older_schema";
    case StoreFaultCode::kNewerSchema:
      return "newer_schema";
    case StoreFaultCode::kForeign:
      return "foreign";
    case StoreFaultCode::kCorrupt:
      return "corrupt";
    case StoreFaultCode::kPermission:
      return "permission";
    case StoreFaultCode::kInputOutput:
      return "input_output";
    case StoreFaultCode::kNotFound:
      return "not_found";
    case StoreFaultCode::kConflict:
      return "conflict";
    case StoreFaultCode::kAmbiguous:
      return "ambiguous";
    case StoreFaultCode::kInvalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace chiploc
