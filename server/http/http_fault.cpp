#include "server/http/http_fault.hpp"

#include <array>
#include <utility>

#include "proto/base/safe_text.hpp"

namespace chiploc {
namespace {

constexpr std::pair<int, std::string_view> kPhrases[] = {{100, "Continue"},
                                                         {200, "OK"},
                                                         {201, "Created"},
                                                         {202, "Accepted"},
                                                         {204, "No Content"},
                                                         {301, "Moved Permanently"},
                                                         {302, "Found"},
                                                         {303, "See Other"},
                                                         {304, "Not Modified"},
                                                         {307, "Temporary Redirect"},
                                                         {308, "Permanent Redirect"},
                                                         {400, "Bad Request"},
                                                         {401, "Unauthorized"},
                                                         {403, "Forbidden"},
                                                         {404, "Not Found"},
                                                         {405, "Method Not Allowed"},
                                                         {406, "Not Acceptable"},
                                                         {408, "Request Timeout"},
                                                         {409, "Conflict"},
                                                         {410, "Gone"},
                                                         {411, "Length Required"},
                                                         {412, "Precondition Failed"},
                                                         {413, "Content Too Large"},
                                                         {414, "URI Too Long"},
                                                         {415, "Unsupported Media Type"},
                                                         {417, "Expectation Failed"},
                                                         {421, "Misdirected Request"},
                                                         {422, "Unprocessable Content"},
                                                         {428, "Precondition Required"},
                                                         {429, "Too Many Requests"},
                                                         {431, "Request Header Fields Too Large"},
                                                         {500, "Internal Server Error"},
                                                         {501, "Not Implemented"},
                                                         {502, "Bad Gateway"},
                                                         {503, "Service Unavailable"},
                                                         {504, "Gateway Timeout"},
                                                         {505, "HTTP Version Not Supported"}};

/// A JSON string with its quotes.
std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const std::string_view before = text;
    const auto point = take_code_point(text);
    if (!point) {
      out += "\\ufffd";
    } else if (*point == U'"' || *point == U'\\') {
      out += '\\';
      out += static_cast<char>(*point);
    } else if (*point < 0x20 || *point == 0x7f) {
      out += "\\u00";
      out += kHex[static_cast<std::size_t>(*point) >> 4U];
      out += kHex[static_cast<std::size_t>(*point) & 15U];
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out + '"';
}

}  // namespace

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : kPhrases)
    if (known == status) return phrase;
  return "Unknown";
}

HttpReply problem_reply(const HttpFault& fault) {
  HttpReply reply;
  reply.status = fault.status;
  reply.fields = {{"content-type", "application/problem+json"}};
  reply.body = R"({"type":"about:blank","title":)" + quoted(reason_phrase(fault.status)) + R"(,"status":)" +
               std::to_string(fault.status) + R"(,"detail":)" + quoted(fault.detail) + R"(,"code":)" +
               quoted(fault.code) + "}\n";
  return reply;
}

}  // namespace chiploc
