#include "server/http/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace chiploc {
namespace {

constexpr int kUnsentBytes = 65'536;

void set_option(int fd, int name, int value) { ::setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value); }

}  // namespace

void prepare_socket(int fd, std::chrono::seconds unanswered) {
  set_option(fd, TCP_NODELAY, 1);
  set_option(fd, TCP_NOTSENT_LOWAT, kUnsentBytes);
  set_option(fd, TCP_USER_TIMEOUT, static_cast<int>(unanswered.count()) * 1'000);
}

}  // namespace chiploc
