#include "server/logbook/served_log.hpp"

#include "server/evidence/log_folder.hpp"
#include "server/http/http_fault.hpp"

namespace chiploc {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";
/// A tile never changes, and neither does a partial one: of another width is another file.
constexpr const char* kForEver = "public, max-age=31536000, immutable";

HttpReply file_reply(const char* type, const char* cached, std::string body) {
  HttpReply reply;
  reply.fields.emplace_back("content-type", type);
  reply.fields.emplace_back("cache-control", cached);
  reply.fields.emplace_back("access-control-allow-origin", "*");  // a public log, read by any page
  reply.body = std::move(body);
  return reply;
}

/// Below the prefix; a slash inside of a segment is in no file's name.
std::string path_below(const HttpRequest& request) {
  std::string out;
  for (std::size_t i = 1; i < request.segments.size(); ++i) {
    if (request.segments[i].find('/') != std::string::npos) return {};
    out.append(out.empty() ? "" : "/").append(request.segments[i]);
  }
  return out;
}

}  // namespace

HttpReply ServedLog::answer(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = problem_reply({405, "http.method", "the log is only read; send GET or HEAD"});
    reply.fields.emplace_back("allow", "GET, HEAD");
    return reply;
  }
  const std::string path = path_below(request);
  if (path == "key") return file_reply(kText, "no-cache", verifier_key_ + "\n");
  const auto bytes = log_file(folder_, path);
  if (bytes) {
    const bool tile = path != kCheckpointFile;
    return file_reply(tile ? "application/octet-stream" : kText, tile ? kForEver : "no-cache",
                      std::string{bytes->begin(), bytes->end()});
  }
  if (bytes.error().code != LogFault::Code::kNotFound)
    return problem_reply(
        {500, "log.unreadable", "the log's file cannot be read; tell who runs this coordinator"});
  return problem_reply(
      {404, "log.no_such_file",
       "the log has no such file; it has checkpoint, key, tile/LEVEL/.. and tile/entries/.., as "
       "wide as a checkpoint needs them"});
}

}  // namespace chiploc
