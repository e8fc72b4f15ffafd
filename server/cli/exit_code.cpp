#include "server/cli/exit_code.hpp"

namespace chiploc {

ExitCode exit_code_of(v1::VerdictState state) {
  switch (state) {
    case v1::VERIFIED:
      return ExitCode::kFine;
    case v1::CLEARED:
      return ExitCode::kCleared;
    case v1::UNRESOLVED:
      return ExitCode::kUnresolved;
    case v1::OUTSIDE:
      return ExitCode::kOutside;
    case v1::PROHIBITED:
      return ExitCode::kProhibited;
    case v1::SILENT:
      return ExitCode::kSilent;
    case v1::INVALID:
      return ExitCode::kInvalid;
    default:
      return ExitCode::kInternal;  // a state of a newer coordinator is no success
  }
}

}  // namespace chiploc
