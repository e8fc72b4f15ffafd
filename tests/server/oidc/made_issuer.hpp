#pragma once
// An issuer on loopback that answers as the test says, and the browser's side of an exchange.
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "server/fetch/curl_fetch.hpp"
#include "server/http/http_message.hpp"
#include "server/oidc/login.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/oidc/token_maker.hpp"

namespace chiploc::test {

class MadeIssuer {
 public:
  struct Page {
    int status = 200;
    std::string body;
    std::string fields{};  ///< each with its line end
  };

  MadeIssuer() : server_{[this](ServedConnection& connection) { serve(connection); }} {
    REQUIRE(server_.works());
    set("/.well-known/openid-configuration", {200, document().dump()});
    publish({key_for(JwsAlgorithm::kEdDsa).jwk()});
  }
  ~MadeIssuer() { let_go(); }

  [[nodiscard]] std::string name() const { return "http://127.0.0.1:" + server_.port(); }
  [[nodiscard]] json document() const {
    return {{"issuer", name()},
            {"jwks_uri", name() + "/jwks"},
            {"authorization_endpoint", name() + "/auth"},
            {"token_endpoint", name() + "/token"},
            {"end_session_endpoint", name() + "/end"}};
  }
  void set(const std::string& path, Page page) {
    const std::scoped_lock lock{mutex_};
    pages_[path] = std::move(page);
  }
  void publish(std::initializer_list<json> keys, const std::string& fields = {}) {
    set("/jwks", {200, key_set(keys), fields});
  }
  /// Answers nothing until let_go().
  void hold() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
  }
  void let_go() {
    const std::scoped_lock lock{mutex_};
    held_ = false;
    changed_.notify_all();
  }
  [[nodiscard]] int asked(const std::string& path) {
    const std::scoped_lock lock{mutex_};
    return asked_[path];
  }
  /// Waits until a request for it has come.
  void wait_for(const std::string& path, int times) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return asked_[path] >= times; }));
  }
  [[nodiscard]] std::string last_request(const std::string& path) {
    const std::scoped_lock lock{mutex_};
    return requests_[path];
  }

 private:
  void serve(ServedConnection& connection) {
    const std::string request = connection.request();
    const std::size_t from = request.find(' ') + 1;
    if (request.empty() || from == 0) return;
    const std::string path = request.substr(from, request.find(' ', from) - from);
    Page page{404, "{}"};
    {
      std::unique_lock lock{mutex_};
      ++asked_[path];
      requests_[path] = request;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !held_; });
      if (const auto found = pages_.find(path); found != pages_.end()) page = found->second;
    }
    connection.write("HTTP/1.1 " + std::to_string(page.status) +
                     " X\r\nContent-Length: " + std::to_string(page.body.size()) + "\r\n" + page.fields +
                     "Connection: close\r\n\r\n" + page.body);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Page> pages_;
  std::map<std::string, int> asked_;
  std::map<std::string, std::string> requests_;
  bool held_ = false;
  HostileServer server_;  // last: its threads use all of the above
};

/// A request, and the answer when it comes.
class MadeExchange : public HttpExchange {
 public:
  explicit MadeExchange(HttpRequest request) : request_{std::move(request)} {}
  [[nodiscard]] const HttpRequest& request() const override { return request_; }
  void reply(HttpReply reply) override {
    const std::scoped_lock lock{mutex_};
    ++replies_;
    reply_ = std::move(reply);
    changed_.notify_all();
  }
  [[nodiscard]] std::shared_ptr<HttpEventStream> stream(HttpFields) override { return nullptr; }

  /// The only answer.
  HttpReply answer() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return replies_ > 0; }));
    REQUIRE(replies_ == 1);
    return reply_;
  }

 private:
  const HttpRequest request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int replies_ = 0;
  HttpReply reply_;
};

/// A request to us as the HTTP server would hand it over.
inline HttpRequest request_of(const std::string& method, const std::string& target,
                              const HttpFields& fields = {}) {
  HttpRequest out;
  out.method = method;
  out.fields = fields;
  out.path = target.substr(0, target.find('?'));
  std::size_t from = target.find('?');
  while (from != std::string::npos && from + 1 < target.size()) {
    const std::size_t end = std::min(target.find('&', from + 1), target.size());
    const std::string one = target.substr(from + 1, end - from - 1);
    std::string decoded;
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (one[i] != '%') {
        decoded += one[i];
        continue;
      }
      decoded += static_cast<char>(std::stoi(one.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    const std::size_t equals = std::min(decoded.find('='), decoded.size());
    out.query.emplace_back(decoded.substr(0, equals), decoded.substr(std::min(equals + 1, decoded.size())));
    from = end < target.size() ? end : std::string::npos;
  }
  return out;
}

/// A browser as far as cookies go: keeps what is set, sends what it has.
class CookieJar {
 public:
  void take(const HttpReply& reply) {
    for (const auto& [name, value] : reply.fields) {
      if (name != "set-cookie") continue;
      const std::size_t equals = value.find('=');
      const std::string cookie = value.substr(0, equals);
      if (value.find("; Max-Age=0") != std::string::npos)
        kept_.erase(cookie);
      else
        kept_[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
  }
  [[nodiscard]] HttpFields fields(HttpFields more = {}) const {
    std::string all;
    for (const auto& [name, value] : kept_) all += (all.empty() ? "" : "; ") + name + "=" + value;
    if (!all.empty()) more.emplace_back("cookie", all);
    return more;
  }
  [[nodiscard]] bool has(const std::string& name) const { return kept_.count(name) != 0; }
  [[nodiscard]] std::map<std::string, std::string>& all() { return kept_; }

 private:
  std::map<std::string, std::string> kept_;
};

inline std::string field_of(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.fields)
    if (key == name) return value;
  return {};
}

/// Lines of the log; and whether a secret got into one.
class KeptLog {
 public:
  [[nodiscard]] OidcLog log() {
    return [this](bool, const std::string& line) {
      const std::scoped_lock lock{mutex_};
      lines_ += line + "\n";
    };
  }
  [[nodiscard]] std::string lines() {
    const std::scoped_lock lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::string lines_;
};

/// Clocks that a test sets.
class SetClocks {
 public:
  [[nodiscard]] OidcHands hands() {
    return {[this] { return WallTime{std::chrono::seconds{1'796'200'000} + at()}; },
            [this] { return SteadyTime{std::chrono::hours{1'000} + at()}; },
            [next = std::make_shared<std::atomic<std::uint32_t>>(0U)](MutableBytes out) {
              for (std::uint8_t& byte : out)
                byte = static_cast<std::uint8_t>((++*next * 2'654'435'761U) >> 24U);
            }};
  }
  void pass(Nanoseconds time) { passed_ += time.count(); }

 private:
  [[nodiscard]] Nanoseconds at() const { return Nanoseconds{passed_}; }
  std::atomic<std::int64_t> passed_{0};
};
inline constexpr std::uint64_t kMadeNow = 1'796'200'000;

}  // namespace chiploc::test
