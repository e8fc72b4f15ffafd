#include "server/service/watch_pieces.hpp"

#include <algorithm>
#include <iterator>

#include "server/service/audit.hpp"
#include "server/service/redaction.hpp"
#include "server/service/watch_json.hpp"

namespace chiploc {
namespace {

ApiFault not_kept() {
  return {ApiFaultCode::kConflict,
          "after: events behind this one are not kept any more; read the lists, then watch anew without it"};
}

/// Behind `number`, of rows that have no gap.
template <class Rows>
bool has_behind(const Rows& rows, std::uint64_t number) {
  return !rows.empty() && rows.front().number <= number + 1 && number < rows.back().number;
}

}  // namespace

Answer<std::uint64_t> position_of(const std::string& after, StoreReader& reader) {
  const auto kept = reader.events().events_kept();
  if (!kept) return Fail{fault_of(kept.error())};
  if (after.empty()) return kept->newest;
  const auto number = read_event_id(after);
  if (!number) return Fail{number.error()};
  if (*number > kept->newest)
    return Fail{ApiFault{ApiFaultCode::kBadField, "after: this coordinator has given no such id"}};
  if (!kept->follows(*number)) return Fail{not_kept()};
  return *number;
}

Answer<std::uint64_t> WatchPieces::newest() {
  const auto kept = reader_.events().events_kept();
  if (!kept) return Fail{fault_of(kept.error())};
  return kept->newest;
}

Answer<std::vector<const StoredEvent*>> WatchPieces::rows_after(std::uint64_t number) {
  const auto behind = [&](const auto& rows) {
    std::vector<const StoredEvent*> out;
    for (std::size_t i = number + 1 - rows.front().number; i < rows.size() && out.size() < limits_.page; ++i)
      out.push_back(&rows[i]);
    return out;
  };
  if (has_behind(recent_, number)) return behind(recent_);
  if (has_behind(old_, number)) return behind(old_);
  auto read = reader_.events().events_after(number, limits_.page);
  if (!read && read.error().code == StoreFaultCode::kNotFound) return Fail{not_kept()};
  if (!read) return Fail{fault_of(read.error())};
  if (read->empty()) return std::vector<const StoredEvent*>{};
  if (!recent_.empty() && number < recent_.back().number) {
    old_ = *std::move(read);
    return behind(old_);
  }
  if (!recent_.empty() && number > recent_.back().number) recent_.clear();  // nobody watched for a while
  std::move(read->begin(), read->end(), std::back_inserter(recent_));
  while (recent_.size() > limits_.recent) recent_.pop_front();
  return behind(recent_);
}

Answer<WatchedPiece> WatchPieces::after(std::uint64_t number, const WatchClass& viewer) {
  const auto registry = registry_();
  if (std::exchange(by_, registry) != registry) {
    kept_.clear();
    order_.clear();
    kept_bytes_ = 0;
  }
  Key key{viewer, number};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  auto piece = make(number, viewer, *registry);
  if (piece) keep(std::move(key), *piece);
  return piece;
}

Answer<WatchedPiece> WatchPieces::make(std::uint64_t number, const WatchClass& viewer,
                                       const Registry& registry) {
  const auto rows = rows_after(number);
  if (!rows) return Fail{rows.error()};
  Caller caller;
  caller.sees_all = viewer.sees_all;
  auto out = std::make_shared<WatchPiece>();
  out->upto = number;
  std::size_t bytes = 0;
  for (const StoredEvent* row : *rows) {
    if (bytes >= limits_.piece_bytes || out->events.size() >= limits_.piece_events) break;
    auto told = told_event(*row, viewer, registry);
    if (!told) return Fail{told.error()};
    out->upto = row->number;
    if (!*told) continue;
    v1::WatchEvent& event = **told;
    redact(caller, event);
    if (viewer.sees_all && shows_sealed(event)) {
      if (!out->sealed) out->sealed = out->events.size();
      ++out->sealed_events;
    }
    out->json.push_back(watch_json(event).dump(-1, ' ', false, Json::error_handler_t::replace));
    bytes += out->json.back().size();
    out->events.push_back(std::move(event));
  }
  return WatchedPiece{std::move(out)};
}

void WatchPieces::keep(Key key, const WatchedPiece& piece) {
  std::size_t bytes = 256;  // of what is around it
  for (std::size_t i = 0; i < piece->events.size(); ++i)
    bytes += 2 * piece->json[i].size() + piece->events[i].SpaceUsedLong();
  kept_bytes_ += bytes;
  kept_.emplace(key, piece);
  order_.emplace_back(std::move(key), bytes);
  while (kept_bytes_ > limits_.pieces_bytes && order_.size() > 1) {
    kept_.erase(order_.front().first);
    kept_bytes_ -= order_.front().second;
    order_.pop_front();
  }
}

WatchedPiece WatchPieces::position(std::uint64_t number) const {
  auto out = std::make_shared<WatchPiece>();
  out->upto = number;
  out->events.emplace_back().set_id(event_id(number));
  out->json.push_back(watch_json(out->events.front()).dump());
  return out;
}

}  // namespace chiploc
