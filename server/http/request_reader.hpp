#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/http/chunk_decoder.hpp"
#include "server/http/http_fault.hpp"
#include "server/http/http_head.hpp"

namespace chiploc {

/// How many bytes the body of this request may have; asked once its head is known (its body is empty then).
using BodyBound = std::function<std::size_t(const HttpRequest&)>;

/// Bytes of one connection -> one request after the other, heads by Boost.Beast's parser behind checks that it
/// does not make, bodies by our own. What it says does not depend on how the bytes were cut into pieces.
///
/// One thread. Knows no socket, no clock. After kRefused the connection is not to be read on: nobody knows where the next
/// request begins.
class RequestReader {
 public:
  /// `bound` is borrowed.
  RequestReader(const HttpHeadLimits& limits, const BodyBound& bound);

  enum class State {
    kHead,    ///< of the head something or nothing is there
    kBody,    ///< the head is there, the body not all
    kWhole,   ///< request() is
    kRefused  ///< fault() says why
  };
  /// Reads on, taking off the front of `bytes` what is read; at kHead nothing is. At kWhole and kRefused nothing happens.
  State read(std::string& bytes);
  [[nodiscard]] State state() const { return state_; }
  /// Known from kBody on; the body is complete at kWhole. What the connection knows (remote, certificate) is not in it.
  /// HEAD is GET here, head_only() tells them apart.
  [[nodiscard]] HttpRequest& request() { return request_; }
  [[nodiscard]] bool head_only() const { return head_only_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  /// OPTIONS *, which no handler answers.
  [[nodiscard]] bool whole_server() const { return whole_server_; }
  /// The client waits for "100 Continue" before it sends the body. True once.
  [[nodiscard]] bool take_expectation();
  [[nodiscard]] std::size_t body_bytes() const { return request_.body.size(); }
  [[nodiscard]] const HttpFault& fault() const { return fault_; }
  /// For the next request.
  void next();

 private:
  State refuse(HttpFault fault);
  State read_head(std::string& bytes);
  State read_body(std::string& bytes);

  const HttpHeadLimits& limits_;
  const BodyBound& bound_;
  State state_ = State::kHead;
  HttpHeadScan scan_;
  std::optional<ChunkDecoder> chunks_;  ///< of a chunked body
  std::size_t length_ = 0;              ///< of one that is not
  HttpRequest request_;
  HttpFault fault_;
  std::size_t body_max_ = 0;
  bool head_only_ = false;
  bool keep_alive_ = true;
  bool whole_server_ = false;
  bool expects_ = false;
};

}  // namespace chiploc
