#pragma once
// The REST edge over the people's side of the tests of gRPC (real store, registry, use cases, certificates), and the seam of
// the HTTP server played: what a handler gets, and how it answers.

#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "proto/crypto/certificate.hpp"
#include "server/rest/rest_api.hpp"
#include "tests/server/grpc/operator_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

using nlohmann::json;

/// An answer as a client has it.
struct Got {
  int status = 0;
  HttpFields fields{};
  std::string body{};
  std::vector<std::string> events{};  ///< of a stream, in their order
  [[nodiscard]] std::string field(const std::string& name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return {};
  }
  [[nodiscard]] json read() const {
    json out = json::parse(body, nullptr, false);
    INFO(body);
    REQUIRE_FALSE(out.is_discarded());
    return out;
  }
};

/// Answers once; the test waits for it.
class PlayedExchange final : public HttpExchange {
 public:
  explicit PlayedExchange(HttpRequest request) : request_{std::move(request)} {}
  ~PlayedExchange() override {
    if (!answered_) done_.set_value({500, {}, "dropped without an answer", {}});
  }
  [[nodiscard]] const HttpRequest& request() const override { return request_; }
  void reply(HttpReply reply) override {
    if (std::exchange(answered_, true)) throw std::logic_error{"answered twice"};
    done_.set_value(
        {reply.status, std::move(reply.fields), reply.shared ? *reply.shared : std::move(reply.body), {}});
  }
  std::shared_ptr<HttpEventStream> stream(HttpFields fields) override {
    if (std::exchange(answered_, true)) throw std::logic_error{"answered twice"};
    return std::make_shared<Stream>(std::move(fields), done_, request_.path == "/v1/watch");
  }
  std::future<Got> answer() { return done_.get_future(); }

 private:
  /// Of a stream that never ends by itself the client has enough with the first event.
  class Stream final : public HttpEventStream {
   public:
    Stream(HttpFields fields, std::promise<Got>& done, bool endless)
        : got_{200, std::move(fields), {}, {}}, done_{std::move(done)}, endless_{endless} {}
    bool send(std::string event) override {
      if (closed_) return false;
      got_.events.push_back(std::move(event));
      if (endless_) close();
      return true;
    }
    void close() override {
      if (std::exchange(closed_, true)) return;
      const auto told = std::move(on_closed_);
      done_.set_value(got_);
      if (told) told();
    }
    void on_drained(std::function<void()> /*drained*/) override {}
    void on_closed(std::function<void()> closed) override { on_closed_ = std::move(closed); }

   private:
    Got got_;
    std::promise<Got> done_;
    const bool endless_;
    bool closed_ = false;
    std::function<void()> on_closed_;
  };
  const HttpRequest request_;
  bool answered_ = false;
  std::promise<Got> done_;
};

inline std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Each byte as %xx.
inline std::string percent(const std::string& raw) {
  static const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte / 16];
    out += kDigits[byte % 16];
  }
  return out;
}

/// "/v1/chips?licence=L-1" taken apart as the server does it.
inline HttpRequest http_request(std::string method, std::string_view target, std::string body = {},
                                HttpFields fields = {}) {
  HttpRequest out;
  out.method = std::move(method);
  const std::string_view path = target.substr(0, target.find('?'));
  out.path = decoded(path);
  std::string_view rest = path.substr(1);
  while (true) {
    const std::size_t end = rest.find('/');
    out.segments.push_back(decoded(rest.substr(0, end)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (path.size() < target.size()) {
    std::string_view query = target.substr(path.size() + 1);
    while (!query.empty()) {
      const std::string_view one = query.substr(0, query.find('&'));
      const std::size_t equals = one.find('=');
      out.query.emplace_back(decoded(one.substr(0, equals)),
                             equals == std::string_view::npos ? "" : decoded(one.substr(equals + 1)));
      query.remove_prefix(std::min(query.size(), one.size() + 1));
    }
  }
  out.fields = std::move(fields);
  if (!body.empty() && !out.field("content-type"))
    out.fields.emplace_back("content-type", "application/json");
  out.body = std::move(body);
  out.remote = "192.0.2.7";
  return out;
}

inline std::string der_of(const Credentials& who) {
  const auto certificate = Certificate::from_pem(who.certificate);
  REQUIRE(certificate);
  return string_of(certificate->der());
}

inline Got send(RestApi& api, HttpRequest request) {
  const auto exchange = std::make_shared<PlayedExchange>(std::move(request));
  auto answer = exchange->answer();
  api.handle(exchange);
  return answer.get();
}

/// Its clock stands still, so it has no limits; those who test them hand in their own.
inline RestOptions without_limits() {
  RestOptions options;
  options.rates.by_address = options.rates.by_caller = {1e6, 1e6};
  return options;
}

struct RestWorld {
  OperatorWorld world{};
  RestApi api{RestParts{.cases = world.use_cases(),
                        .now = [] { return kWorldNow; },
                        .steady = [] { return SteadyTime{}; },
                        .options = without_limits()}};

  Got send(const Credentials& who, const std::string& method, const std::string& target,
           const std::string& body = {}, HttpFields fields = {}) {
    HttpRequest request = http_request(method, target, body, std::move(fields));
    request.certificate = der_of(who);
    return test::send(api, std::move(request));
  }
  Got get(const std::string& target) { return send(world.admin, "GET", target); }
  Got post(const std::string& target, const json& body) {
    return send(world.admin, "POST", target, body.dump());
  }
};

}  // namespace chiploc::test
