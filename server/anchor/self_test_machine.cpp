#include "server/anchor/self_test_machine.hpp"

#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// Programs that steer clocks, as /proc/PID/comm has them (15 characters), and their units.
constexpr std::array<std::string_view, 12> kPrograms{
    "chronyd", "systemd-timesyn", "ntpd",        "ntpsec",   "openntpd",  "ptp4l",
    "phc2sys", "timemaster",      "VBoxService", "vmtoolsd", "adjtimexd", "clockspeed"};
constexpr std::array<std::string_view, 7> kUnits{
    "chrony.service",   "chronyd.service", "systemd-timesyncd.service", "ntp.service", "ntpsec.service",
    "openntpd.service", "ptp4l.service"};

void find_programs(std::set<std::string>& seen) {
  std::error_code none;
  for (fs::directory_iterator at{"/proc", none}; !none && at != fs::directory_iterator{};
       at.increment(none)) {
    const std::string name = at->path().filename().string();
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) == 0) continue;
    std::string comm;
    std::ifstream file{at->path() / "comm"};
    std::getline(file, comm);
    if (std::find(kPrograms.begin(), kPrograms.end(), comm) != kPrograms.end())
      seen.insert(comm == "systemd-timesyn" ? "systemd-timesyncd" : comm);
  }
}

void find_traces(std::set<std::string>& seen) {
  std::error_code none;
  for (const std::string_view unit : kUnits) {
    // systemd links an invocation id for each unit that runs; anybody may look.
    if (fs::is_symlink(fs::symlink_status("/run/systemd/units/invocation:" + std::string{unit}, none)))
      seen.insert(std::string{unit});
  }
  if (fs::exists("/run/chrony/chronyd.sock", none)) seen.insert("/run/chrony/chronyd.sock");
}

InterfaceClaim claim_of(int fd, const char* name) {
  InterfaceClaim out;
  out.name = name;
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);
  if (::ioctl(fd, SIOCETHTOOL, &request) != 0) return out;
  const auto can = [&](std::uint32_t flag) { return (info.so_timestamping & flag) != 0; };
  out.transmit_kernel = can(SOF_TIMESTAMPING_TX_SOFTWARE);
  out.receive_kernel = can(SOF_TIMESTAMPING_RX_SOFTWARE);
  out.transmit_card = can(SOF_TIMESTAMPING_TX_HARDWARE) && can(SOF_TIMESTAMPING_RAW_HARDWARE);
  out.receive_card = can(SOF_TIMESTAMPING_RX_HARDWARE) && can(SOF_TIMESTAMPING_RAW_HARDWARE);
  out.clock = info.phc_index;
  return out;
}

}  // namespace

std::vector<InterfaceClaim> interface_claims() {
  std::vector<InterfaceClaim> out;
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct if_nameindex* const names = fd < 0 ? nullptr : ::if_nameindex();
  for (const struct if_nameindex* at = names; at != nullptr && at->if_index != 0; ++at) {
    ifreq request{};
    std::strncpy(request.ifr_name, at->if_name, sizeof request.ifr_name - 1);
    if (::ioctl(fd, SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) == 0) continue;
    out.push_back(claim_of(fd, at->if_name));
  }
  if (names != nullptr) ::if_freenameindex(names);
  if (fd >= 0) ::close(fd);
  return out;
}

Discipline clock_discipline() {
  Discipline out;
  timex now{};
  if (const int state = ::adjtimex(&now); state >= 0) {
    out.known = true;
    // Microseconds that the kernel adds each tick, of USER_HZ = 100 a second.
    out.tick_ppm = static_cast<double>(now.tick - 10'000) * 100.0;
    out.frequency_ppm = static_cast<double>(now.freq) / 65536.0;
    out.synchronised = state != TIME_ERROR && (now.status & STA_UNSYNC) == 0;
    out.phase_locked = (now.status & (STA_PLL | STA_FLL)) != 0;
  }
  std::set<std::string> seen;
  find_programs(seen);
  find_traces(seen);
  out.seen.assign(seen.begin(), seen.end());
  return out;
}

}  // namespace chiploc
