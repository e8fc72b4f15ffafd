#include "server/notices/http_sender.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "server/notices/http_transfer.hpp"

namespace chiploc {
namespace {

/// Once for the process, before any thread of it uses libcurl.
bool start_libcurl() {
  static const bool kStarted = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kStarted;
}

bool may_stand_in_header(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

}  // namespace

class HttpSender::Worker {
 public:
  Worker(HttpReceiver to, const SendLimits& limits)
      : receiver_{std::move(to)}, limits_{limits}, multi_{start_libcurl() ? curl_multi_init() : nullptr} {
    if (multi_ != nullptr) thread_ = std::thread{[this] { run(); }};
  }
  ~Worker() {
    if (multi_ == nullptr) return;
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    for (auto& [handle, transfer] : transfers_) curl_multi_remove_handle(multi_, handle);
    transfers_.clear();
    curl_multi_cleanup(multi_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool send(SendRequest request, Ended ended) {
    for (const auto& [name, value] : request.headers)
      if (!may_stand_in_header(name) || !may_stand_in_header(value)) return false;
    {
      const std::scoped_lock lock{mutex_};
      if (multi_ == nullptr || open_ >= limits_.waiting_most) return false;
      ++open_;
      fresh_.emplace_back(std::move(request), std::move(ended));
    }
    curl_multi_wakeup(multi_);
    return true;
  }

 private:
  void run() {
    while (take_fresh()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      end_finished();
      constexpr int kLongestMs = 1'000;  // send() and the end wake it up
      curl_multi_poll(multi_, nullptr, 0, kLongestMs, nullptr);
    }
  }
  /// Begins what was handed in; false: it is over.
  bool take_fresh() {
    std::vector<std::pair<SendRequest, Ended>> fresh;
    {
      const std::scoped_lock lock{mutex_};
      if (stopping_) return false;
      fresh.swap(fresh_);
    }
    for (auto& [request, ended] : fresh) {
      auto transfer =
          std::make_unique<HttpTransfer>(receiver_, limits_, std::move(request), std::move(ended));
      if (!transfer->ready() || curl_multi_add_handle(multi_, transfer->handle()) != CURLM_OK) {
        finish(*transfer, CURLE_FAILED_INIT);
        continue;
      }
      CURL* const handle = transfer->handle();
      transfers_.emplace(handle, std::move(transfer));
    }
    return true;
  }
  void end_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // gone with the handle
      const auto found = transfers_.find(message->easy_handle);
      if (found == transfers_.end()) continue;
      const auto transfer = std::move(found->second);
      curl_multi_remove_handle(multi_, transfer->handle());
      transfers_.erase(found);
      finish(*transfer, code);
    }
  }
  void finish(HttpTransfer& transfer, CURLcode code) {
    {
      const std::scoped_lock lock{mutex_};
      --open_;
    }
    transfer.end(code);
  }

  const HttpReceiver receiver_;
  const SendLimits limits_;
  CURLM* const multi_;
  std::map<CURL*, std::unique_ptr<HttpTransfer>> transfers_;  // the thread's
  std::mutex mutex_;
  // Behind the lock:
  std::vector<std::pair<SendRequest, Ended>> fresh_;
  std::size_t open_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

HttpSender::HttpSender(HttpReceiver to, const SendLimits& limits)
    : worker_{std::make_unique<Worker>(std::move(to), limits)} {}
HttpSender::~HttpSender() = default;
bool HttpSender::send(SendRequest request, Ended ended) {
  return worker_->send(std::move(request), std::move(ended));
}

}  // namespace chiploc
