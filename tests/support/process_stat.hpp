#pragma once
#include <unistd.h>

#include <sys/types.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace chiploc {

/// What /proc tells of a running process. All zero when there is none.
struct ProcessStat {
  double rss_mb = 0.0;        ///< VmRSS: every resident page, shared libraries' too (MB = 2^20 bytes)
  double anonymous_mb = 0.0;  ///< RssAnon: heap, stacks, written data
  double pss_mb = 0.0;        ///< shared pages divided among those who share them; 0 if not asked for
  double cpu_s = 0.0;         ///< user and system time since the start
};

[[nodiscard]] inline ProcessStat read_process_stat(pid_t pid, bool with_pss = false) {
  const std::string folder = "/proc/" + std::to_string(pid);
  constexpr double kPerMb = 1024.0;
  const auto field = [](const std::string& file, const std::string& name) {
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
      if (line.compare(0, name.size(), name) == 0) return std::strtod(line.c_str() + name.size(), nullptr);
    }
    return 0.0;
  };
  ProcessStat out;
  out.rss_mb = field(folder + "/status", "VmRSS:") / kPerMb;
  out.anonymous_mb = field(folder + "/status", "RssAnon:") / kPerMb;
  if (with_pss) out.pss_mb = field(folder + "/smaps_rollup", "Pss:") / kPerMb;
  std::ifstream in{folder + "/stat"};
  std::string all;
  std::getline(in, all);
  // The name, in parentheses, may hold spaces: the fields are counted from behind it.
  const std::size_t behind = all.rfind(')');
  if (behind == std::string::npos) return out;
  std::istringstream fields{all.substr(behind + 1)};
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0.0;
  double system = 0.0;
  fields >> user >> system;
  out.cpu_s = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return out;
}

}  // namespace chiploc
