#include "server/witness/witness_server.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "proto/base/safe_text.hpp"
#include "proto/base/source_limit.hpp"
#include "server/http/http_fault.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kBodiesBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kHeadBytesMax = 8'192;

/// What the desk answers, a counter for each. A 409 is what every log gets that asks for the size; a fork is another thing.
constexpr std::array kStatuses{200, 400, 403, 404, 409, 422, 500};

bool is_of_this_machine(const std::string& remote) { return remote == "::1" || remote.starts_with("127."); }

Endpoint endpoint_of(const std::string& remote) {
  const bool v6 = remote.find(':') != std::string::npos;
  return endpoint_from_text((v6 ? "[" + remote + "]" : remote) + ":0").value_or(Endpoint{});
}

}  // namespace

namespace witness_server {

/// One line a second in the long run, `kAtOnce` of them after a pause.
class LineRate {
 public:
  /// How many went without since the last one; nullopt: so does this.
  std::optional<std::uint64_t> take(SteadyTime now) {
    constexpr std::int64_t kAtOnce = 30;
    const Nanoseconds ahead = free_at_ - now;
    if (ahead > std::chrono::seconds{kAtOnce - 1}) {
      ++untold_;
      return std::nullopt;
    }
    free_at_ = (free_at_ < now ? now : free_at_) + std::chrono::seconds{1};
    return std::exchange(untold_, 0);
  }

 private:
  SteadyTime free_at_{};
  std::uint64_t untold_ = 0;
};

}  // namespace witness_server

struct WitnessServer::Inside {
  Inside(WitnessServerOptions how, WitnessDesk with)
      : options{std::move(how)},
        desk{std::move(with)},
        rates{options.limits.requests_per_second, options.limits.requests_per_second_and_address} {}
  ~Inside() { stop(std::chrono::milliseconds{0}); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  void handle(const std::shared_ptr<HttpExchange>& exchange);
  void serve_queue();
  void answer(HttpExchange& exchange);
  void tell(const std::string& remote, const WitnessAnswer& answer);
  [[nodiscard]] std::string metrics() const;
  void stop(std::chrono::milliseconds grace);

  const WitnessServerOptions options;
  WitnessDesk desk;                          ///< the worker's
  witness_server::LineRate lines, troubles;  ///< likewise
  std::array<std::atomic<std::uint64_t>, kStatuses.size()> answers{};
  std::atomic<std::uint64_t> forks{0}, limited{0}, full{0}, others{0};
  std::mutex mutex;  ///< guards what follows
  std::condition_variable changed;
  SourceLimit rates;
  std::deque<std::shared_ptr<HttpExchange>> queue;
  bool stopping = false;
  std::thread worker;
  std::atomic<bool> started{false};
  std::optional<HttpServer> server;  ///< set before `started`; goes first: it calls all of these
};

void WitnessServer::Inside::handle(const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  if (request.path == "/metrics" && is_of_this_machine(request.remote)) {
    HttpReply reply;
    reply.fields = {{"content-type", "text/plain; version=0.0.4"}};
    reply.body = metrics();
    return exchange->reply(std::move(reply));
  }
  if (request.path != "/add-checkpoint") {
    ++others;
    return exchange->reply(
        problem_reply({404, "witness.no_such", "there is POST /add-checkpoint, and no more"}));
  }
  if (request.method != "POST") {
    ++others;
    HttpReply reply = problem_reply({405, "witness.post", "send it with POST"});
    reply.fields.emplace_back("allow", "POST");
    return exchange->reply(std::move(reply));
  }
  const auto refuse = [&](std::atomic<std::uint64_t>& counter, int status, const char* code,
                          const char* text) {
    ++counter;
    HttpReply reply = problem_reply({status, code, text});
    reply.fields.emplace_back("retry-after", "1");
    exchange->reply(std::move(reply));
  };
  {
    const std::scoped_lock lock{mutex};
    if (stopping) return;  // its connection ends as well
    if (!rates.allow(endpoint_of(request.remote), options.steady_now()))
      return refuse(limited, 429, "witness.rate", "too many submissions; send one for each checkpoint");
    if (queue.size() >= options.limits.waiting)
      return refuse(full, 503, "witness.busy", "too many submissions wait; try again");
    queue.push_back(exchange);
  }
  changed.notify_one();
}

void WitnessServer::Inside::serve_queue() {
  while (true) {
    std::shared_ptr<HttpExchange> next;
    {
      std::unique_lock lock{mutex};
      changed.wait(lock, [&] { return stopping || !queue.empty(); });
      if (stopping) return;
      next = std::move(queue.front());
      queue.pop_front();
    }
    answer(*next);
  }
}

void WitnessServer::Inside::answer(HttpExchange& exchange) {
  const HttpRequest& request = exchange.request();
  WitnessAnswer answer = desk.take(request.body, static_cast<std::int64_t>(unix_seconds(options.wall_now())));
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    if (kStatuses[i] == answer.status) ++answers[i];
  if (answer.forked) ++forks;
  tell(request.remote, answer);
  HttpReply reply;
  reply.status = answer.status;
  reply.fields = {{"content-type", std::move(answer.content_type)}};
  reply.body = std::move(answer.body);
  exchange.reply(std::move(reply));
}

void WitnessServer::Inside::tell(const std::string& remote, const WitnessAnswer& answer) {
  if (!answer.trouble.empty()) {  // of our own making, and not to be missed
    if (const auto untold = troubles.take(options.steady_now()))
      spdlog::error("witness.trouble origin=\"{}\" text=\"{}\" untold={}", log_text(answer.origin),
                    log_text(answer.trouble, answer.trouble.size()), *untold);
  }
  if (answer.status == 200) return spdlog::debug("witness.cosigned origin=\"{}\"", log_text(answer.origin));
  const auto untold = lines.take(options.steady_now());
  if (!untold) return;
  const std::string_view said = std::string_view{answer.body}.substr(0, answer.body.find('\n'));
  spdlog::log(answer.forked ? spdlog::level::warn : spdlog::level::info,
              "witness.{} status={} from={} origin=\"{}\" said=\"{}\" untold={}",
              answer.forked ? "forked" : "refused", answer.status, remote, log_text(answer.origin),
              log_text(said), *untold);
}

std::string WitnessServer::Inside::metrics() const {
  std::string out;
  const auto add = [&out](const std::string& name, const char* type, std::uint64_t value) {
    const std::string family = name.substr(0, name.find('{'));
    if (out.find("# TYPE chiploc_witness_" + family + " ") == std::string::npos)
      out += "# TYPE chiploc_witness_" + family + " " + type + "\n";
    out += "chiploc_witness_" + name + " " + std::to_string(value) + "\n";
  };
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    add("answers_total{status=\"" + std::to_string(kStatuses[i]) + "\"}", "counter", answers[i]);
  add("forks_total", "counter", forks);
  add("refused_total{why=\"rate\"}", "counter", limited);
  add("refused_total{why=\"busy\"}", "counter", full);
  add("refused_total{why=\"other_path\"}", "counter", others);
  const HttpCountersSnapshot http = started ? server->counters() : HttpCountersSnapshot{};
  add("connections_open", "gauge", http.connections_open);
  add("connections_accepted_total", "counter", http.connections_accepted);
  add("connections_refused_total{why=\"full\"}", "counter", http.refused_full);
  add("connections_refused_total{why=\"address\"}", "counter", http.refused_address);
  add("handshakes_failed_total", "counter", http.handshakes_failed + http.handshakes_late);
  add("requests_malformed_total", "counter", http.requests_refused);
  add("requests_late_total", "counter", http.heads_late + http.bodies_late);
  return out;
}

void WitnessServer::Inside::stop(std::chrono::milliseconds grace) {
  if (server) server->stop(grace);
  {
    const std::scoped_lock lock{mutex};
    stopping = true;
  }
  changed.notify_all();
  if (worker.joinable()) worker.join();
}

Result<std::unique_ptr<WitnessServer>, std::string> WitnessServer::start(WitnessServerOptions options,
                                                                         WitnessDesk desk) {
  HttpServerOptions http{.address = options.address, .tls = options.tls};
  http.ask_certificate = false;
  http.limits.connections = options.limits.connections;
  http.limits.connections_address = options.limits.connections_per_address;
  http.limits.head.bytes = kHeadBytesMax;
  http.limits.body_bytes = kSubmissionBytesMax;
  http.limits.bodies_bytes = kBodiesBytesMax;
  http.body_bound = [](const HttpRequest& request) {
    return request.method == "POST" && request.path == "/add-checkpoint" ? kSubmissionBytesMax
                                                                         : std::size_t{0};
  };
  http.steady_now = options.steady_now;
  http.wall_now = options.wall_now;
  auto inside = std::make_unique<Inside>(std::move(options), std::move(desk));
  Inside& parts = *inside;
  auto server = HttpServer::start(
      std::move(http), [&parts](const std::shared_ptr<HttpExchange>& exchange) { parts.handle(exchange); });
  if (!server) return Fail{server.error()};
  inside->server = std::move(server).value();
  inside->started = true;
  inside->worker = std::thread{[&parts] { parts.serve_queue(); }};
  return std::unique_ptr<WitnessServer>{new WitnessServer{std::move(inside)}};
}

WitnessServer::WitnessServer(std::unique_ptr<Inside> inside) : inside_{std::move(inside)} {}
WitnessServer::~WitnessServer() = default;

int WitnessServer::port() const { return inside_->server->port(); }
std::string WitnessServer::metrics() const { return inside_->metrics(); }
void WitnessServer::stop(std::chrono::milliseconds grace) { inside_->stop(grace); }

}  // namespace chiploc
