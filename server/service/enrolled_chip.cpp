// The use case of an agent that comes with a token: its chip's row in the registry.
#include <nlohmann/json.hpp>

#include "proto/crypto/certificate.hpp"
#include "server/registry/registry.hpp"
#include "server/service/enrolment.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/views.hpp"
#include "server/storage/enrolment_store.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> bad_chip(std::string text) { return Fail{ApiFault{ApiFaultCode::kBadField, std::move(text)}}; }

/// The id that the certificate says, in hex.
Answer<DeviceId> id_of(const ArrivedChip& chip) {
  const auto chain = Certificate::chain_from_pem(chip.certificate_pem);
  if (!chain) return bad_chip("certificate: " + chain.error().text);
  const auto key = chain->front().public_key();
  if (!key || !(*key == chip.key))
    return bad_chip(
        "certificate: is of another key than the request; give the request and the certificate of one chip");
  const auto id = chain->front().device_id();
  if (!id)
    return bad_chip("certificate: its subject's serialNumber is no id of a chip (32 to 64 hex digits)");
  return *id;
}

/// As a file for import. What was checked as a name when the token was made is no spreadsheet's, which the apostrophe says.
v1::ImportRequest row_of(const Enrolment& one, const ArrivedChip& chip, const DeviceId& id) {
  const nlohmann::ordered_json row{{"id", id.hex()},
                                   {"serial", "'" + one.name},
                                   {"maker", one.maker},
                                   {"model", one.model},
                                   {"licence", "'" + one.licence},
                                   {"reach", chip.reach},
                                   {"certificate_pem", chip.certificate_pem}};
  v1::ImportRequest out;
  v1::ImportFile& file = *out.add_files();
  file.set_kind(v1::CHIPS);
  file.set_name("enrolment " + std::to_string(one.number));
  file.set_format("json");
  file.set_content(
      nlohmann::ordered_json::array({row}).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  out.set_reason("enrolment " + std::to_string(one.number) + ", redeemed from " + one.used_from);
  return out;
}

Fail<ApiFault> faults_of(const v1::ImportResponse& response) {
  constexpr int kShown = 3;
  std::string text;
  for (int i = 0; i < response.faults_size() && i < kShown; ++i) {
    const v1::ImportFault& fault = response.faults(i);
    text +=
        (text.empty() ? "" : "; ") + (fault.field().empty() ? "" : fault.field() + ": ") + fault.problem();
  }
  return bad_chip(text);
}

}  // namespace

void OperatorUseCases::enrol_chip(const Enrolment& enrolment, const ArrivedChip& chip,
                                  const Completion<v1::Chip>& done) {
  const auto id = id_of(chip);
  if (!id) return done(Fail{id.error()});
  const ChipId known = id->chip_id();
  const Registry::Snapshot registry = parts_.registry.get();
  const ChipRecord* there = registry ? registry->chip(known) : nullptr;
  if (there != nullptr && (there->serial != enrolment.name || there->maker != enrolment.maker ||
                           there->model != enrolment.model || there->licence != enrolment.licence))
    return done(Fail{ApiFault{ApiFaultCode::kConflict,
                              "chip " + id->hex() +
                                  " is registered with another serial number, maker, model or licence; "
                                  "a registrar changes that: chiploc import --chips"}});
  import(row_of(enrolment, chip, *id), Caller{enrolment.by.name, Role::kRegistrar, {}, enrolment.by.certificate},
         [this, known, done](const Answer<v1::ImportResponse>& imported) {
           if (!imported) return done(Fail{imported.error()});
  if (imported->faults_total() > 0) return done(faults_of(*imported));
  done(view_of(*parts_.registry.get()->chip(known)));
});
}  // namespace chiploc

}  // namespace chiploc
