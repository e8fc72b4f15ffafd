#include "server/notices/http_transfer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "server/notices/receiver_address.hpp"
#include "server/notices/retry_after.hpp"

namespace chiploc {

/// libcurl's callbacks: C functions that find their transfer again. Nothing is thrown through libcurl.
struct HttpCallbacks {
  static std::size_t header(char* data, std::size_t /*one*/, std::size_t size, void* self) {
    return static_cast<HttpTransfer*>(self)->on_header({data, size}) ? size : 0;
  }
  static std::size_t body(char* data, std::size_t /*one*/, std::size_t size, void* self) {
    return static_cast<HttpTransfer*>(self)->on_body({data, size}) ? size : 0;
  }
  static curl_socket_t socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    return static_cast<HttpTransfer*>(self)->on_socket(*address);
  }
};

namespace {

/// The address that libcurl is about to connect to; empty: of another family.
Bytes address_bytes(const curl_sockaddr& address) {
  if (address.family == AF_INET && address.addrlen >= sizeof(sockaddr_in)) {
    const auto* ip = reinterpret_cast<const sockaddr_in*>(&address.addr);
    return {reinterpret_cast<const std::uint8_t*>(&ip->sin_addr), sizeof ip->sin_addr};
  }
  if (address.family == AF_INET6 && address.addrlen >= sizeof(sockaddr_in6)) {
    const auto* ip = reinterpret_cast<const sockaddr_in6*>(&address.addr);
    return {reinterpret_cast<const std::uint8_t*>(&ip->sin6_addr), sizeof ip->sin6_addr};
  }
  return {};
}

std::string address_text(Bytes address) {
  char text[INET6_ADDRSTRLEN] = "an address of another family";
  if (!address.empty())
    ::inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
  return text;
}

long as_milliseconds(Nanoseconds time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

bool is_retry_after(std::string_view name) {
  constexpr std::string_view kName = "retry-after";
  return name.size() == kName.size() &&
         std::equal(name.begin(), name.end(), kName.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(from);
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

AttemptEnd end_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return AttemptEnd::kUnresolved;
    case CURLE_COULDNT_CONNECT:
      return AttemptEnd::kUnreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return AttemptEnd::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return AttemptEnd::kTls;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_URL_MALFORMAT:
      return AttemptEnd::kNotMade;
    default:
      return AttemptEnd::kBroken;
  }
}

}  // namespace

HttpTransfer::HttpTransfer(const HttpReceiver& receiver, const SendLimits& limits, SendRequest request,
                           HttpSender::Ended ended)
    : receiver_{receiver},
      limits_{limits},
      request_{std::move(request)},
      ended_{std::move(ended)},
      handle_{curl_easy_init()} {
  ready_ = handle_ != nullptr && set_up();
}

HttpTransfer::~HttpTransfer() {
  if (handle_ != nullptr) curl_easy_cleanup(handle_);
  curl_slist_free_all(headers_);
}

bool HttpTransfer::set_up() {
  bool good = true;
  const auto set = [&](CURLoption option, auto value) {
    good = good && curl_easy_setopt(handle_, option, value) == CURLE_OK;
  };
  const auto add_header = [&](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_, line.c_str());
    good = good && longer != nullptr;
    if (longer != nullptr) headers_ = longer;
  };
  for (const auto& [name, value] : request_.headers) add_header(name + ": " + value);
  add_header("Expect:");  // no asking first whether a body may follow
  set(CURLOPT_URL, receiver_.url.c_str());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, request_.body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_USERAGENT, "chiploc/" CHIPLOC_VERSION);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // Nothing but what was configured: no redirect, no proxy of the environment, no other protocol, no .netrc.
  set(CURLOPT_PROTOCOLS_STR, receiver_.allow_http ? "https,http" : "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // who ends waits for no resolver
  // A connection of its own for each, so that each address passes on_socket.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpCallbacks::socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!receiver_.ca.empty()) {
    set(CURLOPT_CAINFO, receiver_.ca.c_str());
    // Debian's libcurl has a folder of its own too, and would go on believing all that is in it.
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  set(CURLOPT_CONNECTTIMEOUT_MS, as_milliseconds(limits_.connect));
  set(CURLOPT_TIMEOUT_MS, as_milliseconds(limits_.whole));
  set(CURLOPT_HEADERFUNCTION, &HttpCallbacks::header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpCallbacks::body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  return good;
}

curl_socket_t HttpTransfer::on_socket(const curl_sockaddr& address) {
  const Bytes bytes = address_bytes(address);
  const AddressKind kind = address_kind_of(bytes);
  if (!may_send_to(kind, receiver_.allow_private)) {
    forbidden_ = address_text(bytes) + " (" + std::string{name_of(kind)} + ")";
    return CURL_SOCKET_BAD;
  }
  connected_ = true;
  return ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
}

bool HttpTransfer::on_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > limits_.header_bytes) {
    problem_ = "headers of more than " + std::to_string(limits_.header_bytes) + " bytes";
    return whole_;  // of trailers nobody wants to know
  }
  if (whole_) return true;
  if (line.substr(0, 5) == "HTTP/") {  // of an interim answer (1xx), or the answer
    long status = 0;
    if (curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) status = 0;
    status_ = static_cast<int>(status);
    retry_after_.reset();
    return true;
  }
  const std::string_view rest = trimmed(line);
  if (rest.empty()) {
    whole_ = status_ >= 200;
    return true;
  }
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  if (is_retry_after(rest.substr(0, colon)) && colon < rest.size() && !retry_after_)
    retry_after_ = retry_after_of(trimmed(rest.substr(colon + 1)), request_.at);
  return true;
}

bool HttpTransfer::on_body(std::string_view part) {
  const std::size_t room = limits_.kept_bytes - std::min(limits_.kept_bytes, body_.size());
  body_.append(part.substr(0, room));
  body_bytes_ += part.size();
  return body_bytes_ <= limits_.body_bytes;  // enough: the status is known
}

Attempt HttpTransfer::attempt(CURLcode code) const {
  Attempt out;
  curl_off_t took_us = 0;
  if (curl_easy_getinfo(handle_, CURLINFO_TOTAL_TIME_T, &took_us) == CURLE_OK)
    out.took = std::chrono::microseconds{took_us};
  if (whole_) {
    out.end = AttemptEnd::kAnswered;
    out.status = status_;
    out.retry_after = retry_after_;
    out.said = log_text(body_, limits_.kept_bytes);
    return out;
  }
  out.end = code == CURLE_OK ? AttemptEnd::kBroken : end_of(code);
  if (out.end == AttemptEnd::kUnreachable && !connected_ && !forbidden_.empty()) {
    out.end = AttemptEnd::kForbiddenAddress;
    out.said =
        "its address is " + forbidden_ + "; allow_private = true allows private addresses and loopback";
    return out;
  }
  const std::string_view reason = error_[0] != '\0' ? std::string_view{error_} : curl_easy_strerror(code);
  out.said = problem_.empty() ? log_text(reason) : problem_;
  if (!forbidden_.empty()) out.said += "; not tried: " + forbidden_;
  return out;
}

void HttpTransfer::end(CURLcode code) { ended_(attempt(code)); }

}  // namespace chiploc
