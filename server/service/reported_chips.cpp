#include "server/service/reported_chips.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "server/service/views.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kChangesRead = 64;  // at once, newest first, until one is old enough

const std::vector<std::uint32_t> kProofs{static_cast<std::uint32_t>(ReportedState::kVerified),
                                         static_cast<std::uint32_t>(ReportedState::kCleared),
                                         static_cast<std::uint32_t>(ReportedState::kOutside),
                                         static_cast<std::uint32_t>(ReportedState::kProhibited)};

bool is_state(std::uint32_t number) { return number >= 1 && number <= 7; }

void add_registry_facts(const Registry& registry, const ChipRecord& record, ReportedChip& chip) {
  chip.device_id = device_id_of(record);
  chip.serial = record.serial;
  chip.maker = record.maker;
  chip.model = record.model;
  const ModelRecord* model = registry.model(record.model);
  if (model != nullptr && model->maker == record.maker) chip.eccn = model->eccn;
  chip.licence = record.licence;
  chip.delivery = record.delivery;
  if (const DeliveryRecord* delivery = registry.delivery(record.delivery)) {
    chip.order = delivery->order;
    chip.site = delivery->site;
  }
  const OrderRecord* order = registry.order_of(record);
  const LicenceRecord* licence = registry.licence(record.licence);
  if (order != nullptr) {
    chip.end_user = order->end_user;
  } else if (licence != nullptr) {
    chip.end_user = licence->end_user;
  }
}

/// What it was held for by then: as it is, where that has been so since; else by what changed.
Answer<Done> add_status(StatusReader& reader, WallTime as_of, ReportedChip& chip) {
  const auto now = reader.status(chip.id);
  if (!now) return Fail{fault_of(now.error())};
  if (!*now) return Done{};
  const auto story = parse_story((*now)->story);
  if ((*now)->since <= as_of) {
    if ((*now)->state >= kChipStates) return Done{};
    chip.status = static_cast<ChipState>((*now)->state);
    chip.status_since = (*now)->since;
    if (story) chip.rests_on = grounds_of(*story).rests_on;
    return Done{};
  }
  StatusChangeQuery query{.chip = chip.id, .limit = kChangesRead};
  while (true) {
    const auto page = reader.list_changes(query);
    if (!page) return Fail{fault_of(page.error())};
    for (const StatusChangeRecord& change : page->rows) {
      if (change.at > as_of || change.to >= kChipStates) continue;
      chip.status = static_cast<ChipState>(change.to);
      chip.status_since = change.at;
      chip.rests_on = change.rests_on;
      return Done{};
    }
    if (!page->next) break;
    query.after = page->next;
  }
  if (story && story->begun <= as_of) {  // nothing had changed yet
    chip.status = ChipState::kPending;
    chip.status_since = story->begun;
  }
  return Done{};
}

Answer<std::optional<ReportedVerdict>> reported(const VerdictRow& row) {
  if (!is_state(row.state)) return std::optional<ReportedVerdict>{};
  const auto verdict = read_verdict(row.summary, VerdictRecord::kFlat);
  if (!verdict) return Fail{verdict.error()};
  ReportedVerdict out{row.id, static_cast<ReportedState>(row.state), row.decided, row.expires, {}};
  out.countries.assign(verdict->countries().begin(), verdict->countries().end());
  return std::optional{std::move(out)};
}

/// The newest verdict of these states that was decided by then.
Answer<std::optional<ReportedVerdict>> newest_by(VerdictReader& reader, const ChipId& chip, WallTime as_of,
                                                 const std::vector<std::uint32_t>& states) {
  const auto page =
      reader.list_verdicts({.chips = {chip}, .states = states, .limit = 1, .until = as_of + Nanoseconds{1}});
  if (!page) return Fail{fault_of(page.error())};
  if (page->rows.empty()) return std::optional<ReportedVerdict>{};
  return reported(page->rows.front());
}

Answer<Done> add_verdicts(VerdictReader& reader, const ChipStanding& standing, WallTime as_of,
                          ReportedChip& chip) {
  if (!standing.latest) return Done{};
  auto newest =
      standing.latest->decided <= as_of ? reported(*standing.latest) : newest_by(reader, chip.id, as_of, {});
  if (!newest) return Fail{newest.error()};
  chip.newest = std::move(*newest);
  if (!chip.newest) return Done{};
  if (proves_place(*chip.newest, as_of)) {
    chip.proof = chip.newest;
    return Done{};
  }
  auto proof = newest_by(reader, chip.id, as_of, kProofs);
  if (!proof) return Fail{proof.error()};
  if (*proof && proves_place(**proof, as_of)) chip.proof = std::move(*proof);
  return Done{};
}

using SpoolJson = nlohmann::json;

SpoolJson json_of(const ReportedVerdict& verdict) {
  return SpoolJson::array({verdict.id.hex(), static_cast<unsigned>(verdict.state),
                           verdict.decided.since_epoch.count(), verdict.expires.since_epoch.count(),
                           verdict.countries});
}
std::optional<ReportedVerdict> verdict_in(const SpoolJson& json) {
  if (json.is_null()) return std::nullopt;
  const auto id = VerdictId::from_hex_text(json.at(0).get<std::string>());
  if (!id) return std::nullopt;
  return ReportedVerdict{*id, static_cast<ReportedState>(json.at(1).get<unsigned>()),
                         WallTime{Nanoseconds{json.at(2).get<std::int64_t>()}},
                         WallTime{Nanoseconds{json.at(3).get<std::int64_t>()}},
                         json.at(4).get<std::vector<std::string>>()};
}

}  // namespace

Answer<std::vector<ReportedChip>> chips_as_of(const Registry& registry, StoreReader& reader,
                                              const std::vector<ChipId>& page, WallTime as_of) {
  std::vector<ReportedChip> out;
  std::vector<ChipId> known;
  for (const ChipId& id : page) {
    const ChipRecord* record = registry.chip(id);
    if (record == nullptr) continue;
    known.push_back(id);
    out.push_back({.id = id});
    add_registry_facts(registry, *record, out.back());
  }
  const auto standings = reader.verdicts().standings(known);
  if (!standings) return Fail{fault_of(standings.error())};
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (const auto added = add_status(reader.statuses(), as_of, out[i]); !added) return Fail{added.error()};
    const auto added = add_verdicts(reader.verdicts(), (*standings)[i], as_of, out[i]);
    if (!added) return Fail{added.error()};
  }
  return out;
}

Answer<ReportedChips> ReportedChips::gather(const Registry& registry, StoreReader& reader,
                                            const std::vector<ChipId>& ids, WallTime as_of) {
  ReportedChips out;
  out.file_ = ReportFile::make();
  const auto no_room = [] {
    return Fail{ApiFault{ApiFaultCode::kExhausted,
                         std::string{"no room on chiplocd's machine to make the report ("} +
                             std::strerror(errno) +
                             "); make some in its folder for temporary files, and ask again"}};
  };
  if (!out.file_) return no_room();
  for (std::size_t at = 0; at < ids.size(); at += kPage) {
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + kPage, ids.size()));
    const auto page =
        chips_as_of(registry, reader, {ids.begin() + static_cast<std::ptrdiff_t>(at), end}, as_of);
    if (!page) return Fail{page.error()};
    for (const ReportedChip& chip : *page) {
      count(out.totals_, chip, as_of);
      out.file_->append(spool_line(chip));
    }
  }
  if (!out.file_->ok()) return no_room();
  return out;
}

EachChip ReportedChips::each() {
  return [this](const std::function<void(const ReportedChip&)>& visit) {
    file_->rewind();
    std::string line;
    std::uint64_t seen = 0;
    while (file_->next_line(line)) {
      const auto chip = read_spool_line(line);
      if (!chip) return false;
      visit(*chip);
      ++seen;
    }
    return seen == totals_.chips;
  };
}

std::string spool_line(const ReportedChip& chip) {
  SpoolJson rests = SpoolJson::array();
  for (const VerdictId& id : chip.rests_on) rests.push_back(id.hex());
  const SpoolJson json = SpoolJson::array(
      {chip.id.hex(), chip.device_id, chip.serial, chip.maker, chip.model, chip.eccn, chip.licence,
       chip.order, chip.delivery, chip.site, chip.end_user, chip.status ? static_cast<int>(*chip.status) : -1,
       chip.status_since.since_epoch.count(), std::move(rests),
       chip.newest ? json_of(*chip.newest) : SpoolJson{}, chip.proof ? json_of(*chip.proof) : SpoolJson{}});
  return json.dump(-1, ' ', false, SpoolJson::error_handler_t::replace) + "\n";
}

std::optional<ReportedChip> read_spool_line(const std::string& line) {
  constexpr std::size_t kFields = 16;
  const SpoolJson json = SpoolJson::parse(line, nullptr, false);
  if (!json.is_array() || json.size() != kFields) return std::nullopt;
  try {
    const auto text = [&](std::size_t at) { return json.at(at).get<std::string>(); };
    const auto id = ChipId::from_hex_text(text(0));
    const int status = json.at(11).get<int>();
    if (!id || status < -1 || status >= static_cast<int>(kChipStates)) return std::nullopt;
    ReportedChip chip{*id,     text(1), text(2), text(3), text(4), text(5),
                      text(6), text(7), text(8), text(9), text(10)};
    if (status >= 0) chip.status = static_cast<ChipState>(status);
    chip.status_since = WallTime{Nanoseconds{json.at(12).get<std::int64_t>()}};
    for (const auto& one : json.at(13)) {
      if (const auto verdict = VerdictId::from_hex_text(one.get<std::string>()))
        chip.rests_on.push_back(*verdict);
    }
    chip.newest = verdict_in(json.at(14));
    chip.proof = verdict_in(json.at(15));
    return chip;
  } catch (const SpoolJson::exception&) {
    return std::nullopt;
  }
}

}  // namespace chiploc
