#include "server/service/enrolment_json.hpp"

namespace chiploc {

Json json_of(const v1::Enrolment& one) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  const auto time = [](std::int64_t unix_ns) {
    return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns));
  };
  Json steps = Json::array();
  for (const v1::EnrolmentStep& step : one.steps()) {
    steps.push_back({{"at", iso_time(step.at_unix_ns())},
                     {"step", step.step()},
                     {"who", or_null(step.who())},
                     {"note", or_null(step.note())}});
  }
  return {{"number", one.number()},
          {"kind", one.kind()},
          {"name", one.name()},
          {"holder", or_null(one.holder())},
          {"maker", or_null(one.maker())},
          {"model", or_null(one.model())},
          {"licence", or_null(one.licence())},
          {"state", one.state()},
          {"reason", one.reason()},
          {"author", one.author()},
          {"certificate_sha256", or_null(hex_of(one.certificate_sha256()))},
          {"made_at", iso_time(one.made_unix_ns())},
          {"until", iso_time(one.until_unix_ns())},
          {"used_at", time(one.used_unix_ns())},
          {"used_key_sha256", or_null(hex_of(one.used_key_sha256()))},
          {"used_from", or_null(one.used_from())},
          {"revoked_at", time(one.revoked_unix_ns())},
          {"revoked_by", or_null(one.revoked_by())},
          {"steps", std::move(steps)}};
}

}  // namespace chiploc
