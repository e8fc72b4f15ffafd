#include "server/service/made_report.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "proto/crypto/digest.hpp"
#include "server/reports/forms.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> not_made(ApiFaultCode code, std::string text) { return Fail{ApiFault{code, std::move(text)}}; }

bool write_form(const Report& report, ReportedChips& chips, ReportForm form, const Digest& json,
                const ByteSink& sink) {
  switch (form) {
    case ReportForm::kJson:
      return write_json_form(report, chips.totals(), chips.each(), sink);
    case ReportForm::kCsv:
      return write_csv_form(report, chips.each(), sink);
    case ReportForm::kGeojson:
      return write_geojson_form(report, chips.totals(), chips.each(), sink);
    case ReportForm::kPdf:
      return write_pdf_form(report, chips.totals(), chips.each(), json, sink);
  }
  return false;
}

}  // namespace

Answer<MadeReport> make_report(const Report& report, ReportedChips& chips, ReportForm form,
                               const ReportSigning& signing) {
  if (!signing.unusable.empty()) return not_made(ApiFaultCode::kNotReady, signing.unusable);
  const ReportKey* key = signing.keys.in_force();
  const auto coordinator = coordinator_id_of(signing.key->public_key());
  if (key == nullptr || !coordinator || !(key->key == signing.key->public_key()))
    return not_made(ApiFaultCode::kInternal,
                    "the list of report keys does not end with the coordinator's own key");
  if (!in_force_at(*key, report.head.made)) {
    return not_made(
        ApiFaultCode::kNotReady,
        "chiplocd's clock stands before the time from which its key signs reports; nobody could verify "
        "the report: look at that clock");
  }
  Sha256 json;
  if (!write_json_form(report, chips.totals(), chips.each(),
                       [&](std::string_view bytes) { json.update(bytes_of(bytes)); }))
    return not_made(ApiFaultCode::kInternal, "the chips that were gathered cannot be read back; ask again");
  MadeReport out{ReportFile::make(), {}};
  if (!out.file)
    return not_made(ApiFaultCode::kExhausted, std::string{"no room on chiplocd's machine for the report: "} +
                                                  std::strerror(errno) + "; make some, and ask again");
  ReportSeal seal{.kind = report.head.kind,
                  .form = form,
                  .subject = report.head.subject,
                  .json_sha256 = json.finish(),
                  .as_of = report.head.as_of,
                  .made = report.head.made,
                  .coordinator = *coordinator};
  Sha256 whole;
  const bool written = write_form(report, chips, form, seal.json_sha256, [&](std::string_view bytes) {
    whole.update(bytes_of(bytes));
    out.file->append(bytes);
  });
  if (!written || !out.file->ok()) {
    return not_made(
        ApiFaultCode::kExhausted,
        "the report could not be written whole on chiplocd's machine; make room in its folder for "
        "temporary files, and ask again");
  }
  seal.sha256 = whole.finish();
  seal.bytes = out.file->size();
  auto signature = sign_seal(seal, *signing.key);
  if (!signature)
    return not_made(ApiFaultCode::kNotReady, "the report could not be signed: " + signature.error().text);
  out.signature = std::move(*signature);
  return out;
}

}  // namespace chiploc
