// What need not be kept any longer goes in small steps. Keys grow with every row, so the oldest are at the
// front of each table, whatever anchors say of the time.
#include <algorithm>
#include <limits>

#include "server/storage/sqlite/mesh.hpp"

namespace chiploc {
namespace {

/// Two boot ids of one chip within this betray a clone, or tell of a restart; both knocks are kept.
constexpr Nanoseconds kTogether = std::chrono::hours{1};

}  // namespace

Stored<Pruned> SqliteMesh::prune_some(const PruneOrder& order) {
  return writer_.atomically([&]() -> Stored<Pruned> {
    Pruned out;
    out.knocks_seen = order.knocks_seen;
    std::size_t rows = 0;
    if (!prune_mesh_step(order, rows, out) || !prune_knocks_step(order, rows, out) ||
        !prune_events_step(order, rows, out))
      return Fail{db().fault("prune mesh, knocks and events")};
    out.more = rows >= order.rows;
    return out;
  });
}

std::optional<std::int64_t> SqliteMesh::first_integer(std::string_view sql) {
  auto row = db().query(sql);
  if (row.next()) return row.is_null(0) ? 0 : row.integer(0);
  return row.failed() ? std::nullopt : std::optional<std::int64_t>{0};
}

bool SqliteMesh::prune_mesh_step(const PruneOrder& order, std::size_t& rows, Pruned& out) {
  const auto last = first_integer("SELECT max(mesh_no) FROM mesh");
  if (!last) return false;
  const std::int64_t beyond =
      order.mesh_windows_max == 0 ? 0 : *last - static_cast<std::int64_t>(order.mesh_windows_max);
  while (rows < order.rows) {
    std::int64_t number = 0;
    {
      auto oldest = db().query(R"sql(
        SELECT mesh_no, coalesce(received_unix_ns, window_end_unix_ns) FROM mesh
        ORDER BY mesh_no LIMIT 1)sql");
      if (!oldest.next()) return !oldest.failed();
      number = oldest.integer(0);
      if (oldest.time(1) >= order.mesh_before && number > beyond) return true;
    }
    if (!db().query("DELETE FROM mesh_pairs WHERE mesh_no = ?").bind(number).run()) return false;
    const auto pairs = static_cast<std::uint64_t>(db().changes());
    if (!db().query("DELETE FROM mesh WHERE mesh_no = ?").bind(number).run()) return false;
    out.mesh_pairs += pairs;
    ++out.mesh_windows;
    rows += 1 + pairs;
  }
  return true;
}

bool SqliteMesh::prune_knocks_step(const PruneOrder& order, std::size_t& rows, Pruned& out) {
  const auto last = first_integer("SELECT max(knock_no) FROM knocks");
  if (!last) return false;
  const std::int64_t beyond = order.knocks_max == 0 ? 0 : *last - static_cast<std::int64_t>(order.knocks_max);
  // Above the bound those that were kept so far go as well: from the front again.
  std::int64_t after = order.knocks_seen;
  const auto first = first_integer("SELECT min(knock_no) FROM knocks");
  if (!first) return false;
  if (*first <= beyond) after = 0;
  while (rows < order.rows) {
    std::int64_t number = 0;
    bool needed = false;
    {
      auto oldest = db().query(R"sql(
        SELECT knock_no, chip, seen_unix_ns, coalesce(received_unix_ns, seen_unix_ns), boot_id
        FROM knocks WHERE knock_no > ? ORDER BY knock_no LIMIT 1)sql");
      oldest.bind(after);
      if (!oldest.next()) return !oldest.failed();
      number = oldest.integer(0);
      if (oldest.time(3) >= order.knocks_before && number > beyond) return true;
      if (number > beyond && !oldest.is_null(4)) {
        auto others = db().query(R"sql(
          SELECT 1 FROM
            (SELECT boot_id FROM knocks WHERE chip = ? AND seen_unix_ns BETWEEN ? AND ? LIMIT 256)
          WHERE boot_id <> ?)sql");
        others.bind(oldest.id<ChipId>(1)).bind(oldest.time(2) - kTogether).bind(oldest.time(2) + kTogether);
        others.bind(oldest.integer(4));
        needed = others.next();
        if (others.failed()) return false;
      }
    }
    ++rows;
    after = number;
    if (needed) {
      ++out.knocks_kept;
      out.knocks_seen = std::max(out.knocks_seen, number);
      continue;
    }
    if (!db().query("DELETE FROM knocks WHERE knock_no = ?").bind(number).run()) return false;
    ++out.knocks;
  }
  return true;
}

/// The newest stays in any case: numbers go on from it.
bool SqliteMesh::prune_events_step(const PruneOrder& order, std::size_t& rows, Pruned& out) {
  if (rows >= order.rows) return true;
  const auto first = first_integer("SELECT min(event_no) FROM events");
  const auto last = first_integer("SELECT max(event_no) FROM events");
  if (!first || !last) return false;
  const auto kept = static_cast<std::int64_t>(std::max<std::uint64_t>(order.events_max, 1));
  const std::int64_t beyond =
      std::min(*last - kept, *first + static_cast<std::int64_t>(order.rows - rows) - 1);
  if (beyond < *first) return true;
  if (!db().query("DELETE FROM events WHERE event_no <= ?").bind(beyond).run()) return false;
  const auto gone = static_cast<std::uint64_t>(db().changes());
  out.events += gone;
  rows += gone;
  return true;
}

Stored<std::uint64_t> SqliteMesh::prune_mesh(WallTime before) {
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    auto row = db().query("DELETE FROM mesh WHERE window_end_unix_ns < ?");
    if (!row.bind(before).run()) return Fail{db().fault("prune the mesh")};
    return static_cast<std::uint64_t>(db().changes());
  });
}

Stored<std::uint64_t> SqliteMesh::prune_knocks(WallTime before) {
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    auto row = db().query("DELETE FROM knocks WHERE seen_unix_ns < ?");
    if (!row.bind(before).run()) return Fail{db().fault("prune the knocks")};
    return static_cast<std::uint64_t>(db().changes());
  });
}

}  // namespace chiploc
