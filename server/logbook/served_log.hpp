#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "server/http/http_message.hpp"

namespace chiploc {

/// The log's files over HTTP, as C2SP tlog-tiles has them: PREFIX/checkpoint, PREFIX/tile/.. and, beside them, PREFIX/key with the
/// verifier key (for people: whoever checks the log takes it from elsewhere). Anybody may read them: what is not for everybody is
/// sealed inside.
///
/// Reads from disk: tiles are a few kilobytes, a bundle of entries some hundred. Thread-safe.
class ServedLog {
 public:
  /// `prefix`: the first segment of the path. `verifier_key`: vkey_text of the log's.
  ServedLog(std::string prefix, std::filesystem::path folder, std::string verifier_key)
      : prefix_{std::move(prefix)}, folder_{std::move(folder)}, verifier_key_{std::move(verifier_key)} {}

  [[nodiscard]] bool is_for(const HttpRequest& request) const {
    return !request.segments.empty() && request.segments.front() == prefix_;
  }
  /// Of a request that is for it: the file, 404 for what is none, 405.
  [[nodiscard]] HttpReply answer(const HttpRequest& request) const;

 private:
  const std::string prefix_;
  const std::filesystem::path folder_;
  const std::string verifier_key_;
};

}  // namespace chiploc
