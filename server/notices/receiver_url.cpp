#include "server/notices/receiver_url.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
constexpr std::string_view kIpv6Letters = "0123456789abcdefABCDEF:.";

bool only(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !only(text, "0123456789")) return false;
  int port = 0;
  for (const char digit : text) port = port * 10 + (digit - '0');
  return port > 0 && port < 65'536;
}

std::string refusal_of_host(std::string_view host) {
  std::string_view port;
  if (host.substr(0, 1) == "[") {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || end < 3 || !only(host.substr(1, end - 1), kIpv6Letters))
      return "has a host that is no IPv6 address in brackets";
    port = host.substr(end + 1);
    if (!port.empty() && port.front() != ':') return "has something between its host and its port";
  } else {
    const std::size_t colon = std::min(host.find(':'), host.size());
    port = host.substr(colon);
    host = host.substr(0, colon);
    if (host.empty() || !only(host, kNameLetters))
      return "has no host: a name or an address stands after the //";
  }
  if (!port.empty() && !is_port(port.substr(1))) return "has a port that is none from 1 to 65535";
  return {};
}

}  // namespace

std::string refusal_of_url(std::string_view url, bool plain_too) {
  if (url.size() > kReceiverUrlMax) return "has more than " + std::to_string(kReceiverUrlMax) + " bytes";
  const bool visible = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!visible) return "has characters other than visible ASCII; write them as %XX, a name in its xn-- form";
  constexpr std::string_view kSecure = "https://";
  constexpr std::string_view kPlain = "http://";
  std::string_view rest;
  if (url.substr(0, kSecure.size()) == kSecure) {
    rest = url.substr(kSecure.size());
  } else if (url.substr(0, kPlain.size()) == kPlain) {
    if (!plain_too) return "is http: everybody on the way may read it; use https, or say allow_http = true";
    rest = url.substr(kPlain.size());
  } else {
    return "begins neither with https:// nor with http://";
  }
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos)
    return "has a user or password in it, which would stand in logs; leave them out";
  if (url.find('#') != std::string_view::npos) return "has a # part, which is never sent; leave it out";
  return refusal_of_host(host);
}

}  // namespace chiploc
