#include "server/cli/enrol_post.hpp"

#include <curl/curl.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "server/text/records.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kAnswerMax = 65'536;

std::size_t take_answer(char* data, std::size_t /*one*/, std::size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (size > kAnswerMax - body.size()) return 0;
  body.append(data, size);
  return size;
}

Fail<CliFault> fault(ExitCode code, std::string text) { return Fail{CliFault{code, std::move(text)}}; }

/// The sentence of a problem (RFC 9457).
std::string detail_of(const nlohmann::json& body) {
  if (body.is_object() && body.contains("detail") && body["detail"].is_string())
    return printable(body["detail"].get<std::string>());
  return "it says nothing of why";
}

ExitCode code_of(long status) {
  if (status == 401 || status == 403) return ExitCode::kRefused;
  if (status == 409 || status == 429 || status == 503) return ExitCode::kUnreachable;
  if (status == 404) return ExitCode::kNotFound;
  return status < 500 ? ExitCode::kBadData : ExitCode::kInternal;
}

Result<EnrolAnswer, CliFault> read_answer(const std::string& address, long status, const std::string& text) {
  const auto body = nlohmann::json::parse(text, nullptr, false);
  if (status == 404)
    return fault(code_of(status), address + " enrols nobody; is it the address of a chiplocd's HTTP?");
  if (status != 201) return fault(code_of(status), address + ": " + detail_of(body));
  EnrolAnswer out;
  if (body.is_object() && body.contains("certificate") && body["certificate"].is_string() &&
      body.contains("authority") && body["authority"].is_string()) {
    out.certificate = body["certificate"].get<std::string>();
    out.authority = body["authority"].get<std::string>();
    out.again = body.value("again", false);
    return out;
  }
  if (body.is_object() && body.contains("chip") && body["chip"].is_object()) {
    const auto field = [&chip = body["chip"]](const char* key) {
      const auto found = chip.find(key);
      return found != chip.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    out.chip = field("device_id");
    out.serial = field("serial");
    out.licence = field("licence");
    if (!out.chip.empty()) return out;
  }
  return fault(ExitCode::kBadData, address + " gave no certificate; is it a chiplocd?");
}

}  // namespace

Result<EnrolAnswer, CliFault> post_enrolment(const EnrolTarget& target, const std::string& path,
                                             const std::string& body, unsigned timeout_s) {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::size_t colon = target.address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : target.address.substr(colon + 1);
  const std::string host = target.server_name.empty() ? target.address.substr(0, colon) : target.server_name;
  const std::unique_ptr<CURL, void (*)(CURL*)> curl{kReady ? curl_easy_init() : nullptr, curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> fields{nullptr, curl_slist_free_all},
      at{nullptr, curl_slist_free_all};
  fields.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
  at.reset(curl_slist_append(nullptr, (host + ":" + port + ":" + target.address).c_str()));
  std::string answer;
  char error[CURL_ERROR_SIZE] = {};
  bool good = curl && fields && at;
  const auto set = [&](CURLoption option, auto value) {
    good = good && curl_easy_setopt(curl.get(), option, value) == CURLE_OK;
  };
  const std::string url = "https://" + host + ":" + port + path;
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_CONNECT_TO, at.get());
  set(CURLOPT_HTTPHEADER, fields.get());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAINFO, target.ca.c_str());
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // Debian's libcurl would go on believing its own folder
  if (!target.certificate.empty()) {
    set(CURLOPT_SSLCERT, target.certificate.c_str());
    set(CURLOPT_SSLKEY, target.key.c_str());
  }
  set(CURLOPT_TIMEOUT, static_cast<long>(timeout_s));
  set(CURLOPT_WRITEFUNCTION, &take_answer);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(error));
  if (!good) return fault(ExitCode::kInternal, "libcurl takes a setting not");
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return fault(ExitCode::kUnreachable, "no answer from " + target.address + " (" +
                                             printable(error[0] != '\0' ? error : curl_easy_strerror(code)) +
                                             "); check the address, " + target.ca.string() +
                                             ", and that --server-name is in the coordinator's certificate");
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return read_answer(target.address, status, answer);
}

}  // namespace chiploc
