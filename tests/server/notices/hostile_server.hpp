#pragma once
// A server on loopback that answers as its handler likes: the other end of what we send, at its worst.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/command.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

/// A self-signed certificate and its key, made by openssl for these names ("DNS:localhost,IP:127.0.0.1").
struct TestCertificate {
  TestCertificate(const TempDir& folder, const std::string& name, const std::string& names)
      : certificate{folder / (name + ".pem")}, key{folder / (name + ".key")} {
    const Ran made =
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
            " -addext subjectAltName=" + names + " -keyout " + key.string() + " -out " +
            certificate.string() + " 2>&1");
    if (made.exit_code != 0) std::abort();
  }
  std::filesystem::path certificate, key;
};

/// One connection, with or without TLS.
class ServedConnection {
 public:
  ServedConnection(int socket, SSL* tls) : socket_{socket}, tls_{tls} {}

  /// A whole request: headers, and as much body as they announce. "": the other side went away.
  std::string request() {
    std::string text;
    std::size_t whole = std::string::npos;
    char part[4096];
    while (text.size() < whole) {
      const int got = read(part, sizeof part);
      if (got <= 0) return {};
      text.append(part, static_cast<std::size_t>(got));
      const std::size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t length = text.find("Content-Length: ");
      whole = end + 4 + (length < end ? std::strtoul(text.c_str() + length + 16, nullptr, 10) : 0);
    }
    return text;
  }
  /// False: the other side has gone away.
  bool write(std::string_view text) {
    while (!text.empty()) {
      const int sent = tls_ != nullptr
                           ? SSL_write(tls_, text.data(), static_cast<int>(text.size()))
                           : static_cast<int>(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL));
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Waits until the other side has gone away, but no longer than so many milliseconds; whether it has.
  bool gone_within(int most_ms) {
    pollfd wait{socket_, POLLIN | POLLRDHUP, 0};
    char byte = 0;
    return ::poll(&wait, 1, most_ms) > 0 && read(&byte, 1) <= 0;
  }

 private:
  int read(char* to, std::size_t size) {
    return tls_ != nullptr ? SSL_read(tls_, to, static_cast<int>(size))
                           : static_cast<int>(::recv(socket_, to, size, 0));
  }
  int socket_;
  SSL* tls_;
};

class HostileServer {
 public:
  using Handler = std::function<void(ServedConnection&)>;
  /// Answers each connection on a thread of its own until it goes away. `family`: AF_INET or AF_INET6.
  explicit HostileServer(Handler handler, int family = AF_INET, SSL_CTX* tls = nullptr)
      : handler_{std::move(handler)}, tls_{tls} {
    listener_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_storage any{};
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET) {
      auto& to = reinterpret_cast<sockaddr_in&>(any);
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      auto& to = reinterpret_cast<sockaddr_in6&>(any);
      to.sin6_family = AF_INET6;
      to.sin6_addr = in6addr_loopback;
      size = sizeof(sockaddr_in6);
    }
    auto* const address = reinterpret_cast<sockaddr*>(&any);
    works_ = ::bind(listener_, address, size) == 0 && ::listen(listener_, 64) == 0 &&
             ::getsockname(listener_, address, &size) == 0;
    port_ = ntohs(reinterpret_cast<sockaddr_in&>(any).sin_port);  // at the same place in both families
    thread_ = std::thread{[this] { accept_all(); }};
  }
  ~HostileServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    {
      const std::scoped_lock lock{mutex_};
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int socket : sockets_) ::close(socket);
  }
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  [[nodiscard]] bool works() const { return works_; }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    int socket = 0;
    while ((socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      ++connections_;
      const std::scoped_lock lock{mutex_};
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }
  void serve(int socket) {
    SSL* const tls = tls_ == nullptr ? nullptr : SSL_new(tls_);
    if (tls != nullptr) SSL_set_fd(tls, socket);
    if (tls == nullptr || SSL_accept(tls) == 1) {
      ServedConnection connection{socket, tls};
      handler_(connection);
      if (tls != nullptr) SSL_shutdown(tls);
    }
    ::shutdown(socket, SHUT_RDWR);
    if (tls != nullptr) SSL_free(tls);
  }
  Handler handler_;
  SSL_CTX* tls_;
  int listener_ = -1;
  bool works_ = false;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

/// What a server with this certificate speaks.
class TestTls {
 public:
  explicit TestTls(const TestCertificate& of) : context_{SSL_CTX_new(TLS_server_method())} {
    std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no MSG_NOSIGNAL
    if (SSL_CTX_use_certificate_chain_file(context_, of.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_, of.key.c_str(), SSL_FILETYPE_PEM) != 1)
      std::abort();
  }
  ~TestTls() { SSL_CTX_free(context_); }
  TestTls(const TestTls&) = delete;
  TestTls& operator=(const TestTls&) = delete;
  [[nodiscard]] SSL_CTX* get() const { return context_; }

 private:
  SSL_CTX* context_;
};

}  // namespace chiploc::test
