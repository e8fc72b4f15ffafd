#pragma once
#include <string>

#include "proto/v1/evidence.pb.h"

namespace chiploc {

/// What `chiploc` tells the shell. The numbers from 64 are those of sysexits.h; 10 to 17 are answers, not
/// failures. Scripts depend on them: they never change meaning.
enum class ExitCode : int {
  kFine = 0,            ///< done; of `verify`: VERIFIED
  kCleared = 10,        ///< verify: CLEARED
  kUnresolved = 11,     ///< verify: UNRESOLVED
  kOutside = 12,        ///< verify: OUTSIDE
  kProhibited = 13,     ///< verify: PROHIBITED
  kSilent = 14,         ///< verify: SILENT
  kInvalid = 15,        ///< verify: INVALID
  kReplayDiffers = 16,  ///< verdict replay: another record, or what is stored is not what was judged
  kReplayCannot = 17,   ///< verdict replay: it cannot be judged again
  kNotProved = 18,      ///< report verify, log: not what was signed, or by another key, or not all of it
  kUsage = 64,          ///< a flag or argument is wrong
  kBadData = 65,        ///< a file to import has faults
  kNotFound = 66,       ///< no such chip, verdict or file
  kUnreachable = 69,    ///< no coordinator answers, it is full, or TLS fails
  kInternal = 70,       ///< a bug here or in the coordinator
  kRefused = 77,        ///< the certificate's role may not do this
  kBadConfig = 78,      ///< the configuration has a fault
  kInterrupted = 130,   ///< Ctrl-C, as shells have it: 128 and the signal's number
};

/// Why a command ended without doing its work: one sentence, with what to do.
struct CliFault {
  ExitCode code;
  std::string text;
  /// A call went out and its answer did not come back: whether it was done is not known.
  bool answer_lost = false;
};

/// The exit code of `verify` for a verdict.
[[nodiscard]] ExitCode exit_code_of(v1::VerdictState state);

}  // namespace chiploc
