#include <algorithm>
#include <cstdio>
#include <utility>

#include "server/registry/importer.hpp"

namespace chiploc {
namespace {

/// Which of the maker's authorities signed this list; authorities.size() if none did.
std::size_t signer_of(const RevocationList& list, const std::vector<Certificate>& authorities) {
  const auto signer = std::find_if(authorities.begin(), authorities.end(),
                                   [&](const Certificate& authority) { return list.signed_by(authority); });
  return static_cast<std::size_t>(signer - authorities.begin());
}

std::string day_of(WallTime time) {
  return to_text(
      Date{std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{time.since_epoch})});
}

/// When a list was issued, and its number: two of one day differ by these alone.
std::string issue_of(const RevocationList& list) {
  const auto second = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<Nanoseconds>{list.this_update().since_epoch});
  const std::chrono::hh_mm_ss time{second - std::chrono::floor<std::chrono::days>(second)};
  char text[32];
  std::snprintf(text, sizeof text, " %02d:%02d:%02d UTC", static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  const std::string number = list.number();
  return day_of(list.this_update()) + text + " (" + (number.empty() ? "no number" : "number " + number) + ")";
}

/// What to do about a list that none of the maker's authorities signed.
std::string signer_problem(const RevocationList& list, const std::vector<Certificate>& authorities) {
  const auto barred = std::find_if(authorities.begin(), authorities.end(), [&](const Certificate& authority) {
    return list.signed_without_right_by(authority);
  });
  if (barred != authorities.end()) {
    return " is signed by " + shown(barred->subject()) +
           ", whose key usage does not let it sign lists (no cRLSign); put a certificate of this authority "
           "with cRLSign into the maker's ca_pem, or give a list by an authority that may";
  }
  return " is signed by none of the maker's authorities (or not with Ed25519, ECDSA or "
         "RSA and SHA-2); its issuer is " +
         shown(list.issuer()) +
         ". If that is a device CA, which stands behind the chips' certificates, put its certificate into "
         "the maker's ca_pem, in the same import";
}

}  // namespace

void Importer::take_revocations(std::size_t f, const Row& row) {
  const auto before = logs_[f].total();
  MakerRevocations record;
  record.maker = text(f, row, "maker");
  if (!record.maker.empty() && base_.maker(record.maker) == nullptr &&
      !is_named(ImportKind::kMakers, record.maker)) {
    fault(f, row, "maker",
          "no maker " + shown(record.maker) +
              " is registered or in this import; import it first or with this file");
  }
  const std::vector<Certificate>* authorities = authorities_of(record.maker);
  if (authorities != nullptr) {
    record.lists = usable_lists(f, row["crl_pem"], *authorities);
    const MakerRevocations* known = base_.revocations(record.maker);
    if (logs_[f].total() == before && known != nullptr)
      check_succession(f, row["crl_pem"], record.lists, *known, *authorities);
  }
  if (!record.maker.empty() && !first_with_key(f, row, record.maker)) return;
  if (logs_[f].total() != before || authorities == nullptr) return;  // a maker has its own fault otherwise
  const MakerRevocations* known = base_.revocations(record.maker);
  merge(std::move(record), known, plan_.revocations);
}

std::vector<RevocationList> Importer::usable_lists(std::size_t f, const RowCell& cell,
                                                   const std::vector<Certificate>& authorities) {
  std::vector<RevocationList> lists;
  const auto wrong = [&](std::string problem) { fault({f, cell.line}, "crl_pem", std::move(problem)); };
  const auto blocks = split_pem(cell.text, "X509 CRL");
  if (!blocks) {
    wrong(blocks.error());
    return lists;
  }
  std::vector<std::pair<std::size_t, RevocationList>> seen;  // by whom, whatever else is wrong with it
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const std::string name = "list " + std::to_string(i + 1);
    const auto list = RevocationList::from_pem((*blocks)[i]);
    if (!list) {
      wrong(name + " cannot be used: " + list.error().text);
      continue;
    }
    const std::size_t signer = signer_of(*list, authorities);
    const auto next = list->next_update();
    const bool second = std::any_of(seen.begin(), seen.end(), [&](const auto& other) {
      return other.first == signer && other.second.overlaps(*list);
    });
    if (signer == authorities.size()) {
      wrong(name + signer_problem(*list, authorities));
    } else if (!list->unusable().empty()) {
      wrong(name + " " + list->unusable() + ", so it clears nobody; give the complete list");
    } else if (second) {
      wrong(name + " is a second one of " + shown(list->issuer()) + " for the same certificates (" +
            list->scope() + "); keep the newer");
    } else if (!next) {
      wrong(name + " names no next update, so nobody could tell when it is out of date; give one that does");
    } else if (options_.now < list->this_update()) {
      wrong(name + " is from the future, " + day_of(list->this_update()) + "; look at the clocks");
    } else if (*next <= options_.now) {
      wrong(name + " is out of date since " + day_of(*next) + "; give the current one");
    } else {
      lists.push_back(*list);
    }
    if (signer < authorities.size()) seen.emplace_back(signer, *list);
  }
  return lists;
}

void Importer::check_succession(std::size_t f, const RowCell& cell, const std::vector<RevocationList>& lists,
                                const MakerRevocations& known, const std::vector<Certificate>& authorities) {
  std::vector<std::size_t> signers;
  for (const RevocationList& list : lists) signers.push_back(signer_of(list, authorities));
  const auto wrong = [&](std::string problem) { fault({f, cell.line}, "crl_pem", std::move(problem)); };
  for (const RevocationList& old : known.lists) {
    const std::size_t signer = signer_of(old, authorities);
    if (signer == authorities.size()) continue;  // of an authority that is the maker's no longer
    bool any = false;
    bool followed = false;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (signers[i] != signer) continue;
      any = true;
      // One published elsewhere by now follows it too, if it takes nothing back.
      const bool follows =
          lists[i].overlaps(old) || (!lists[i].older_than(old) && lists[i].revokes_all_of(old));
      followed = followed || follows;
      if (!follows || !lists[i].older_than(old)) continue;
      wrong("has a list of " + shown(old.issuer()) + " of " + issue_of(lists[i]) +
            " that is older than the registered one of " + issue_of(old) + "; give the current one");
    }
    if (!followed) {
      wrong("has no list of " + shown(old.issuer()) +
            (any ? " for what the registered one covers (" + old.scope() + ")" : "") +
            ", which gave one before; leaving it out would clear what it revokes");
    }
  }
}

}  // namespace chiploc
