#include "tests/bench/http_load.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "tests/bench/figure.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process_stat.hpp"

namespace chiploc::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Socket {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd); }
  [[nodiscard]] sockaddr_in at(std::uint16_t port) const {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out.sin_port = htons(port);
    return out;
  }
  [[nodiscard]] bool connects(std::uint16_t port) const {
    const sockaddr_in to = at(port);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
};

std::uint16_t free_port() {
  const Socket socket;
  sockaddr_in address = socket.at(0);
  socklen_t size = sizeof address;
  if (::bind(socket.fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream{file, std::ios::binary} << text;
}

}  // namespace

Result<HttpAnswer, std::string> get_once(std::uint16_t port, const TlsFiles& tls, const std::string& path) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free};
  if (SSL_CTX_use_certificate_file(context.get(), tls.certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return Fail{std::string{"the client's certificate cannot be used"}};
  const Socket socket;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), SSL_free};
  SSL_set_fd(ssl.get(), socket.fd);
  if (!socket.connects(port) || SSL_connect(ssl.get()) != 1)
    return Fail{"no TLS with port " + std::to_string(port)};
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  std::string all;
  if (SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) > 0) {
    std::array<char, 16'384> piece{};
    for (int size = 0; (size = SSL_read(ssl.get(), piece.data(), static_cast<int>(piece.size()))) > 0;)
      all.append(piece.data(), static_cast<std::size_t>(size));
  }
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos || !all.starts_with("HTTP/1.1 200"))
    return Fail{path + ": " + all.substr(0, all.find('\r'))};
  return HttpAnswer{all.substr(end + 4), SSL_get_cipher(ssl.get())};
}

std::optional<std::string> program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders{std::string{path == nullptr ? "" : path} + ":/usr/sbin:/sbin"};
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/" + name;
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

void keep_to(pid_t pid, const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
    if (processors.empty()) CPU_SET(i, &set);
  for (const int processor : processors) CPU_SET(static_cast<unsigned>(processor), &set);
  std::error_code none;
  for (const auto& task : fs::directory_iterator{"/proc/" + std::to_string(pid) + "/task", none})
    ::sched_setaffinity(std::stoi(task.path().filename().string()), sizeof set, &set);
}

Result<Nginx, std::string> Nginx::start(const Options& options) {
  const auto found = program("nginx");
  if (!found) return Fail{std::string{"no nginx; deploy/setup.sh --bench installs it"}};
  const std::uint16_t port = free_port();
  std::ostringstream text;
  text << (::geteuid() == 0 ? "user root;\n" : "") << "daemon off;\nmaster_process off;\npid nginx.pid;\n"
       << "events { worker_connections 1024; }\nhttp {\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n"
       << "  default_type application/json;\n  keepalive_requests 1000000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text << "  " << kind << "_temp_path " << kind << ";\n";
  text << "  server {\n    listen 127.0.0.1:" << port << " ssl;\n    root root;\n    ssl_protocols TLSv1.3;\n"
       << "    ssl_conf_command Ciphersuites " << options.cipher << ";\n    ssl_certificate "
       << options.tls.certificate.string() << ";\n    ssl_certificate_key " << options.tls.key.string()
       << ";\n    ssl_client_certificate " << options.tls.ca.string()
       << ";\n    ssl_verify_client on;\n  }\n}\n";
  write_text(options.folder / "nginx.conf", text.str());
  auto child = ChildProcess::start(
      {.name = "nginx",
       .arguments = {*found, "-p", options.folder.string(), "-c", "nginx.conf", "-e", "stderr"},
       .log = options.folder / "log"});
  if (!child) return Fail{child.error()};
  const auto deadline = Clock::now() + std::chrono::seconds{10};
  while (!Socket{}.connects(port)) {
    if (Clock::now() > deadline || child->ended())
      return Fail{"nginx does not answer:\n" + last_lines(options.folder / "log", 5)};
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return Nginx{*std::move(child), port};
}

Result<WrkRun, std::string> run_wrk(const WrkOptions& options, const std::function<void()>& meanwhile) {
  const auto found = program("wrk");
  if (!found) return Fail{std::string{"no wrk; deploy/setup.sh --bench installs it"}};
  std::string paths;
  for (const std::string& path : options.paths) paths += path + "\n";
  write_text(options.folder / "paths", paths);
  std::error_code none;
  fs::remove(options.folder / "wrk", none);
  std::vector<std::string> command;
  if (options.processor) command = {"/usr/bin/taskset", "-c", std::to_string(*options.processor)};
  for (const std::string& word :
       {std::string{"/usr/bin/env"},
        "LD_PRELOAD=" + (options.programs / "libchiploc-client-certificate.so").string(),
        "CHIPLOC_BENCH_CERTIFICATE=" + options.tls.certificate.string(),
        "CHIPLOC_BENCH_KEY=" + options.tls.key.string(), *found, std::string{"-t1"},
        "-c" + std::to_string(options.connections), "-d" + std::to_string(options.seconds) + "s",
        std::string{"--timeout"}, std::string{"30s"}, std::string{"-s"},
        (source_dir() / "tests/bench/paths.lua").string(),
        "https://127.0.0.1:" + std::to_string(options.port), std::string{"--"},
        (options.folder / "paths").string()})
    command.push_back(word);
  const double before = read_process_stat(options.server).cpu_s;
  auto child = ChildProcess::start({.name = "wrk", .arguments = command, .log = options.folder / "wrk"});
  if (!child) return Fail{child.error()};
  while (!child->ended()) meanwhile();
  const double spent = read_process_stat(options.server).cpu_s - before;
  std::ifstream in{options.folder / "wrk"};
  for (std::string word; in >> word;) {
    if (word != "RESULT") continue;
    double requests = 0.0, us = 0.0, p50 = 0.0, p99 = 0.0, errors = 0.0;
    in >> requests >> us >> p50 >> p99 >> errors;
    if (!in || requests < 1.0) break;
    if (errors > 0.0) return Fail{"wrk: " + text("%.0f answers were no success", errors)};
    return WrkRun{requests / us * 1e6, p50 / 1e3, p99 / 1e3, spent * 1e6 / requests};
  }
  return Fail{"wrk:\n" + last_lines(options.folder / "wrk", 5)};
}

}  // namespace chiploc::bench
