#include "server/fetch/curl_fetch.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

/// Once for the process, before any thread of it uses libcurl.
bool libcurl_is_ready() {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kReady;
}

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

bool is_field_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

long milliseconds_of(Nanoseconds time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

namespace curl_fetch {

struct FetchSettings {
  std::string ca;
  bool plain_loopback;
  FetchLimits limits;
};

class Fetch {
 public:
  /// `settings` outlive it.
  Fetch(const FetchSettings& settings, FetchRequest request, std::function<void(FetchOutcome)> ended)
      : settings_{settings},
        request_{std::move(request)},
        ended_{std::move(ended)},
        handle_{curl_easy_init()} {
    reply_.body.reserve(
        settings.limits.body_bytes);  // it never moves, so that nothing is left behind unwiped
    ready_ = handle_ != nullptr && set_up();
  }
  ~Fetch() {
    if (handle_ != nullptr) curl_easy_cleanup(handle_);
    for (curl_slist* at = headers_; at != nullptr; at = at->next)
      wipe({reinterpret_cast<std::uint8_t*>(at->data), std::char_traits<char>::length(at->data)});
    curl_slist_free_all(headers_);
    wipe_text(request_.body);
    for (auto& [name, value] : request_.fields) wipe_text(value);
    wipe_text(reply_.body);
  }
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_; }
  [[nodiscard]] bool ready() const { return ready_; }

  void end(CURLcode code) {
    long status = 0;
    if (code == CURLE_OK) code = curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
      reply_.status = static_cast<int>(status);
      return ended_(std::move(reply_));
    }
    if (!problem_.empty()) return ended_(Fail{problem_});
    ended_(Fail{log_text(error_[0] != '\0' ? std::string_view{error_} : curl_easy_strerror(code))});
  }

 private:
  bool set_up() {
    bool good = true;
    const auto set = [&](CURLoption option, auto value) {
      good = good && curl_easy_setopt(handle_, option, value) == CURLE_OK;
    };
    const auto add = [&](std::string line) {
      curl_slist* const longer = curl_slist_append(headers_, line.c_str());
      wipe_text(line);
      good = good && longer != nullptr;
      if (longer != nullptr) headers_ = longer;
    };
    for (const auto& [name, value] : request_.fields) add(name + ": " + value);
    add("Accept: " + request_.accept);
    if (!request_.content_type.empty()) {
      add("Content-Type: " + request_.content_type);
      add("Expect:");
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, request_.body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_USERAGENT, "chiploc/" CHIPLOC_VERSION);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROTOCOLS_STR, settings_.plain_loopback ? "https,http" : "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // who ends waits for no resolver
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!settings_.ca.empty()) {
      set(CURLOPT_CAINFO, settings_.ca.c_str());
      set(CURLOPT_CAPATH,
          static_cast<char*>(nullptr));  // Debian's libcurl would go on believing its own folder
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds_of(settings_.limits.connect));
    set(CURLOPT_TIMEOUT_MS, milliseconds_of(settings_.limits.whole));
    set(CURLOPT_HEADERFUNCTION, &Fetch::take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Fetch::take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
    return good;
  }

  static std::size_t take_header(char* data, std::size_t /*one*/, std::size_t size, void* self) {
    auto& fetch = *static_cast<Fetch*>(self);
    fetch.header_bytes_ += size;
    if (fetch.header_bytes_ > fetch.settings_.limits.header_bytes) {
      fetch.problem_ = "its answer has headers of more than " +
                       std::to_string(fetch.settings_.limits.header_bytes) + " bytes";
      return 0;
    }
    std::string line{data, size};
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) return size;
    std::transform(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), line.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const std::string name = line.substr(0, colon);
    std::string value = line.substr(colon + 1);
    value.erase(value.find_last_not_of(" \t\r\n") + 1);
    value.erase(0, value.find_first_not_of(" \t"));
    if (name == "cache-control") fetch.reply_.cache_control = std::move(value);
    if (name == "content-type") fetch.reply_.content_type = std::move(value);
    return size;
  }
  static std::size_t take_body(char* data, std::size_t /*one*/, std::size_t size, void* self) {
    auto& fetch = *static_cast<Fetch*>(self);
    const std::size_t most = fetch.settings_.limits.body_bytes;
    if (size > most - fetch.reply_.body.size()) {
      fetch.problem_ = "its answer has more than " + std::to_string(most) + " bytes";
      return 0;
    }
    fetch.reply_.body.append(data, size);
    return size;
  }

  const FetchSettings& settings_;
  FetchRequest request_;
  const std::function<void(FetchOutcome)> ended_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  bool ready_ = false;
  char error_[CURL_ERROR_SIZE] = {};
  std::size_t header_bytes_ = 0;
  std::string problem_;  ///< why we cut it
  FetchReply reply_;
};

}  // namespace curl_fetch

using curl_fetch::Fetch;
using curl_fetch::FetchSettings;

class CurlFetch::Worker {
 public:
  explicit Worker(FetchSettings settings)
      : settings_{std::move(settings)}, multi_{libcurl_is_ready() ? curl_multi_init() : nullptr} {
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
    for (auto& [handle, fetch] : fetches_) curl_multi_remove_handle(multi_, handle);
    fetches_.clear();
    curl_multi_cleanup(multi_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool fetch(FetchRequest request, std::function<void(FetchOutcome)> ended) {
    for (const auto& [name, value] : request.fields)
      if (!is_field_text(name) || !is_field_text(value)) return false;
    if (!is_field_text(request.content_type) || !is_field_text(request.accept)) return false;
    {
      const std::scoped_lock lock{mutex_};
      if (multi_ == nullptr || open_ >= settings_.limits.waiting_most) return false;
      ++open_;
      fresh_.push_back(std::make_unique<Fetch>(settings_, std::move(request), std::move(ended)));
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
      constexpr int kLongestMs = 1'000;  // fetch() and the end wake it up
      curl_multi_poll(multi_, nullptr, 0, kLongestMs, nullptr);
    }
  }
  bool take_fresh() {
    std::vector<std::unique_ptr<Fetch>> fresh;
    {
      const std::scoped_lock lock{mutex_};
      if (stopping_) return false;
      fresh.swap(fresh_);
    }
    for (auto& fetch : fresh) {
      if (!fetch->ready() || curl_multi_add_handle(multi_, fetch->handle()) != CURLM_OK) {
        finish(*fetch, CURLE_FAILED_INIT);
        continue;
      }
      CURL* const handle = fetch->handle();
      fetches_.emplace(handle, std::move(fetch));
    }
    return true;
  }
  void end_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // gone with the handle
      const auto found = fetches_.find(message->easy_handle);
      if (found == fetches_.end()) continue;
      const auto fetch = std::move(found->second);
      curl_multi_remove_handle(multi_, fetch->handle());
      fetches_.erase(found);
      finish(*fetch, code);
    }
  }
  void finish(Fetch& fetch, CURLcode code) {
    {
      const std::scoped_lock lock{mutex_};
      --open_;
    }
    fetch.end(code);
  }

  const FetchSettings settings_;
  CURLM* const multi_;
  std::map<CURL*, std::unique_ptr<Fetch>> fetches_;  // the thread's
  std::mutex mutex_;
  // Behind the lock:
  std::vector<std::unique_ptr<Fetch>> fresh_;
  std::size_t open_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

CurlFetch::CurlFetch(std::filesystem::path ca, bool plain_loopback, const FetchLimits& limits)
    : worker_{std::make_unique<Worker>(FetchSettings{ca.string(), plain_loopback, limits})} {}
CurlFetch::~CurlFetch() = default;
bool CurlFetch::fetch(FetchRequest request, std::function<void(FetchOutcome)> ended) {
  return worker_->fetch(std::move(request), std::move(ended));
}

}  // namespace chiploc
