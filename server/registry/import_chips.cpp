#include <algorithm>
#include <utility>

#include "server/registry/importer.hpp"

namespace chiploc {
namespace {

/// A chip's own certificate and device CAs.
constexpr std::size_t kChainMax = 3;
/// Half a second's worth, and some 10 MB of certificates in parsed form.
constexpr std::size_t kVerifiedAtOnce = 2'048;
/// The same of rows, whose texts are some 2 MB with them.
constexpr std::size_t kReadAtOnce = 2'048;

}  // namespace

Importer::ReadChain Importer::read_chain(const std::string& pem, IssuerCache& issuers) {
  ReadChain out;
  const auto blocks = split_pem(pem);
  if (!blocks) {
    out.fault = blocks.error();
    return out;
  }
  out.blocks = blocks->size();
  for (const std::string& block : *blocks) {
    out.certificates.push_back(out.certificates.empty() ? Certificate::from_pem(block) : issuers.read(block));
    if (!out.certificates.back()) break;
    const Certificate& one = *out.certificates.back();
    const std::size_t i = out.certificates.size() - 1;
    out.issued_below.push_back(i == 0 || (i == 1 ? out.certificates[0]->issued_by(one)
                                                 : issuers.issued(*out.certificates[i - 1], one)));
    if (i == 0) out.device = one.device_id();
    // What is wrong with the first ones is all that is told.
    if (!out.issued_below.back() || (i == 0 && !out.device)) break;
  }
  return out;
}

void Importer::at_once(std::size_t count, const std::function<void(std::size_t)>& each) const {
  if (options_.for_each) return options_.for_each(count, each);
  for (std::size_t i = 0; i < count; ++i) each(i);
}

void Importer::read_chips(std::size_t f) {
  const auto fresh = [&] { return FaultLog{files_[f].name, options_.limits.faults}; };
  FaultLog found = fresh();
  read_rows(f, found, [&](Row row) {
    ++plan_.files[f].rows;
    held_.push_back({std::exchange(found, fresh()), std::move(row), {}});
    if (held_.size() >= kReadAtOnce) take_held(f);
  });
  take_held(f);
  logs_[f].add_all(found);
}

void Importer::take_held(std::size_t f) {
  at_once(held_.size(), [this](std::size_t i) {
    held_[i].chain = read_chain(held_[i].row["certificate_pem"].text, issuers_);
  });
  for (Held& one : held_) {
    logs_[f].add_all(one.before);
    faulty_.clear();
    take_chip(f, one.row, one.chain);
  }
  held_.clear();
}

void Importer::take_chip(std::size_t f, const Row& row, const ReadChain& chain) {
  const auto before = logs_[f].total();
  ChipRecord chip;
  const auto id = checked(f, row, "id", std::optional<DeviceId>{},
                          [](std::string_view text) -> Field<std::optional<DeviceId>> {
                            auto parsed = parse_device_id(text);
                            if (!parsed) return Fail{parsed.error()};
                            return std::optional{*std::move(parsed)};
                          });
  if (id) chip.id = id->chip_id();
  if (id && id->bytes().size() > ChipId::kSize) chip.device_id.assign(id->bytes().begin(), id->bytes().end());
  chip.serial = typed_name(f, row, "serial");
  chip.maker = text(f, row, "maker");
  chip.model = text(f, row, "model");
  chip.licence = typed_name(f, row, "licence");
  chip.reach = checked(f, row, "reach", Reach{}, parse_reach);
  check_reference(f, row, "maker", ImportKind::kMakers, chip.maker);
  check_reference(f, row, "licence", ImportKind::kLicences, chip.licence);
  const ChipRecord* known = id ? base_.chip(chip.id) : nullptr;
  chip.delivery =
      optional(f, row, "delivery", known == nullptr ? std::string{} : known->delivery, parse_typed_name);
  check_brought(f, row, chip);
  take_certificate(f, row, chip, id ? &*id : nullptr, chain);
  check_losses(f, row, chip);
  if (id && !has_own_name(f, row, chip)) return;
  if (id && !first_with_key(f, row, chip.id.hex(), device_id_of(chip))) return;
  if (logs_[f].total() != before && !readable({"id", "licence", "delivery"})) return;
  merge(std::move(chip), known, plan_.chips);
}

void Importer::check_losses(std::size_t f, const Row& row, const ChipRecord& chip) {
  const ChipRecord* known = base_.chip(chip.id);
  if (known == nullptr) return;
  check_loss(f, row, "serial", known->serial, chip.serial);
  check_loss(f, row, "licence", known->licence, chip.licence);
  check_loss(f, row, "delivery", known->delivery, chip.delivery);
}

bool Importer::has_own_name(std::size_t f, const Row& row, const ChipRecord& chip) {
  const ChipRecord* other = next_.chip(chip.id);  // of the base, or of an earlier row
  if (other == nullptr || other->device_id == chip.device_id) return true;
  fault(f, row, "id",
        "has the same name on the wire, " + chip.id.hex() + ", as chip " + device_id_of(*other) +
            "; no two chips may, so one of them needs another id from its maker");
  return false;
}

void Importer::take_certificate(std::size_t f, const Row& row, ChipRecord& chip, const DeviceId* id,
                                const ReadChain& chain) {
  const Place place{f, row["certificate_pem"].line};
  const auto wrong = [&](std::string problem) { fault(place, "certificate_pem", std::move(problem)); };
  if (!chain.fault.empty()) return wrong(chain.fault);
  const auto& own = chain.certificates.front();
  if (!own) return wrong("cannot be used: " + own.error().text);
  const Certificate& certificate = *own;
  chip.certificate.assign(certificate.der().begin(), certificate.der().end());
  if (!chain.device) {
    return wrong(certificate.is_authority()
                     ? "begins with an authority, \"" + certificate.subject() +
                           "\"; the chip's own certificate comes first, then the device CAs above it"
                     : "names no chip: its subject serialNumber must be the chip id in hexadecimal");
  }
  if (id != nullptr && *chain.device != *id)
    return wrong("is for chip " + chain.device->hex() + ", not for the id of this row");
  const std::vector<Certificate>* authorities = authorities_of(chip.maker);
  const auto issuers = take_issuers(place, chain, authorities);
  if (!issuers) return;
  for (const Certificate& issuer : *issuers)
    chip.issuers.emplace_back(issuer.der().begin(), issuer.der().end());
  // An unchanged row was verified when it came in; today it may be expired, which is for the verdict to
  // say.
  const ChipRecord* known = base_.chip(chip.id);
  const bool unchanged = known != nullptr && known->certificate == chip.certificate &&
                         known->issuers == chip.issuers && known->maker == chip.maker;
  if (unchanged) return;               // check_uncovered looks at it where authorities or lists change
  if (authorities == nullptr) return;  // the maker has a fault of its own
  unverified_.push_back({place, certificate, *issuers, &verifier_of(chip.maker, *authorities)});
  if (unverified_.size() >= kVerifiedAtOnce) verify_certificates();
}

const DeviceVerifier& Importer::verifier_of(const std::string& maker_name,
                                            const std::vector<Certificate>& authorities) {
  if (const auto known = verifiers_.find(maker_name); known != verifiers_.end()) return known->second;
  const MakerRevocations* revocations = next_.revocations(maker_name);
  const auto lists =
      revocations == nullptr ? std::span<const RevocationList>{} : std::span{revocations->lists};
  return verifiers_.emplace(maker_name, DeviceVerifier{authorities, options_.now, lists}).first->second;
}

void Importer::verify_certificates() {
  std::vector<std::string> problems(unverified_.size());
  at_once(unverified_.size(), [&](std::size_t i) {
    const Unverified& one = unverified_[i];
    const auto verified = one.verifier->verify(one.certificate, one.issuers);
    if (!verified) problems[i] = "is not accepted: " + verified.error().text;
  });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!problems[i].empty()) fault(unverified_[i].place, "certificate_pem", std::move(problems[i]));
  }
  unverified_.clear();
}

std::optional<std::vector<Certificate>> Importer::take_issuers(Place place, const ReadChain& chain,
                                                               const std::vector<Certificate>* authorities) {
  const auto wrong = [&](std::string problem) {
    fault(place, "certificate_pem", std::move(problem));
    return std::nullopt;
  };
  std::vector<Certificate> issuers;
  for (std::size_t i = 1; i < chain.blocks; ++i) {
    const std::string which = "certificate " + std::to_string(i + 1);
    const auto& issuer = chain.certificates[i];
    if (!issuer) return wrong(which + " cannot be used: " + issuer.error().text);
    if (!chain.issued_below[i]) {
      return wrong(which + ", \"" + issuer->subject() +
                   "\", did not issue the one before it; give the chip's own first, then each one's issuer");
    }
    // Whole chains end with the maker's authorities, which belong to the maker and may change there.
    const bool of_maker =
        authorities != nullptr &&
        std::any_of(authorities->begin(), authorities->end(), [&](const Certificate& authority) {
          return authority.fingerprint() == issuer->fingerprint();
        });
    if (of_maker) break;
    issuers.push_back(*issuer);
  }
  if (issuers.size() + 1 > kChainMax) {
    return wrong("has " + std::to_string(issuers.size() + 1) +
                 " certificates below the maker's authorities; at most " + std::to_string(kChainMax) +
                 " are taken. Put the upper ones into the maker's ca_pem");
  }
  return issuers;
}

}  // namespace chiploc
