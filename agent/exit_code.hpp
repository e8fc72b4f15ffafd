#pragma once

namespace chiploc {

/// How the agent's programs end; the numbers are sysexits.h's.
enum class AgentExit : int {
  kFine = 0,
  kUsage = 64,        ///< the command line
  kCannotStart = 69,  ///< key, state folder or address not to be had
  kInternal = 70,     ///< our own bug
  kBadConfig = 78,    ///< the configuration file, or the certificate it names
};

}  // namespace chiploc
