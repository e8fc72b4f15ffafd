#pragma once
// One POST with libcurl: its settings, what comes back, and what that means. Private to this folder.

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "server/notices/http_sender.hpp"

namespace chiploc {

class HttpTransfer {
 public:
  /// `receiver` and `limits` outlive it.
  HttpTransfer(const HttpReceiver& receiver, const SendLimits& limits, SendRequest request,
               HttpSender::Ended ended);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_; }
  /// False: libcurl took a setting not; it is not to be sent.
  [[nodiscard]] bool ready() const { return ready_; }
  void end(CURLcode code);

 private:
  friend struct HttpCallbacks;
  bool set_up();
  [[nodiscard]] Attempt attempt(CURLcode code) const;
  bool on_header(std::string_view line);
  bool on_body(std::string_view part);
  curl_socket_t on_socket(const curl_sockaddr& address);

  const HttpReceiver& receiver_;
  const SendLimits& limits_;
  const SendRequest request_;
  const HttpSender::Ended ended_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  bool ready_ = false;
  char error_[CURL_ERROR_SIZE] = {};

  // What has come back.
  std::string forbidden_;   ///< the last address that was not connected to
  bool connected_ = false;  ///< to any that was
  std::size_t header_bytes_ = 0, body_bytes_ = 0;
  int status_ = 0;       ///< of the headers that are being read
  bool whole_ = false;   ///< the headers of the answer are; what follows them may be cut
  std::string problem_;  ///< why we cut it
  std::optional<Nanoseconds> retry_after_;
  std::string body_;
};

}  // namespace chiploc
