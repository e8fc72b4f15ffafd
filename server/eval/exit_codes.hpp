#pragma once

namespace chiploc {

/// What `chiploc eval` tells the shell; the numbers are those of server/cli/exit_code.hpp.
enum class EvalExit : int {
  kFine = 0,
  kMiss = 1,       ///< --soundness: some round's region left the truth out
  kUsage = 64,     ///< a flag or argument is wrong, or a file cannot be written
  kBadData = 65,   ///< a file of the folder has faults, or what it holds makes no case
  kNotFound = 66,  ///< no such folder, or a file of it is missing or cannot be read
  kInternal = 70,  ///< standard output could not be written
};

}  // namespace chiploc
