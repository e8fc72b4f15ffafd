#include "server/http/http_target.hpp"

#include <optional>

#include "proto/base/safe_text.hpp"

namespace chiploc {
namespace {

HttpFault bad_target(std::string detail) { return {400, "http.bad_target", std::move(detail)}; }

/// What a target may have as it is sent: visible ASCII but for what ends or quotes a URI.
bool may_be_raw(char c) {
  return c > ' ' && c < '\x7f' && std::string_view{"\"#<>\\"}.find(c) == std::string_view::npos;
}

std::optional<unsigned> percent_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return std::nullopt;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || *point < 0x20 || (*point >= 0x7f && *point < 0xa0)) return false;
  }
  return true;
}

/// Decodes percent once. `form`: "+" is a space.
Result<std::string, HttpFault> decoded(std::string_view raw, bool form) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out += form && raw[i] == '+' ? ' ' : raw[i];
      continue;
    }
    const auto high = i + 2 < raw.size() ? percent_digit(raw[i + 1]) : std::nullopt;
    const auto low = high ? percent_digit(raw[i + 2]) : std::nullopt;
    if (!low)
      return Fail{
          bad_target("the target has a \"%\" without two hexadecimal digits; send %25 for a percent sign")};
    out += static_cast<char>(*high * 16U + *low);
    i += 2;
  }
  if (!is_text(out))
    return Fail{bad_target("the target has control characters or is not UTF-8; send text as UTF-8")};
  return out;
}

/// Whether something between two slashes is "." or "..".
bool climbs(std::string_view segment) {
  for (;;) {
    const auto slash = segment.find('/');
    const std::string_view piece = segment.substr(0, slash);
    if (piece == "." || piece == "..") return true;
    if (slash == std::string_view::npos) return false;
    segment.remove_prefix(slash + 1);
  }
}

/// A segment as it stands in HttpTarget::path.
std::string in_path(std::string_view segment) {
  std::string out;
  for (const char c : segment) {
    if (c == '/')
      out += "%2F";
    else if (c == '%')
      out += "%25";
    else
      out += c;
  }
  return out;
}

std::optional<HttpFault> read_path(std::string_view path, const HttpTargetLimits& limits, HttpTarget& into) {
  path.remove_prefix(1);
  into.path = "/";
  while (!path.empty() || !into.segments.empty()) {
    const auto slash = path.find('/');
    auto segment = decoded(path.substr(0, slash), false);
    if (!segment) return segment.error();
    const bool last = slash == std::string_view::npos;
    if (segment->empty() && !last) return bad_target("the path has two slashes in a row; send one");
    if (segment->find('\\') != std::string::npos)
      return bad_target("the path has a backslash; none is known here");
    if (climbs(*segment)) return bad_target("the path has a \".\" or \"..\" segment; send it resolved");
    if (into.segments.size() == limits.segments)
      return bad_target("the path has more than " + std::to_string(limits.segments) + " segments");
    if (!into.segments.empty()) into.path += '/';
    into.path += in_path(*segment);
    into.segments.push_back(*std::move(segment));
    if (last) break;
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

std::optional<HttpFault> read_query(std::string_view query, const HttpTargetLimits& limits,
                                    HttpTarget& into) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals), true);
    if (!name) return name.error();
    auto value =
        decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!value) return value.error();
    if (name->empty()) return bad_target("the query has a parameter without a name");
    if (into.query.size() == limits.parameters)
      return bad_target("the query has more than " + std::to_string(limits.parameters) + " parameters");
    into.query.emplace_back(*std::move(name), *std::move(value));
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
    if (query.empty()) return bad_target("the query has a parameter without a name");
  }
  return std::nullopt;
}

}  // namespace

Result<HttpTarget, HttpFault> parse_http_target(std::string_view target, const HttpTargetLimits& limits) {
  if (target.size() > limits.bytes) {
    return Fail{
        HttpFault{414, "http.long_target",
                  "the target is longer than " + std::to_string(limits.bytes) + " bytes; send less of it"}};
  }
  if (target.empty() || target.front() != '/')
    return Fail{bad_target("the target does not begin with \"/\"")};
  for (const char c : target) {
    if (!may_be_raw(c))
      return Fail{bad_target("the target has a character that a URI has not; send it percent-encoded")};
  }
  HttpTarget out;
  const auto question = target.find('?');
  if (auto fault = read_path(target.substr(0, question), limits, out)) return Fail{*std::move(fault)};
  if (question != std::string_view::npos) {
    if (auto fault = read_query(target.substr(question + 1), limits, out)) return Fail{*std::move(fault)};
  }
  return out;
}

}  // namespace chiploc
