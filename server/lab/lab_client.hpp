#pragma once
// The lab as a client of the coordinator: the operator API, nothing behind it.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/net/tls.hpp"

namespace chiploc {

/// Why a call failed; `again` when the same call may succeed a little later (not up yet, busy).
struct LabCallFault {
  bool again = false;
  std::string text;
};

/// Thread-safe: workers share one. Every call has a deadline. cancel() ends all calls that are under way and
/// all later ones.
class LabClient {
 public:
  template <class T>
  using Answer = Result<T, LabCallFault>;

  /// Fails with a sentence when the TLS files are wrong; connects at the first call.
  [[nodiscard]] static Result<std::unique_ptr<LabClient>, std::string> open(const std::string& address,
                                                                            const TlsFiles& files);
  ~LabClient();
  LabClient(const LabClient&) = delete;
  LabClient& operator=(const LabClient&) = delete;

  [[nodiscard]] Answer<v1::GetStatusResponse> status(std::chrono::milliseconds deadline);
  [[nodiscard]] Answer<v1::ListAnchorsResponse> anchors(std::chrono::milliseconds deadline);
  [[nodiscard]] Answer<v1::CreateSignInCodeResponse> sign_in_code(std::chrono::milliseconds deadline);
  /// Waits for the connection, too.
  [[nodiscard]] Answer<v1::ImportResponse> import(const v1::ImportRequest& request,
                                                  std::chrono::milliseconds deadline);
  /// One round; the verdict is the stream's last event.
  [[nodiscard]] Answer<v1::Verdict> verify(const std::string& chip, std::chrono::milliseconds deadline);

  void cancel();

 private:
  struct State;
  explicit LabClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The import request for the files that write_lab() left in `registry`, in their order. Fails with a
/// sentence.
[[nodiscard]] Result<v1::ImportRequest, std::string> import_request(const std::filesystem::path& registry);

}  // namespace chiploc
