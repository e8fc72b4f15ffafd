// Whether a change of a maker's authorities or lists leaves registered chips behind.
#include <algorithm>
#include <map>
#include <set>

#include "server/registry/importer.hpp"

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;

std::optional<std::vector<Certificate>> parsed_chain(const std::vector<ByteVector>& ders) {
  std::vector<Certificate> out;
  for (const ByteVector& der : ders) {
    auto certificate = Certificate::from_der(der);
    if (!certificate) return std::nullopt;
    out.push_back(*std::move(certificate));
  }
  return out;
}

/// A maker's authorities and lists at one time, and what of them can be told once for all chips.
///
/// Cost   A chip whose issuer is the only authority of its name, and has a list that covers it, costs the
///        parsing of its certificate (some 30 us); every other one a path validation, with a hash over the
///        lists of its path.
class Vouching {
 public:
  Vouching(const std::vector<Certificate>& authorities, const MakerRevocations* revocations, WallTime now)
      : authorities_{authorities},
        lists_{revocations == nullptr ? std::span<const RevocationList>{} : std::span{revocations->lists}},
        now_{now},
        verifier_{authorities, now, lists_} {
    for (std::size_t i = 0; i < authorities_.size(); ++i) by_name_[authorities_[i].subject()].push_back(i);
  }

  [[nodiscard]] Result<Done, CertificateFault> check(const Certificate& certificate,
                                                     const std::vector<Certificate>& issuers) const {
    return verifier_.verify(certificate, issuers);
  }

  /// True only if check() finds an issuer and a list, whatever else it finds; `before` has to know the same
  /// issuer.
  [[nodiscard]] bool plainly_covered(const Certificate& certificate, const Vouching& before) const {
    const std::string name = certificate.issuer();
    const auto mine = by_name_.find(name);
    const auto theirs = before.by_name_.find(name);
    if (mine == by_name_.end() || theirs == before.by_name_.end()) return false;
    if (mine->second.size() != 1 || theirs->second.size() != 1) return false;
    const std::size_t index = mine->second.front();
    const Certificate& issuer = authorities_[index];
    if (issuer.fingerprint() != before.authorities_[theirs->second.front()].fingerprint()) return false;
    if (issuer.subject() != issuer.issuer() && by_name_.count(issuer.issuer()) > 0) return false;
    if (lists_.empty()) return true;
    const auto [known, fresh] = lists_of_.try_emplace(index);
    for (const RevocationList& list : lists_) {
      const auto next = list.next_update();
      const bool current = !(now_ < list.this_update()) && (!next || now_ < *next);
      if (fresh && current && list.signed_by(issuer)) known->second.push_back(list);
    }
    return std::any_of(known->second.begin(), known->second.end(),
                       [&](const RevocationList& list) { return list.covers(certificate); });
  }

 private:
  const std::vector<Certificate>& authorities_;
  std::span<const RevocationList> lists_;
  WallTime now_;
  DeviceVerifier verifier_;
  std::map<std::string, std::vector<std::size_t>> by_name_;
  mutable std::map<std::size_t, std::vector<RevocationList>> lists_of_;  ///< current ones, by authority
};

bool is_about_lists(Code code) { return code == Code::kCrlUnusable || code == Code::kCrlStale; }

/// The chips that a change leaves without an issuer, or without a list.
struct Left {
  static constexpr std::size_t kShown = 5;
  std::size_t total = 0;
  std::vector<std::string> first;
  std::string why;

  void add(const ChipRecord& chip, const CertificateFault& fault) {
    if (total++ == 0) why = fault.text;
    if (first.size() < kShown) first.push_back(device_id_of(chip) + " (" + chip.serial + ")");
  }
  [[nodiscard]] std::string text() const {
    std::string out = joined(first, ", ");
    if (total > first.size()) out += " and " + std::to_string(total - first.size()) + " more";
    return out + "; the first: " + why;
  }
};

}  // namespace

void Importer::check_uncovered() {
  std::set<std::string> makers;
  for (const auto& maker : plan_.makers) {
    const Maker* old = base_.maker(maker->name);
    if (old == nullptr) continue;
    const std::set<std::string_view> now(maker->ca_certificates.begin(), maker->ca_certificates.end());
    const bool dropped = std::any_of(old->ca_certificates.begin(), old->ca_certificates.end(),
                                     [&](const std::string& pem) { return now.count(pem) == 0; });
    // With lists a new authority may ask for one more: of whom it certified.
    if (dropped || base_.revocations(maker->name) != nullptr) makers.insert(maker->name);
  }
  for (const auto& revocations : plan_.revocations) makers.insert(revocations->maker);
  for (const std::string& name : makers) check_uncovered(name);
}

void Importer::check_uncovered(const std::string& maker_name) {
  const Maker* old = base_.maker(maker_name);
  const std::vector<Certificate>* authorities = authorities_of(maker_name);
  if (old == nullptr || authorities == nullptr) return;
  const auto before_authorities = parse_all(*old);
  const Vouching before{before_authorities, base_.revocations(maker_name), options_.now};
  const Vouching after{*authorities, next_.revocations(maker_name), options_.now};
  Left without_issuer;
  Left without_list;
  for (const auto& [id, chip] : base_.chips()) {
    if (chip->maker != maker_name) continue;
    const ChipRecord* now = next_.chip(id);
    // One that comes with another certificate was verified as it came in.
    if (now->certificate != chip->certificate || now->issuers != chip->issuers || now->maker != maker_name)
      continue;
    const auto certificate = Certificate::from_der(chip->certificate);
    if (!certificate || (chip->issuers.empty() && after.plainly_covered(*certificate, before))) continue;
    const auto issuers = parsed_chain(chip->issuers);
    if (!issuers) continue;
    const auto good = after.check(*certificate, *issuers);
    if (good || good.error().code == Code::kRevoked) continue;  // that is what lists are for
    const auto was = before.check(*certificate, *issuers);
    const bool made_worse =
        was || (was.error().code == Code::kCrlStale && good.error().code == Code::kCrlUnusable);
    if (!made_worse) continue;
    (is_about_lists(good.error().code) ? without_list : without_issuer).add(*chip, good.error());
  }
  const auto& lists = places_[ImportKind::kRevocations];
  const auto& makers = places_[ImportKind::kMakers];
  const auto row = [&](const auto& rows, const auto& others) {
    return rows.count(maker_name) > 0 ? rows.at(maker_name) : others.at(maker_name);
  };
  if (without_issuer.total > 0) {
    fault(row(makers, lists), makers.count(maker_name) > 0 ? "ca_pem" : "crl_pem",
          "leaves " + std::to_string(without_issuer.total) +
              " registered chips without an issuer: " + without_issuer.text() +
              ". Keep the old certificate beside the new one, or import those chips with new certificates");
  }
  if (without_list.total > 0) {
    fault(row(lists, makers), lists.count(maker_name) > 0 ? "crl_pem" : "ca_pem",
          "leaves " + std::to_string(without_list.total) +
              " registered chips without a list that covers them: " + without_list.text() +
              ". Give the lists of their issuers as well, or lists that cover them. The list of a device CA, "
              "which stands behind the chips' certificates, is taken with its certificate in the maker's "
              "ca_pem: put it there, in the same import");
  }
}

}  // namespace chiploc
