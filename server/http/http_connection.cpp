#include "server/http/http_connection.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "server/http/http_fault.hpp"
#include "server/http/reply_head.hpp"
#include "server/http/socket_options.hpp"
#include "server/http/tls_context.hpp"

namespace chiploc {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kIdlePiece = 1'024;  // ten thousand connections wait with one of these each
constexpr std::size_t kBusyPiece = 16'384;
constexpr std::size_t kAppendedBody = 16'384;  // a shorter one goes out in one write with its head
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kHeartbeat = ":\n\n";

std::size_t class_of(int status) { return static_cast<std::size_t>(status / 100 - 2); }

}  // namespace

HttpConnection::HttpConnection(HttpCore& core, HttpWorker& worker, asio::ip::tcp::socket socket,
                               std::string remote, std::string source)
    : core_{core},
      worker_{worker},
      stream_{std::move(socket), core.tls},
      remote_{std::move(remote)},
      source_{std::move(source)},
      reader_{core.options.limits.head, core.body_bound} {}

SteadyTime HttpConnection::after(std::chrono::seconds seconds, std::size_t bytes) const {
  const auto more = static_cast<std::int64_t>(bytes / core_.limits().rate_bytes);
  return core_.options.steady_now() + (seconds + std::chrono::seconds{more});
}

void HttpConnection::start() {
  prepare_socket(stream_.next_layer().native_handle(), core_.limits().write);
  deadline_ = after(core_.limits().handshake);
  stream_.async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](const Error& fault) { self->on_handshake(fault); });
}

void HttpConnection::on_handshake(const Error& fault) {
  if (phase_ != Phase::kHandshake) return;
  if (fault) {
    ++core_.counters().handshakes_failed;
    phase_ = Phase::kClosing;
    deadline_ = after(core_.limits().linger);
    drain();  // the alert says why, and would be lost if what came with it were not read
    return;
  }
  certificate_ = peer_certificate_der(*stream_.native_handle());
  expect_request();
}

void HttpConnection::expect_request() {
  if (worker_.stopping) return close();
  phase_ = Phase::kIdle;
  deadline_ = after(core_.limits().idle);
  if (received_.empty()) {
    received_.shrink_to_fit();
    return read();
  }
  read_on();
}

void HttpConnection::read() {
  if (reading_) return;
  reading_ = true;
  const std::size_t size = phase_ == Phase::kIdle || phase_ == Phase::kStreaming ? kIdlePiece : kBusyPiece;
  if (piece_.size() != size) std::string(size, '\0').swap(piece_);
  stream_.async_read_some(
      asio::buffer(piece_),
      [self = shared_from_this()](const Error& fault, std::size_t bytes) { self->on_read(fault, bytes); });
}

void HttpConnection::on_read(const Error& fault, std::size_t size) {
  reading_ = false;
  core_.counters().bytes_in += size;
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kHead:
    case Phase::kBody:
      if (fault == asio::error::eof) return close();
      if (fault) return end();
      received_.append(piece_, 0, size);
      return read_on();
    case Phase::kStreaming:
      if (fault == asio::error::eof) return close();
      if (fault) return end();
      // Nobody who listens has more to say. What was sent ahead is not answered: the connection ends with the stream.
      ignored_ += size;
      return ignored_ > core_.limits().head.bytes ? close() : read();
    case Phase::kClosing:
      return close_tls();
    case Phase::kHandshake:
    case Phase::kHandling:
    case Phase::kAnswering:  // it was late with its request, and is told so
    case Phase::kEnded:
      return;
  }
}

void HttpConnection::read_on() {
  switch (reader_.read(received_)) {
    case RequestReader::State::kHead:
      if (phase_ == Phase::kIdle && !received_.empty()) {
        phase_ = Phase::kHead;
        deadline_ = after(core_.limits().head_whole);
      }
      return read();
    case RequestReader::State::kBody:
      if (phase_ != Phase::kBody) body_began_ = core_.options.steady_now();
      phase_ = Phase::kBody;
      if (!count_body()) {
        ++core_.counters().bodies_refused;
        return refuse({503, "http.no_room", "too many requests are being sent; try again later"});
      }
      deadline_ = body_began_ + core_.limits().body_whole +
                  std::chrono::seconds{reader_.body_bytes() / core_.limits().rate_bytes};
      if (reader_.take_expectation()) return ask_for_body();
      return read();
    case RequestReader::State::kWhole:
      return handle();
    case RequestReader::State::kRefused:
      ++core_.counters().requests_refused;
      return refuse(reader_.fault());
  }
}

void HttpConnection::ask_for_body() {
  writing_ = true;
  asio::async_write(stream_, asio::buffer(kContinue),
                    [self = shared_from_this()](const Error& fault, std::size_t) {
                      self->writing_ = false;
                      if (self->phase_ != Phase::kBody) return;
                      if (fault) return self->end();
                      self->read();
                    });
}

bool HttpConnection::count_body() {
  const std::size_t more = reader_.body_bytes() - body_counted_;
  if (core_.bodies_bytes.fetch_add(more) + more > core_.limits().bodies_bytes) {
    core_.bodies_bytes -= more;
    return false;
  }
  body_counted_ += more;
  return true;
}

void HttpConnection::release_body() { core_.bodies_bytes -= std::exchange(body_counted_, 0); }

void HttpConnection::handle() {
  phase_ = Phase::kHandling;
  deadline_.reset();
  head_only_ = reader_.head_only();
  keep_alive_ = reader_.keep_alive();
  HttpRequest request = std::move(reader_.request());
  const bool whole_server = reader_.whole_server();
  reader_.next();
  asked_ = {};
  asked_.method = request.method;
  for (const auto& field : request.fields)
    if (field.first == "if-none-match") asked_.fields.push_back(field);
  if (certificate_ && core_.options.gate) {
    if (auto why = core_.options.gate(*certificate_)) {
      ++core_.counters().gate_refused;
      return refuse({403, "http.revoked", *std::move(why)});
    }
  }
  if (whole_server) {
    HttpReply reply;
    reply.status = 204;
    reply.fields = {{"allow", std::string{http_methods()}}};
    return write(std::move(reply), false);
  }
  request.remote = remote_;
  request.certificate = certificate_;
  ++core_.counters().requests;
  auto exchange = make_exchange(std::move(request), head_only_, core_.shared, worker_.box, weak_from_this());
  try {
    core_.handler(std::move(exchange));
  } catch (...) {  // dropped without an answer, the exchange is a 500
  }
}

void HttpConnection::answer(HttpReply reply) {
  if (phase_ != Phase::kHandling) return;
  if (auto same = not_modified(asked_, reply)) return write(*std::move(same), false);
  write(std::move(reply), false);
}

void HttpConnection::refuse(const HttpFault& fault) {
  head_only_ = head_only_ && phase_ == Phase::kHandling;
  HttpReply reply = problem_reply(fault);
  if (fault.status == 405) reply.fields.emplace_back("allow", http_methods());
  if (fault.status == 503) reply.fields.emplace_back("retry-after", "30");
  write(std::move(reply), true);
}

void HttpConnection::write(HttpReply reply, bool last) {
  if (writing_) return end();  // "100 Continue" is not out yet, and there is no time left
  keep_alive_ = keep_alive_ && !last && !worker_.stopping;
  const ReplySetting setting{core_.options.wall_now(), core_.options.content_security_policy, !keep_alive_,
                             false};
  auto head = reply_head(reply, setting);
  if (!head) {
    ++core_.counters().handler_failed;
    reply = problem_reply({500, "http.bad_reply", "the server's answer cannot be sent; report it"});
    head = reply_head(reply, setting);
  }
  ++core_.counters().replies[class_of(reply.status)];
  phase_ = Phase::kAnswering;
  out_ = *std::move(head);
  reply_ = std::move(reply);
  std::string_view body = body_of(reply_);
  if (head_only_ || reply_.status == 204 || reply_.status == 304) body = {};
  if (body.size() <= kAppendedBody) {
    out_ += body;
    body = {};
  }
  deadline_ = after(core_.limits().write, out_.size() + body.size());
  writing_ = true;
  const std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(body)};
  asio::async_write(stream_, parts, [self = shared_from_this()](const Error& fault, std::size_t bytes) {
    self->writing_ = false;
    self->core_.counters().bytes_out += bytes;
    if (self->phase_ != Phase::kAnswering) return;
    if (fault) return self->end();
    self->on_written();
  });
}

void HttpConnection::on_written() {
  release_body();
  reply_ = {};
  out_ = {};
  if (!keep_alive_) return close();
  expect_request();
}

void HttpConnection::begin_stream(std::shared_ptr<HttpStreamState> stream, HttpFields fields) {
  if (phase_ != Phase::kHandling) return stream->finish();
  release_body();
  HttpReply reply;
  reply.fields = std::move(fields);
  const auto head =
      reply_head(reply, {core_.options.wall_now(), core_.options.content_security_policy, true, true});
  if (!head) {
    ++core_.counters().handler_failed;
    stream->finish();
    return refuse({500, "http.bad_reply", "the server's answer cannot be sent; report it"});
  }
  ++core_.counters().replies[0];
  events_ = std::move(stream);
  phase_ = Phase::kStreaming;
  deadline_.reset();
  out_ = *head;
  received_ = {};
  flush_stream();
  if (phase_ == Phase::kStreaming) read();
}

void HttpConnection::flush_stream() {
  if (phase_ != Phase::kStreaming) return;
  if (events_->overrun()) {
    ++core_.counters().streams_slow;
    return end();
  }
  if (writing_) return;
  const bool ending = events_->ending();  // before what waits is taken: nothing comes behind it
  out_ += events_->take();
  if (out_.empty()) {
    deadline_.reset();
    return ending ? close() : events_->drained();
  }
  writing_ = true;
  last_event_ = core_.options.steady_now();
  deadline_ = after(core_.limits().write, out_.size());
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this()](const Error& fault, std::size_t bytes) {
                      self->writing_ = false;
                      self->core_.counters().bytes_out += bytes;
                      if (self->phase_ != Phase::kStreaming) return;
                      if (fault) return self->end();
                      self->out_ = {};
                      self->flush_stream();
                    });
}

void HttpConnection::tick(SteadyTime now) {
  if (phase_ == Phase::kStreaming && !writing_ && now - last_event_ >= core_.limits().heartbeat) {
    out_ = kHeartbeat;
    return flush_stream();
  }
  if (deadline_ && *deadline_ <= now) leave();
}

void HttpConnection::leave() {
  HttpCounters& counters = core_.counters();
  const HttpFault late{408, "http.late", "the request did not come in time; send it faster"};
  switch (phase_) {
    case Phase::kHandshake:
      ++counters.handshakes_late;
      return end();
    case Phase::kIdle:
      ++counters.idle_closed;
      return close();
    case Phase::kHead:
      ++counters.heads_late;
      return refuse(late);
    case Phase::kBody:
      ++counters.bodies_late;
      return refuse(late);
    case Phase::kAnswering:
      ++counters.writes_late;
      return end();
    case Phase::kStreaming:
      ++counters.streams_slow;
      return end();
    case Phase::kClosing:
      return end();
    case Phase::kHandling:
    case Phase::kEnded:
      return;
  }
}

void HttpConnection::certificates_changed() {
  if (phase_ != Phase::kStreaming || !certificate_ || !core_.options.gate ||
      !core_.options.gate(*certificate_))
    return;
  ++core_.counters().streams_revoked;
  end();
}

void HttpConnection::wind_up() {
  switch (phase_) {
    case Phase::kHandshake:
      return end();
    case Phase::kIdle:
    case Phase::kHead:
      return close();
    case Phase::kStreaming:
      return events_->close();
    default:
      return;  // ends when it is answered, or closes already
  }
}

void HttpConnection::close() {
  if (phase_ == Phase::kClosing || phase_ == Phase::kEnded) return;
  if (writing_) return end();
  phase_ = Phase::kClosing;
  deadline_ = after(core_.limits().linger);
  release_body();
  if (events_) events_->finish();
  if (!reading_) return close_tls();
  Error ignored;
  stream_.next_layer().cancel(ignored);  // on_read goes on
}

void HttpConnection::close_tls() {
  stream_.async_shutdown([self = shared_from_this()](const Error&) { self->drain(); });
}

void HttpConnection::drain() {
  if (phase_ != Phase::kClosing) return;
  Error ignored;
  stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (piece_.size() != kIdlePiece) piece_.assign(kIdlePiece, '\0');
  stream_.next_layer().async_read_some(asio::buffer(piece_),
                                       [self = shared_from_this()](const Error& fault, std::size_t) {
                                         if (fault) return self->end();
                                         self->drain();
                                       });
}

void HttpConnection::end() {
  if (phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  deadline_.reset();
  release_body();
  if (events_) events_->finish();
  Error ignored;
  stream_.next_layer().close(ignored);
  const auto self = shared_from_this();
  worker_.connections.erase(self);
  core_.on_end(source_);
}

}  // namespace chiploc
