#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/time.hpp"
#include "server/http/http_message.hpp"
#include "server/http/request_rates.hpp"
#include "server/rest/http_identity.hpp"
#include "server/rest/idempotency.hpp"

namespace chiploc {

class OperatorUseCases;

struct RestOptions {
  std::size_t body_max = std::size_t{1} << 20;  ///< of every request but the next; a policy has 64 KiB
  std::size_t import_body_max = std::size_t{192} << 20;  ///< 128 MiB of files, and the backslashes of JSON
  std::size_t report_max = std::size_t{256} << 20;       ///< bytes of a report; it goes out of memory
  RequestRates rates{};
  IdempotencyOptions idempotency{};
  /// What a 401 says in WWW-Authenticate, which it must have. There is no registered scheme for certificates of TLS.
  std::string challenge = "Certificate realm=\"chiploc\"";
};

/// A part that has to be well before requests are sent here.
struct Readiness {
  std::string what;  ///< "store", "coordinator"
  bool ready;
};

/// What the edge works with; all of it is borrowed or shared, and outlives it.
struct RestParts {
  OperatorUseCases& cases;
  std::function<WallTime()> now;       ///< of `expired` in answers
  std::function<SteadyTime()> steady;  ///< of limits, of what is kept, of how long answers take
  Authenticate authenticate = identity_of_certificate;
  RestOptions options{};
  std::string software_version{};                   ///< in /openapi.json
  std::function<std::vector<Readiness>()> ready{};  ///< of /readyz; quick. Empty: ready as soon as it answers
  /// What is counted beside the API, for /metrics: "oidc_tokens_refused" -> 3. Always the same names.
  std::function<std::map<std::string, std::uint64_t>()> counted_beside{};
};

/// The REST edge: the use cases over HTTP and JSON, without sockets. It says who calls, asks admit(), hands the request over,
/// redacts what comes back, and shows it by the views that the command line has. No rules here.
///
/// Threads   handle() may be called on any, many at once; an answer is given on the thread that the use case has it on.
/// Stopping  Stop the server first. Answers that come later go to exchanges that nobody waits for; they need the use cases'
///           counters, so this and the use cases go when those have drained.
class RestApi {
 public:
  explicit RestApi(RestParts parts);
  ~RestApi();
  RestApi(const RestApi&) = delete;
  RestApi& operator=(const RestApi&) = delete;

  void handle(const std::shared_ptr<HttpExchange>& exchange);
  [[nodiscard]] HttpHandler handler() {
    return [this](const std::shared_ptr<HttpExchange>& exchange) { handle(exchange); };
  }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chiploc
