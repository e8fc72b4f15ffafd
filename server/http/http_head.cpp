#include "server/http/http_head.hpp"

#include <algorithm>
#include <vector>

namespace chiploc {
namespace {

constexpr std::size_t kMethodBytes = 16;
constexpr std::string_view kVersion = "HTTP/1.1";

HttpFault bad(std::string code, std::string detail) { return {400, std::move(code), std::move(detail)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_token_char(char c) {
  return is_digit(c) || is_letter(c) ||
         (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}
std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<HttpFault> read_request_line(std::string_view line, const HttpHeadLimits& limits,
                                           HttpHeadLines& into) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("http.bad_request_line",
               "the request line is not METHOD, target and version with one space between them");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > kMethodBytes)
    return bad("http.bad_request_line", "the method is no token of at most 16 characters");
  if (target.size() > limits.target.bytes) {
    return HttpFault{
        414, "http.long_target",
        "the target is longer than " + std::to_string(limits.target.bytes) + " bytes; send less of it"};
  }
  if (target.empty() ||
      !std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
    return bad("http.bad_target",
               "the target has a space, a control or what is no ASCII; send it percent-encoded");
  into.method = method;
  into.target = target;
  if (version == kVersion) return std::nullopt;
  if (version.size() == kVersion.size() && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) &&
      version[6] == '.' && is_digit(version[7]))
    return HttpFault{505, "http.bad_version", "this server speaks HTTP/1.1 alone"};
  return bad("http.bad_request_line", "the request line does not end in HTTP/1.1");
}

std::optional<HttpFault> read_field_line(std::string_view line, HttpHeadLines& into) {
  if (line.front() == ' ' || line.front() == '\t')
    return bad("http.folded_field", "a field goes on in the next line; send it in one");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return bad("http.bad_field", "a field's name is no token with a colon right behind it");
  for (const char c : line.substr(colon + 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
      return bad("http.bad_field", "a field's value has control characters");
  }
  std::string name{line.substr(0, colon)};
  std::transform(name.begin(), name.end(), name.begin(), lower);
  into.fields.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return std::nullopt;
}

/// HOST or HOST:PORT, the host a name, IPv4 or [IPv6]; only what its characters say.
bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  std::string_view host = text;
  if (text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view inner = text.substr(1, end - 1);
    const auto of_address = [](char c) { return is_digit(c) || is_letter(c) || c == ':' || c == '.'; };
    if (!std::all_of(inner.begin(), inner.end(), of_address)) return false;
    host = text.substr(end + 1);
    if (!host.empty() && host.front() != ':') return false;
  } else {
    host = text.substr(0, text.find(':'));
    const auto of_name = [](char c) {
      return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_';
    };
    if (host.empty() || !std::all_of(host.begin(), host.end(), of_name)) return false;
    host = text.substr(host.size());
  }
  if (host.empty()) return true;
  host.remove_prefix(1);
  return !host.empty() && host.size() <= 5 && std::all_of(host.begin(), host.end(), is_digit);
}

/// The values of a field, in their order.
std::vector<std::string_view> values_of(const HttpFields& fields, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : fields)
    if (key == name) out.push_back(value);
  return out;
}

std::optional<HttpFault> judge_framing(HttpHead& head) {
  const auto lengths = values_of(head.fields, "content-length");
  const auto codings = values_of(head.fields, "transfer-encoding");
  if (!lengths.empty() && !codings.empty())
    return bad("http.two_framings", "the request has both Content-Length and Transfer-Encoding; send one");
  if (lengths.size() > 1)
    return bad("http.two_lengths", "the request has several Content-Length fields; send one");
  if (codings.size() > 1)
    return bad("http.two_codings", "the request has several Transfer-Encoding fields; send one");
  if (!codings.empty()) {
    if (!same_word(codings.front(), "chunked"))
      return HttpFault{501, "http.unknown_coding", "the body's transfer coding is not \"chunked\" alone"};
    head.chunked = true;
  }
  if (!lengths.empty()) {
    const std::string_view text = lengths.front();
    if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), is_digit))
      return bad("http.bad_length", "Content-Length is not a number of at most 18 digits");
    std::uint64_t length = 0;
    for (const char c : text) length = length * 10 + static_cast<std::uint64_t>(c - '0');
    head.content_length = length;
  }
  return std::nullopt;
}

/// The part of the target that names a place here; nullopt: it does not.
std::optional<std::string_view> origin_form(std::string_view target, std::string_view host) {
  if (target.front() == '/') return target;
  constexpr std::string_view kScheme = "https://";
  if (!same_word(target.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  target.remove_prefix(kScheme.size());
  const auto end = std::min(target.find_first_of("/?"), target.size());
  if (!same_word(target.substr(0, end), host)) return std::nullopt;
  target.remove_prefix(end);
  if (target.empty()) return "/";
  if (target.front() != '/') return std::nullopt;
  return target;
}

}  // namespace

Result<std::optional<std::size_t>, HttpFault> HttpHeadScan::scan(std::string_view bytes,
                                                                 const HttpHeadLimits& limits) {
  const std::size_t line_max = kMethodBytes + limits.target.bytes + kVersion.size() + 4;
  for (; seen_ < bytes.size(); ++seen_) {
    if (lines_ == 0 && seen_ == line_max) {
      return Fail{HttpFault{414, "http.long_target",
                            "the request line is longer than its limit; send a shorter target"}};
    }
    if (seen_ == limits.bytes) {
      return Fail{HttpFault{431, "http.long_head",
                            "the head is longer than " + std::to_string(limits.bytes) +
                                " bytes; send fewer or shorter fields"}};
    }
    const char c = bytes[seen_];
    if (c == '\0') return Fail{bad("http.nul", "the head has a NUL byte")};
    if (c == '\n') {
      if (seen_ == 0 || bytes[seen_ - 1] != '\r')
        return Fail{bad("http.bare_line_feed", "a line ends in LF without CR; lines end in CR LF")};
      const std::size_t length = seen_ - 1 - line_;
      line_ = seen_ + 1;
      if (length == 0 && lines_ == 0)
        return Fail{bad("http.empty_line", "the request begins with an empty line")};
      if (length == 0) return std::optional{line_};
      ++lines_;
    } else if (seen_ > 0 && bytes[seen_ - 1] == '\r') {
      return Fail{bad("http.bare_carriage_return", "a line has a CR without LF")};
    }
  }
  return std::optional<std::size_t>{};
}

Result<HttpHeadLines, HttpFault> read_head_lines(std::string_view head, const HttpHeadLimits& limits) {
  HttpHeadLines out;
  for (std::size_t number = 0;; ++number) {
    const auto end = head.find("\r\n");
    if (end == std::string_view::npos) return Fail{bad("http.bad_head", "the head has no end")};
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.empty() && number > 0) break;
    if (line.empty()) return Fail{bad("http.empty_line", "the request begins with an empty line")};
    if (number > limits.fields) {
      return Fail{
          HttpFault{431, "http.many_fields",
                    "the request has more than " + std::to_string(limits.fields) + " fields; send fewer"}};
    }
    if (auto fault = number == 0 ? read_request_line(line, limits, out) : read_field_line(line, out))
      return Fail{*std::move(fault)};
  }
  if (!head.empty()) return Fail{bad("http.bad_head", "the head has lines behind its end")};
  return out;
}

Result<HttpHead, HttpFault> judge_head(HttpHeadLines lines, const HttpHeadLimits& limits) {
  const std::string_view method = lines.method;
  const std::string_view target = lines.target;
  if (method == "CONNECT" || method == "TRACE")
    return Fail{HttpFault{405, "http.method", "this server is no proxy: " + lines.method + " is not served"}};
  const std::string_view known = http_methods();
  const auto at = known.find(method);
  if (at == std::string_view::npos || method.find(',') != std::string_view::npos ||
      (at > 0 && known[at - 1] != ' ') ||
      (at + method.size() < known.size() && known[at + method.size()] != ','))
    return Fail{HttpFault{501, "http.method", "the method is none of " + std::string{known}}};

  HttpHead head;
  head.method = method;
  head.fields = std::move(lines.fields);
  const auto hosts = values_of(head.fields, "host");
  if (hosts.size() != 1)
    return Fail{bad("http.host", hosts.empty() ? "the request has no Host field"
                                               : "the request has several Host fields; send one")};
  if (!is_authority(hosts.front())) return Fail{bad("http.host", "the Host field is not HOST or HOST:PORT")};
  if (target == "*" && method == "OPTIONS") {
    head.whole_server = true;
  } else {
    const auto origin = origin_form(target.empty() ? "*" : target, hosts.front());
    if (!origin)
      return Fail{bad("http.bad_target",
                      "the target is neither a path nor https://HOST/PATH with the host of the Host field")};
    auto parsed = parse_http_target(*origin, limits.target);
    if (!parsed) return Fail{parsed.error()};
    head.target = *std::move(parsed);
  }
  if (auto fault = judge_framing(head)) return Fail{*std::move(fault)};
  for (const std::string_view value : values_of(head.fields, "expect")) {
    if (!same_word(value, "100-continue"))
      return Fail{HttpFault{417, "http.expectation", "the only expectation that is met is 100-continue"}};
    head.expects_continue = true;
  }
  for (std::string_view value : values_of(head.fields, "connection")) {
    for (;;) {
      const auto comma = value.find(',');
      if (same_word(trimmed(value.substr(0, comma)), "close")) head.keep_alive = false;
      if (comma == std::string_view::npos) break;
      value.remove_prefix(comma + 1);
    }
  }
  return head;
}

std::string_view http_methods() { return "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"; }

bool in_entity_tags(std::string_view list, std::string_view etag) {
  const auto strong = [](std::string_view tag) { return tag.substr(0, 2) == "W/" ? tag.substr(2) : tag; };
  list = trimmed(list);
  if (list == "*") return true;
  bool found = false;
  while (!list.empty()) {
    const std::size_t mark = list.substr(0, 2) == "W/" ? 2U : 0U;
    if (list.size() < mark + 2 || list[mark] != '"') return false;
    const auto end = list.find('"', mark + 1);
    if (end == std::string_view::npos) return false;
    found = found || strong(list.substr(0, end + 1)) == strong(etag);
    list = trimmed(list.substr(end + 1));
    if (list.empty()) break;
    if (list.front() != ',') return false;
    list = trimmed(list.substr(1));
    if (list.empty()) return false;
  }
  return found;
}

}  // namespace chiploc
