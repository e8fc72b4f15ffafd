#include "server/http/request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>
#include <utility>

namespace chiploc {
namespace {

namespace http = boost::beast::http;

HttpFault bad(std::string code, std::string detail) { return {400, std::move(code), std::move(detail)}; }

/// Where the body ends, and every line: two readers of a head have to agree, or nobody knows what a third one between
/// the client and us made of it. Bodies are ours to read: in pieces that end at a bad moment ("0", CR LF; then CR) Beast's
/// parser of chunks runs into an assertion, and it takes extensions and trailers.
bool beast_agrees(std::string_view text, const HttpHeadLines& lines, const HttpHead& head) {
  http::request_parser<http::empty_body> beast;
  beast.header_limit(static_cast<std::uint32_t>(text.size() + 1));
  beast.body_limit(std::numeric_limits<std::uint64_t>::max());  // ours is told
  boost::beast::error_code fault;
  const std::size_t used = beast.put(boost::asio::buffer(text.data(), text.size()), fault);
  if (fault || !beast.is_header_done() || used != text.size()) return false;
  const auto same = [](boost::beast::string_view a, std::string_view b) {
    return std::string_view{a.data(), a.size()} == b;
  };
  if (!same(beast.get().method_string(), lines.method) || !same(beast.get().target(), lines.target))
    return false;
  auto ours = head.fields.begin();
  for (const auto& field : beast.get()) {
    if (ours == head.fields.end() ||
        !boost::beast::iequals(field.name_string(), {ours->first.data(), ours->first.size()}) ||
        !same(field.value(), ours->second))
      return false;
    ++ours;
  }
  const auto length = beast.content_length();
  return ours == head.fields.end() && beast.chunked() == head.chunked &&
         (length ? std::optional<std::uint64_t>{*length} : std::nullopt) == head.content_length;
}

}  // namespace

RequestReader::RequestReader(const HttpHeadLimits& limits, const BodyBound& bound)
    : limits_{limits}, bound_{bound} {}

void RequestReader::next() {
  state_ = State::kHead;
  scan_ = {};
  request_ = {};
  head_only_ = whole_server_ = expects_ = false;
  keep_alive_ = true;
}

bool RequestReader::take_expectation() { return std::exchange(expects_, false); }

RequestReader::State RequestReader::refuse(HttpFault fault) {
  fault_ = std::move(fault);
  return state_ = State::kRefused;
}

RequestReader::State RequestReader::read(std::string& bytes) {
  if (state_ == State::kHead) read_head(bytes);
  if (state_ == State::kBody) read_body(bytes);
  return state_;
}

RequestReader::State RequestReader::read_head(std::string& bytes) {
  const auto end = scan_.scan(bytes, limits_);
  if (!end) return refuse(end.error());
  if (!*end) return state_;
  const std::size_t size = **end;
  const std::string_view text = std::string_view{bytes}.substr(0, size);
  const auto lines = read_head_lines(text, limits_);
  if (!lines) return refuse(lines.error());
  auto head = judge_head(*lines, limits_);
  if (!head) return refuse(head.error());
  if (!beast_agrees(text, *lines, *head))
    return refuse(bad("http.bad_head", "the head can be read in more than one way; send it plainly"));

  head_only_ = head->method == "HEAD";
  keep_alive_ = head->keep_alive;
  whole_server_ = head->whole_server;
  request_.method = head_only_ ? "GET" : std::move(head->method);
  request_.path = std::move(head->target.path);
  request_.segments = std::move(head->target.segments);
  request_.query = std::move(head->target.query);
  request_.fields = std::move(head->fields);
  bytes.erase(0, size);
  request_.body.clear();
  if (!head->chunked && head->content_length.value_or(0) == 0) return state_ = State::kWhole;
  body_max_ = bound_(request_);
  if (head->content_length && *head->content_length > body_max_)
    return refuse({413, "http.long_body", "the body is longer than " + std::to_string(body_max_) + " bytes"});
  expects_ = head->expects_continue && bytes.empty();
  chunks_.reset();
  if (head->chunked) chunks_.emplace();
  length_ = static_cast<std::size_t>(head->content_length.value_or(0));
  return state_ = State::kBody;
}

RequestReader::State RequestReader::read_body(std::string& bytes) {
  std::string& body = request_.body;
  if (!chunks_) {
    const std::size_t size = std::min(length_ - body.size(), bytes.size());
    body.append(bytes, 0, size);
    bytes.erase(0, size);
    return state_ = body.size() == length_ ? State::kWhole : State::kBody;
  }
  std::string_view rest = bytes;
  const auto ended = chunks_->decode(rest, body, body_max_);
  if (!ended) return refuse(ended.error());
  bytes.erase(0, bytes.size() - rest.size());
  return state_ = *ended ? State::kWhole : State::kBody;
}

}  // namespace chiploc
