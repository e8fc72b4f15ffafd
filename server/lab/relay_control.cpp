#include "server/lab/relay_control.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "server/lab/milliseconds.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kLineMax = 256;
constexpr int kConnectionsMax = 16;

double micros(Nanoseconds t) { return static_cast<double>(t.count()) / 1000.0; }

std::string refuse(const std::string& problem) {
  // A line may hold any bytes, and a name that is no UTF-8 must not end the relay.
  return nlohmann::json{{"ok", false}, {"problem", problem}}.dump(-1, ' ', false,
                                                                  nlohmann::json::error_handler_t::replace);
}

std::string status_of(const Relay& relay) {
  const RelayCounters& c = relay.counters();
  const TimingHistogram& error = relay.timing_error();
  return nlohmann::json{{"ok", true},
                        {"received", c.received},
                        {"forwarded", c.forwarded},
                        {"lost", c.lost},
                        {"reordered", c.reordered},
                        {"unknown_source", c.unknown_source},
                        {"oversize", c.oversize},
                        {"queue_full", c.queue_full},
                        {"send_failed", c.send_failed},
                        {"kernel_dropped", c.kernel_dropped},
                        {"error_us",
                         {{"p50", micros(error.quantile(0.5))},
                          {"p90", micros(error.quantile(0.9))},
                          {"p99", micros(error.quantile(0.99))},
                          {"max", micros(error.max())},
                          {"early", error.below_zero()}}}}
      .dump();
}

std::string change_pair(Relay& relay, std::istringstream& words, bool relative) {
  std::string a_name, b_name, rest;
  double rtt_ms = 0.0;
  if (!(words >> a_name >> b_name >> rtt_ms) || (words >> rest) || !std::isfinite(rtt_ms) ||
      std::abs(rtt_ms) > 3.6e6) {
    return refuse("usage: set A B RTT_MS or add A B RTT_MS");
  }
  RelayPaths& paths = relay.paths();
  const auto a = paths.find(a_name);
  const auto b = paths.find(b_name);
  if (!a || !b || *a == *b) return refuse("no such pair: " + a_name + " " + b_name);
  const Nanoseconds change{static_cast<std::int64_t>(std::llround(rtt_ms * 1e6))};
  const Nanoseconds wanted = relative ? paths.round_trip(*a, *b) + change : change;
  if (!paths.set_round_trip(*a, *b, wanted))
    return refuse("the round trip would be negative or above an hour");
  return nlohmann::json{{"ok", true}, {"rtt_ms", static_cast<double>(wanted.count()) / 1e6}}.dump();
}

/// A word of the line as a number within bounds; false without one.
bool take(std::istringstream& words, double min, double max, double& out) {
  return static_cast<bool>(words >> out) && std::isfinite(out) && out >= min && out <= max;
}
/// The same, or "-" for none.
bool take(std::istringstream& words, double min, double max, std::optional<double>& out) {
  std::string word;
  if (!(words >> word)) return false;
  if (word == "-") return true;
  std::istringstream one{word};
  double value = 0.0;
  if (!take(one, min, max, value) || one.peek() != std::istringstream::traits_type::eof()) return false;
  out = value;
  return true;
}

constexpr double kRoundTripMsMax = 3.6e6;

bool take(std::istringstream& words, PathExtra& out) {
  double loss = 0.0, added_ms = 0.0;
  if (!take(words, 0.0, 1.0, loss) || !take(words, 0.0, kRoundTripMsMax, added_ms)) return false;
  out = {.loss = loss, .added_round_trip = from_ms(added_ms)};
  return true;
}

std::optional<LatLon> take_place(std::istringstream& words) {
  double lat = 0.0, lon = 0.0;
  if (!take(words, -90.0, 90.0, lat) || !take(words, -180.0, 180.0, lon)) return std::nullopt;
  return LatLon::from_degrees({.lat = lat, .lon = lon});
}

std::string change_site(Relay& relay, std::istringstream& words) {
  const auto usage = [] {
    return refuse("usage: site NAME LAT LON LOSS ADDED_RTT_MS [LAT LON DELAY_MS LAST_MILE_MS|-]");
  };
  std::string name;
  words >> name;
  const auto index = relay.paths().find(name);
  if (!index) return refuse("no such endpoint: " + name);
  NetworkSite site = relay.paths().site(*index);
  const auto place = take_place(words);
  if (!place || !take(words, site.extra)) return usage();
  site.place = *place;
  site.via.reset();
  site.via_last_mile.reset();
  site.via_delay = Nanoseconds{0};
  if ((words >> std::ws).good()) {
    site.via = take_place(words);
    double delay_ms = 0.0;
    std::optional<double> last_mile_ms;
    if (!site.via || !take(words, 0.0, 1e4, delay_ms) || !take(words, 0.0, 1e3, last_mile_ms)) return usage();
    site.via_delay = from_ms(delay_ms);
    if (last_mile_ms) site.via_last_mile = from_ms(*last_mile_ms);
    if ((words >> std::ws).good()) return usage();
  }
  relay.paths().set_site(*index, site);
  return nlohmann::json{{"ok", true}}.dump();
}

std::string state_pair(Relay& relay, std::istringstream& words) {
  std::string a_name, b_name;
  words >> a_name >> b_name;
  RelayPaths& paths = relay.paths();
  const auto a = paths.find(a_name);
  const auto b = paths.find(b_name);
  if (!a || !b || *a == *b) return refuse("no such pair: " + a_name + " " + b_name);
  std::optional<double> rtt_ms;
  RelayPaths::Pair pair;
  if (!take(words, 0.0, kRoundTripMsMax, rtt_ms) || !take(words, pair.extra) || (words >> std::ws).good())
    return refuse("usage: pair A B RTT_MS|- LOSS ADDED_RTT_MS");
  if (rtt_ms) pair.round_trip = from_ms(*rtt_ms);
  paths.set_pair(*a, *b, pair);
  return nlohmann::json{{"ok", true}}.dump();
}

std::string place_text(LatLon place) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.9f %.9f", place.lat_deg(), place.lon_deg());
  return out.data();
}
std::string extra_text(const PathExtra& extra) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.9g %.6f", extra.loss, to_ms(extra.added_round_trip));
  return out.data();
}

}  // namespace

std::string site_line(const NetworkSite& site) {
  std::string out = "site " + site.name + " " + place_text(site.place) + " " + extra_text(site.extra);
  if (!site.via) return out;
  return out + " " + place_text(*site.via) + " " + ms_text(site.via_delay) + " " +
         (site.via_last_mile ? ms_text(*site.via_last_mile) : "-");
}

std::string pair_line(std::string_view a, std::string_view b, const RelayPaths::Pair& pair) {
  return "pair " + std::string{a} + " " + std::string{b} + " " +
         (pair.round_trip ? ms_text(*pair.round_trip) : "-") + " " + extra_text(pair.extra);
}

std::string answer_control_line(Relay& relay, std::string_view line) {
  std::istringstream words{std::string{line}};
  std::string command;
  words >> command;
  if (command == "status") return status_of(relay);
  if (command == "set") return change_pair(relay, words, false);
  if (command == "add") return change_pair(relay, words, true);
  if (command == "site") return change_site(relay, words);
  if (command == "pair") return state_pair(relay, words);
  if (command == "stop") {
    std::string last = status_of(relay);
    relay.stop();
    return last;
  }
  return refuse("unknown command; there are: status, set, add, site, pair, stop");
}

/// Reads lines and answers each; keeps itself alive through its pending handler.
class RelayControl::Connection : public std::enable_shared_from_this<RelayControl::Connection> {
 public:
  Connection(Relay& relay, asio::local::stream_protocol::socket socket, std::shared_ptr<int> count)
      : relay_{relay}, socket_{std::move(socket)}, count_{std::move(count)} {
    ++*count_;
  }
  ~Connection() { --*count_; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, kLineMax), '\n',
                           [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
                             if (error) return;  // hung up, or a line that is too long: the connection ends
                             self->answer(size);
                           });
  }

 private:
  void answer(std::size_t size) {
    output_ = answer_control_line(relay_, std::string_view{input_}.substr(0, size)) + "\n";
    input_.erase(0, size);
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                        if (!error) self->read();
                      });
  }

  Relay& relay_;
  asio::local::stream_protocol::socket socket_;
  std::shared_ptr<int> count_;
  std::string input_;
  std::string output_;
};

RelayControl::RelayControl(Relay& relay, std::filesystem::path path)
    : relay_{relay}, path_{std::move(path)}, acceptor_{relay.io()}, connections_{std::make_shared<int>(0)} {}

RelayControl::~RelayControl() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

Result<std::unique_ptr<RelayControl>, std::string> RelayControl::open(Relay& relay,
                                                                      const std::filesystem::path& path) {
  auto control = std::unique_ptr<RelayControl>{new RelayControl{relay, path}};
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  if (path.native().size() >= sizeof(sockaddr_un::sun_path)) {
    return Fail{"the control socket's path is too long for a socket (107 bytes): " + path.string()};
  }
  asio::error_code error;
  control->acceptor_.open(asio::local::stream_protocol{}, error);
  // The mask keeps others out from the first moment; a chmod afterwards would leave a gap.
  const mode_t mask = ::umask(0177);
  if (!error) control->acceptor_.bind(asio::local::stream_protocol::endpoint{path.string()}, error);
  ::umask(mask);
  if (!error) control->acceptor_.listen(kConnectionsMax, error);
  if (error) return Fail{"cannot serve the control socket " + path.string() + ": " + error.message()};
  control->accept();
  return control;
}

void RelayControl::accept() {
  acceptor_.async_accept([this](const asio::error_code& error, asio::local::stream_protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error && *connections_ < kConnectionsMax) {
      std::make_shared<Connection>(relay_, std::move(socket), connections_)->read();
    }
    accept();
  });
}

Result<std::string, std::string> ask_relay(const std::filesystem::path& socket, std::string_view line) {
  const auto failed = [&](const char* what) {
    return Fail{std::string{what} + " the relay at " + socket.string() + ": " + std::strerror(errno)};
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof address.sun_path)
    return Fail{"the socket's path is too long: " + socket.string()};
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed("cannot make a socket for");
  const timeval patience{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed("cannot reach");
  const std::string request = std::string{line} + "\n";
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return failed("cannot write to");
  }
  std::string answer;
  std::array<char, 1024> buffer{};
  while (answer.find('\n') == std::string::npos) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return failed("no answer from");
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  answer.resize(answer.find('\n'));
  return answer;
}

Result<RelayStatus, std::string> relay_status(const std::filesystem::path& socket) {
  auto answer = ask_relay(socket, "status");
  if (!answer) return Fail{answer.error()};
  RelayStatus status;
  status.json = *answer;
  const auto json = nlohmann::json::parse(status.json, nullptr, false);
  if (!json.is_object() || !json.value("ok", false) || !json.contains("error_us")) {
    return Fail{"the relay at " + socket.string() + " answered something else: " + status.json};
  }
  const auto& error = json["error_us"];
  status.forwarded = json.value("forwarded", std::uint64_t{0});
  status.early = error.value("early", std::uint64_t{0});
  status.error_p50_us = error.value("p50", 0.0);
  status.error_p99_us = error.value("p99", 0.0);
  return status;
}

}  // namespace chiploc
