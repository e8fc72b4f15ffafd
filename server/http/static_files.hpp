#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/result.hpp"
#include "server/http/http_message.hpp"

namespace chiploc {

struct StaticFileLimits {
  std::size_t bytes = std::size_t{64} << 20U;  ///< of all files together
  std::size_t files = 10'000;
};

/// The files of one folder, read once and answered from memory: no path of a request ever reaches the file system.
///
/// "/" is index.html; no folder is listed. FILE.br and FILE.gz beside a FILE are that file, compressed, for who accepts
/// them. What lies below assets/ has its digest in its name and is kept by browsers for a year; all else is asked for
/// again each time, by its entity tag (SHA-256). Names that begin with a dot are not served.
///
/// Threads   any, once loaded.
class StaticFiles {
 public:
  /// Fails with a sentence: no such folder, a symbolic link that leads out of it or to a folder, something that is
  /// neither file nor folder, too much.
  [[nodiscard]] static Result<StaticFiles, std::string> load(const std::filesystem::path& folder,
                                                             const StaticFileLimits& limits = {});

  /// The file that the request names, whole (the server leaves away what HEAD and If-None-Match do not want), or 405;
  /// nullopt: there is none of that name.
  [[nodiscard]] std::optional<HttpReply> answer(const HttpRequest& request) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t files() const { return files_.size(); }

 private:
  struct Variant {
    std::shared_ptr<const std::string> bytes;
    std::string etag;
  };
  struct File {
    Variant plain;
    std::optional<Variant> brotli;
    std::optional<Variant> gzip;
    std::string type;
    bool immutable = false;
  };
  std::map<std::string, File> files_;  ///< by "assets/app-1a2b.js"
  std::size_t bytes_ = 0;
};

/// Whether a coding ("br") is acceptable by an Accept-Encoding field (RFC 9110, section 12.5.3): named there, or by "*",
/// and not with a weight of zero. A field that cannot be read accepts nothing.
[[nodiscard]] bool accepts_coding(std::string_view field, std::string_view coding);

}  // namespace chiploc
