// under_unit UNIT [--as UID] PROGRAM ARGS...: runs a program under what its systemd unit allows, where no
// systemd runs: the unit's SystemCallFilter (a forbidden call kills), RestrictAddressFamilies,
// NoNewPrivileges, no capability at all, MemoryDenyWriteExecute where the kernel has it. Exit code 77: that
// is not possible on this machine.
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void impossible(const std::string& why) {
  std::fprintf(stderr, "under_unit: %s\n", why.c_str());
  std::exit(77);
}

/// Names and numbers of this machine's system calls.
std::map<std::string, unsigned> system_calls() {
  std::map<std::string, unsigned> out;
  std::ifstream in{"/usr/include/x86_64-linux-gnu/asm/unistd_64.h"};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string define, name;
    unsigned number = 0;
    if (words >> define >> name >> number && name.rfind("__NR_", 0) == 0) out[name.substr(5)] = number;
  }
  if (out.empty()) impossible("no list of system calls (asm/unistd_64.h)");
  return out;
}

/// "@set" becomes what systemd says is in it.
void expand(const std::string& word, std::set<std::string>& into) {
  if (word[0] != '@') {
    into.insert(word);
    return;
  }
  FILE* const pipe = ::popen(("systemd-analyze --no-pager syscall-filter " + word).c_str(), "r");
  if (pipe == nullptr) impossible("no systemd-analyze");
  char line[256];
  std::set<std::string> found;
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string name;
    if (std::istringstream{line} >> name && name[0] != '#' && name != word) found.insert(name);
  }
  if (::pclose(pipe) != 0 || found.empty()) impossible("systemd-analyze knows no " + word);
  for (const std::string& name : found) expand(name, into);
}

struct Unit {
  std::set<std::string> calls;
  std::vector<unsigned> families;
};

Unit read_unit(const char* file) {
  static const std::map<std::string, unsigned> kFamilies{
      {"AF_UNIX", AF_UNIX}, {"AF_INET", AF_INET}, {"AF_INET6", AF_INET6}};
  Unit out;
  std::ifstream in{file};
  if (!in) impossible(std::string{"cannot read "} + file);
  for (std::string line; std::getline(in, line);) {
    const auto value = [&line](const char* key) -> std::string {
      const std::size_t size = std::strlen(key);
      return line.compare(0, size, key) == 0 ? line.substr(size) : "";
    };
    std::string filter = value("SystemCallFilter=");
    const bool denies = !filter.empty() && filter[0] == '~';
    if (denies) filter.erase(0, 1);
    std::set<std::string> names;
    std::istringstream words{filter};
    for (std::string word; words >> word;) expand(word, names);
    for (const std::string& name : names) {
      if (denies) {
        out.calls.erase(name);
      } else {
        out.calls.insert(name);
      }
    }
    std::istringstream families{value("RestrictAddressFamilies=")};
    for (std::string word; families >> word;) out.families.push_back(kFamilies.at(word));
  }
  if (out.calls.empty() || out.families.empty()) impossible("the unit restricts nothing");
  return out;
}

sock_filter op(unsigned code, unsigned k, unsigned char yes = 0, unsigned char no = 0) {
  return {static_cast<unsigned short>(code), yes, no, k};
}

void install(const Unit& unit) {
  const auto numbers = system_calls();
  std::vector<sock_filter> program{op(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                                   op(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                                   op(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                                   op(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const auto& [name, number] : numbers) {
    if (name == "socket" || unit.calls.count(name) == 0) continue;
    program.push_back(op(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    program.push_back(op(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(op(BPF_JMP | BPF_JEQ | BPF_K, numbers.at("socket"), 1, 0));
  program.push_back(op(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  program.push_back(op(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])));
  for (const unsigned family : unit.families) {
    program.push_back(op(BPF_JMP | BPF_JEQ | BPF_K, family, 0, 1));
    program.push_back(op(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(op(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    impossible(std::string{"no seccomp here: "} + std::strerror(errno));
}

void drop_privileges(unsigned uid) {
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; ++capability) {
  }
  if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0)
    impossible(std::string{"cannot become another user: "} + std::strerror(errno));
  // Changing the user cleared it: without this an interrupted test would leave its programs behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  const Unit unit = read_unit(argv[1]);
  int at = 2;
  const bool other_user = std::strcmp(argv[at], "--as") == 0 && argc > at + 2;
  if (other_user) at += 2;
  // From inside its folder, gone to before: nobody may well be kept out of what lies above.
  const std::filesystem::path program{argv[at]};
  if (program.has_parent_path() && ::chdir(program.parent_path().c_str()) != 0) return 127;
  if (other_user) drop_privileges(static_cast<unsigned>(std::atoi(argv[at - 1])));
  constexpr int kMemoryDenyWriteExecute = 65;  // PR_SET_MDWE, Linux 6.3
  (void)::prctl(kMemoryDenyWriteExecute, 1UL, 0UL, 0UL, 0UL);
  install(unit);
  ::execv(("./" + program.filename().string()).c_str(), argv + at);
  std::fprintf(stderr, "under_unit: %s: %s\n", argv[at], std::strerror(errno));
  return 127;
}
