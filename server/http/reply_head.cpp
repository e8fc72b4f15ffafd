#include "server/http/reply_head.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "server/http/http_fault.hpp"
#include "server/http/http_head.hpp"

namespace chiploc {
namespace {

using std::string_view;

constexpr std::array<string_view, 6> kFraming{"content-length", "transfer-encoding", "connection",
                                              "keep-alive",     "trailer",           "upgrade"};

/// The same for every answer. A browser that was here once comes by TLS alone for two years; nothing of an answer is
/// guessed, told to other sites, embedded by them, or given sensors.
constexpr std::array<std::pair<string_view, string_view>, 6> kAlways{
    {{"strict-transport-security", "max-age=63072000"},
     {"x-content-type-options", "nosniff"},
     {"referrer-policy", "no-referrer"},
     {"cross-origin-opener-policy", "same-origin"},
     {"cross-origin-resource-policy", "same-origin"},
     {"permissions-policy",
      "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"}}};

bool is_ours(string_view name) {
  return name == "date" || name == "server" || name == "accept-ranges" ||
         std::any_of(kAlways.begin(), kAlways.end(), [&](const auto& field) { return field.first == name; });
}
bool may_be_name(string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}
bool may_be_value(string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}
void add(std::string& head, string_view name, string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}
std::string two(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::string http_date(WallTime at) {
  constexpr std::array<string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::seconds seconds{unix_seconds(at)};
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{seconds});
  const std::chrono::year_month_day date{day};
  const auto rest = static_cast<unsigned>((seconds - day.time_since_epoch()).count());
  std::string out{kDays[std::chrono::weekday{day}.c_encoding()]};
  out.append(", ").append(two(static_cast<unsigned>(date.day()))).append(" ");
  out.append(kMonths[static_cast<unsigned>(date.month()) - 1]).append(" ");
  out.append(std::to_string(static_cast<int>(date.year()))).append(" ");
  return out + two(rest / 3600) + ":" + two(rest / 60 % 60) + ":" + two(rest % 60) + " GMT";
}

string_view body_of(const HttpReply& reply) {
  return reply.shared ? string_view{*reply.shared} : string_view{reply.body};
}

Result<std::string, std::string> reply_head(const HttpReply& reply, const ReplySetting& setting) {
  if (reply.status < 200 || reply.status > 599)
    return Fail{"a handler answered with status " + std::to_string(reply.status) + ", which is no final one"};
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  head.append(reason_phrase(reply.status)).append("\r\n");
  add(head, "date", http_date(setting.now));
  for (const auto& [name, value] : kAlways) add(head, name, value);
  bool has_caching = false;
  bool has_policy = false;
  for (const auto& [name, value] : reply.fields) {
    if (!may_be_name(name) || !may_be_value(value))
      return Fail{std::string{
          "a handler answered with a field that has no lower-case token for its name, or controls in its value"}};
    if (std::find(kFraming.begin(), kFraming.end(), name) != kFraming.end())
      return Fail{"a handler answered with " + name + ", which is the server's to say"};
    if (is_ours(name)) continue;
    has_caching = has_caching || name == "cache-control";
    has_policy = has_policy || name == "content-security-policy";
    add(head, name, value);
  }
  if (!has_caching) add(head, "cache-control", "no-store");
  if (!has_policy && !setting.content_security_policy.empty())
    add(head, "content-security-policy", setting.content_security_policy);
  add(head, "accept-ranges", "none");
  if (!setting.stream && reply.status != 204 && reply.status != 304)
    add(head, "content-length", std::to_string(body_of(reply).size()));
  if (setting.last || setting.stream) add(head, "connection", "close");
  return head + "\r\n";
}

std::optional<HttpReply> not_modified(const HttpRequest& request, const HttpReply& reply) {
  if (reply.status != 200 || request.method != "GET") return std::nullopt;
  const auto list = request.field("if-none-match");
  const auto etag =
      std::find_if(reply.fields.begin(), reply.fields.end(), [](const auto& f) { return f.first == "etag"; });
  if (!list || etag == reply.fields.end() || !in_entity_tags(*list, etag->second)) return std::nullopt;
  HttpReply out;
  out.status = 304;
  for (const auto& field : reply.fields) {
    if (field.first.substr(0, 8) != "content-" || field.first == "content-location" ||
        field.first == "content-security-policy")
      out.fields.push_back(field);
  }
  return out;
}

}  // namespace chiploc
