#pragma once
// A real chiploc-witness on loopback, and whoever submits to it.

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <future>
#include <memory>
#include <optional>

#include "server/fetch/curl_fetch.hpp"
#include "server/witness/cosign_client.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/witness/witness_world.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {

/// Where a program tells its service manager that it is ready (sd_notify).
class ReadySocket {
 public:
  explicit ReadySocket(const std::filesystem::path& path) : path_{path} {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~ReadySocket() { ::close(socket_); }
  ReadySocket(const ReadySocket&) = delete;
  ReadySocket& operator=(const ReadySocket&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }
  /// False: the program has ended instead.
  bool wait(ChildProcess& child) {
    while (true) {
      pollfd wait{socket_, POLLIN, 0};
      constexpr int kLookMs = 200;  // whether it still runs
      if (::poll(&wait, 1, kLookMs) > 0) {
        char text[256];
        const ssize_t got = ::recv(socket_, text, sizeof text, 0);
        if (got > 0 &&
            std::string_view{text, static_cast<std::size_t>(got)}.find("READY=1") != std::string_view::npos)
          return true;
      } else if (child.wait(0)) {
        return false;
      }
    }
  }

 private:
  std::filesystem::path path_;
  int socket_ = -1;
};

/// Made by `chiploc-witness init`; started, killed and started again by the test.
class WitnessProcess {
 public:
  explicit WitnessProcess(const std::vector<NoteKey>& logs) : ready_{top_ / "ready"} {
    const Ran made = run(program() + " init --name witness.example/w1 --folder " + folder().string());
    REQUIRE(made.exit_code == 0);
    auto key = parse_vkey(made.output.substr(0, made.output.find('\n')));
    INFO(made.output);
    REQUIRE(key);
    key_ = *std::move(key);
    const TestCertificate certificate{top_, "tls", "IP:127.0.0.1"};
    std::filesystem::rename(certificate.certificate, folder() / "tls.pem");
    std::filesystem::rename(certificate.key, folder() / "tls.key");
    std::string text = read_file(config());
    const auto replace = [&text](const std::string& find, const std::string& by) {
      const std::size_t at = text.find(find);
      REQUIRE(at != std::string::npos);
      text.replace(at, find.size(), by);
    };
    replace("0.0.0.0:7445", "127.0.0.1:0");
    replace("requests_per_second = 100 ", "requests_per_second = 10000 ");
    replace("requests_per_second_and_address = 20", "requests_per_second_and_address = 10000");
    for (const NoteKey& log : logs) text += "[[log]]\nkey = \"" + vkey_text(log) + "\"\n";
    std::ofstream{config()} << text;
    fetch_ = std::make_unique<CurlFetch>(folder() / "tls.pem", false,
                                         FetchLimits{.whole = std::chrono::seconds{60}});
  }
  [[nodiscard]] static std::string program() { return program_path("chiploc-witness"); }
  [[nodiscard]] std::filesystem::path folder() const { return top_ / "w1"; }
  [[nodiscard]] std::filesystem::path config() const { return folder() / "witness.toml"; }
  [[nodiscard]] std::filesystem::path state() const { return folder() / "state"; }
  [[nodiscard]] std::string log() const { return read_file(top_ / "log"); }
  [[nodiscard]] const NoteKey& key() const { return key_; }
  [[nodiscard]] ChildProcess& process() { return *child_; }

  /// Whether it came to listen; else it has ended.
  bool try_start(Environment environment = {}) {
    std::filesystem::remove(top_ / "log");
    environment["NOTIFY_SOCKET"] = ready_.path();
    child_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{program(), "--config", config().string()}, environment, top_ / "log");
    if (!ready_.wait(*child_)) return false;
    const std::string text = log();
    const std::size_t at = text.find(" port=");
    REQUIRE(at != std::string::npos);
    port_ = text.substr(at + 6, text.find(' ', at + 6) - at - 6);
    return true;
  }
  void start(const Environment& environment = {}) {
    const bool started = try_start(environment);
    INFO(log());
    REQUIRE(started);
  }
  void kill() {
    child_->send_signal(SIGKILL);
    REQUIRE(child_->wait(60'000) == 128 + SIGKILL);
  }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + port_; }
  [[nodiscard]] std::unique_ptr<CosignClient> client() const {
    return CosignClient::open({{url(), key_}},
                              {.ca = folder() / "tls.pem", .whole = std::chrono::seconds{60}})
        .value();
  }
  std::future<FetchOutcome> send(FetchRequest request) {
    request.url = url() + request.url;
    auto told = std::make_shared<std::promise<FetchOutcome>>();
    auto outcome = told->get_future();
    REQUIRE(fetch_->fetch(std::move(request), [told](FetchOutcome one) { told->set_value(std::move(one)); }));
    return outcome;
  }
  std::future<FetchOutcome> send_body(std::string body) {
    return send({.url = "/add-checkpoint", .content_type = "text/plain", .body = std::move(body)});
  }
  FetchReply submit_body(std::string body) {
    auto out = send_body(std::move(body)).get();
    INFO((out ? "" : out.error()) << "\n" << log());
    REQUIRE(out);
    return *std::move(out);
  }
  FetchReply submit(const Submission& submission) { return submit_body(submission_text(submission)); }
  /// Whether the answer has its good cosignature of this tree.
  [[nodiscard]] bool cosigns(const FetchReply& reply, const SignedCheckpoint& head) const {
    return reply.status == 200 && std::holds_alternative<NoteSignature>(read_cosign_reply(
                                      {reply.status, reply.content_type, reply.body}, head, key_));
  }

 private:
  TempDir top_;
  ReadySocket ready_;
  NoteKey key_;
  std::string port_;
  std::unique_ptr<CurlFetch> fetch_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace chiploc::test
