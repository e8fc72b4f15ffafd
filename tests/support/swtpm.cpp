#include "tests/support/swtpm.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

namespace chiploc {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port that could be bound just now (0: any), or nullopt.
std::optional<std::uint16_t> bindable(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) return std::nullopt;
  return ntohs(address.sin_port);
}

bool connects(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

std::optional<std::string> Swtpm::missing() {
  if (!has_program("swtpm")) return "swtpm (package swtpm)";
  if (!has_program("tpm2_createprimary")) return "tpm2_createprimary (package tpm2-tools)";
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
    if (std::filesystem::exists(std::filesystem::path{folder} / "ossl-modules/tpm2.so")) return std::nullopt;
  }
  return "tpm2.so (package tpm2-openssl)";
}

Swtpm::Swtpm(const std::filesystem::path& folder) : folder_{folder} {
  std::filesystem::create_directory(folder_ / "tpm");
  constexpr int kAttempts = 5;  // somebody else may take a port between our look and swtpm's
  for (int attempt = 0; attempt < kAttempts && !ok_; ++attempt) ok_ = start();
}

bool Swtpm::start() {
  // The library wants the control channel one port above the commands.
  const auto port = bindable(0);
  if (!port || *port == 65535 || !bindable(static_cast<std::uint16_t>(*port + 1))) return false;
  port_ = *port;
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + (folder_ / "tpm").string(),
                               "--server", "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port_),
                               "--ctrl", "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port_ + 1),
                               "--flags", "not-need-init,startup-clear"},
      Environment{}, folder_ / "swtpm.log");
  constexpr int kTries = 1000;
  constexpr int kPauseMs = 10;
  for (int i = 0; i < kTries; ++i) {
    if (process_->wait(kPauseMs)) return false;  // it ended; else the pause between two tries has passed
    if (connects(static_cast<std::uint16_t>(port_ + 1))) return true;
  }
  return false;
}

bool Swtpm::create_key(std::uint32_t handle, const std::string& algorithm) const {
  const auto log = folder_ / "tools.log";
  const std::string context = (folder_ / "primary.ctx").string();
  return run_program({"tpm2_createprimary", "-Q", "-C", "o", "-g", "sha256", "-G", algorithm, "-a",
                      "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign", "-c", context},
                     environment(), log) &&
         run_program({"tpm2_evictcontrol", "-Q", "-C", "o", "-c", context, key_uri(handle).substr(7)},
                     environment(), log) &&
         run_program({"tpm2_flushcontext", "-t"}, environment(), log);
}

std::string Swtpm::key_uri(std::uint32_t handle) {
  char text[24];
  std::snprintf(text, sizeof text, "handle:0x%08x", handle);
  return text;
}

Environment Swtpm::environment() const {
  const std::string tcti = "swtpm:host=127.0.0.1,port=" + std::to_string(port_);
  return {{"TPM2OPENSSL_TCTI", tcti}, {"TPM2TOOLS_TCTI", tcti}, {"TSS2_LOG", "all+NONE"}};
}

void Swtpm::set_in_this_process() const {
  for (const auto& [name, value] : environment()) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace chiploc
