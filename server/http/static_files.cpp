#include "server/http/static_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/http/http_fault.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using std::string_view;

constexpr std::array<std::pair<string_view, string_view>, 21> kTypes{
    {{".html", "text/html; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".mjs", "text/javascript; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".json", "application/json"},
     {".map", "application/json"},
     {".geojson", "application/geo+json"},
     {".webmanifest", "application/manifest+json"},
     {".svg", "image/svg+xml"},
     {".png", "image/png"},
     {".jpg", "image/jpeg"},
     {".jpeg", "image/jpeg"},
     {".webp", "image/webp"},
     {".ico", "image/vnd.microsoft.icon"},
     {".woff2", "font/woff2"},
     {".woff", "font/woff"},
     {".ttf", "font/ttf"},
     {".wasm", "application/wasm"},
     {".pdf", "application/pdf"},
     {".csv", "text/csv; charset=utf-8"},
     {".txt", "text/plain; charset=utf-8"}}};

string_view type_of(const std::string& name) {
  const std::string extension = fs::path{name}.extension().string();
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& type) { return type.first == extension; });
  return found == kTypes.end() ? string_view{"application/octet-stream"} : found->second;
}

/// Whether `path` lies in `folder`; both are canonical.
bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

string_view without_blanks(string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
bool same_coding(string_view a, string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}
/// Whether "q=..." is a weight above zero; nullopt: it is none.
std::optional<bool> has_weight(string_view text) {
  if (text.size() < 3 || text.size() > 7 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=')
    return std::nullopt;
  text.remove_prefix(2);
  if ((text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) return std::nullopt;
  bool above = text[0] == '1';
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    above = above || c != '0';
  }
  return above;
}

}  // namespace

bool accepts_coding(string_view field, string_view coding) {
  std::optional<bool> named;
  std::optional<bool> any;
  while (!without_blanks(field).empty()) {
    const auto comma = field.find(',');
    const string_view item = without_blanks(field.substr(0, comma));
    const auto semicolon = item.find(';');
    const string_view name = without_blanks(item.substr(0, semicolon));
    const auto weight = semicolon == string_view::npos
                            ? std::optional{true}
                            : has_weight(without_blanks(item.substr(semicolon + 1)));
    if (!weight) return false;
    if (same_coding(name, coding)) named = *weight;
    if (name == "*") any = *weight;
    if (comma == string_view::npos) break;
    field.remove_prefix(comma + 1);
  }
  return named.value_or(any.value_or(false));
}

Result<StaticFiles, std::string> StaticFiles::load(const fs::path& folder, const StaticFileLimits& limits) {
  std::error_code fault;
  const fs::path root = fs::canonical(folder, fault);
  if (fault || !fs::is_directory(root, fault))
    return Fail{folder.string() +
                ": is no folder that can be read; name the one that the page was built into"};
  StaticFiles out;
  std::map<std::string, Variant> read;
  fs::recursive_directory_iterator entries{root, fault};
  for (; !fault && entries != fs::recursive_directory_iterator{}; entries.increment(fault)) {
    const fs::path& path = entries->path();
    if (path.filename().native().front() == '.') {
      entries.disable_recursion_pending();
      continue;
    }
    const fs::path real = fs::canonical(path, fault);
    if (fault) return Fail{path.string() + ": cannot be followed (" + fault.message() + "); take it away"};
    if (!lies_in(real, root)) return Fail{path.string() + ": leads out of the folder; copy the file instead"};
    if (fs::is_directory(real, fault)) {
      if (entries->is_symlink(fault))
        return Fail{path.string() + ": links to a folder; copy the folder instead"};
      continue;
    }
    if (!fs::is_regular_file(real, fault))
      return Fail{path.string() + ": is neither a file nor a folder; take it away"};
    const auto size = fs::file_size(real, fault);
    if (fault || size > limits.bytes || out.bytes_ + size > limits.bytes || read.size() == limits.files) {
      return Fail{folder.string() + ": has more than " + std::to_string(limits.files) + " files or " +
                  std::to_string(limits.bytes) + " bytes; serve a smaller folder"};
    }
    std::ifstream file{real, std::ios::binary};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (!file.read(bytes.data(), static_cast<std::streamsize>(size)) ||
        file.peek() != std::ifstream::traits_type::eof())
      return Fail{path.string() + ": cannot be read, or changes while it is; check its owner and try again"};
    out.bytes_ += bytes.size();
    Variant variant;
    variant.etag =
        '"' + sha256({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}).hex() + '"';
    variant.bytes = std::make_shared<const std::string>(std::move(bytes));
    read.emplace(path.lexically_relative(root).generic_string(), std::move(variant));
  }
  if (fault) return Fail{folder.string() + ": cannot be read (" + fault.message() + ")"};

  const auto compressed = [&](const std::string& name) -> std::optional<Variant> {
    const auto found = read.find(name);
    return found == read.end() ? std::nullopt : std::optional{found->second};
  };
  for (const auto& [name, variant] : read) {
    const auto dot = name.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot);
    if ((extension == ".br" || extension == ".gz") && read.count(name.substr(0, dot)) > 0) continue;
    out.files_[name] = {variant, compressed(name + ".br"), compressed(name + ".gz"),
                        std::string{type_of(name)}, name.substr(0, 7) == "assets/"};
  }
  return out;
}

std::optional<HttpReply> StaticFiles::answer(const HttpRequest& request) const {
  std::string name;
  for (const std::string& segment : request.segments) {
    // A slash that is data of a segment is in no file's name.
    if (segment.empty() || segment.find('/') != std::string::npos) return std::nullopt;
    if (!name.empty()) name += '/';
    name += segment;
  }
  const auto found = files_.find(name.empty() ? "index.html" : name);
  if (found == files_.end()) return std::nullopt;
  if (request.method != "GET") {
    HttpReply reply = problem_reply({405, "http.method", "a file is only read; send GET or HEAD"});
    reply.fields.emplace_back("allow", "GET, HEAD");
    return reply;
  }
  const File& file = found->second;
  HttpReply reply;
  const Variant* variant = &file.plain;
  if (file.brotli || file.gzip) {
    const string_view accepted = request.field("accept-encoding").value_or("");
    const char* coding = nullptr;
    if (file.brotli && accepts_coding(accepted, "br")) {
      variant = &*file.brotli;
      coding = "br";
    } else if (file.gzip && accepts_coding(accepted, "gzip")) {
      variant = &*file.gzip;
      coding = "gzip";
    }
    if (coding != nullptr) reply.fields.emplace_back("content-encoding", coding);
    reply.fields.emplace_back("vary", "accept-encoding");
  }
  reply.fields.emplace_back("content-type", file.type);
  reply.fields.emplace_back("etag", variant->etag);
  reply.fields.emplace_back("cache-control",
                            file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  reply.shared = variant->bytes;
  return reply;
}

}  // namespace chiploc
