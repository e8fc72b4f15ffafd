#include "server/storage/sqlite/order_stories.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::size_t kOrdersPageMax = 10'000;
constexpr const char* kStoryColumns = "SELECT order_id, state, since_unix_ns, due_unix_ns, story ";

OrderStoryRecord order_of(const Query& row) {
  return {row.text(0), row.small(1), row.time(2), row.is_null(3) ? std::nullopt : std::optional{row.time(3)},
          row.blob(4)};
}
FollowedChip followed_chip_of(const Query& row) {
  return {row.id<ChipId>(0), row.text(1), row.text(2), row.text(3), row.small(4), row.integer(5) != 0};
}

}  // namespace

Stored<std::optional<OrderStoryRecord>> read_order_story(Database& db, std::string_view order) {
  auto row = db.query(std::string{kStoryColumns} + "FROM order_stories WHERE order_id = ?");
  row.bind(order);
  std::optional<OrderStoryRecord> out;
  if (row.next()) out = order_of(row);
  if (row.failed()) return Fail{db.fault("read what the order is held for")};
  return out;
}

Stored<OrderStoryPage> read_order_stories(Database& db, const OrderStoryQuery& query) {
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kOrdersPageMax);
  const bool one = query.states.size() == 1;
  auto rows = db.query(std::string{kStoryColumns} + "FROM order_stories WHERE " +
                       (one ? "state = ? AND " : "") + "order_id > ? ORDER BY order_id");
  if (one) rows.bind(query.states.front());
  rows.bind(query.after);
  OrderStoryPage page;
  std::string last;
  for (std::size_t scanned = 0; rows.next(); ++scanned) {
    if (scanned >= query.scan_max) {
      page.next = last;
      break;
    }
    const std::uint32_t state = rows.small(1);
    const bool fits = query.states.empty() ||
                      std::find(query.states.begin(), query.states.end(), state) != query.states.end();
    std::string order = rows.text(0);
    if (!fits || (query.wanted && !query.wanted(order))) {
      last = std::move(order);
      continue;
    }
    if (page.rows.size() == limit) {
      page.next = page.rows.back().order;
      break;
    }
    last = std::move(order);
    page.rows.push_back(order_of(rows));
  }
  if (rows.failed()) return Fail{db.fault("list what orders are held for")};
  return page;
}

Stored<std::vector<OrderStoryRecord>> read_due_orders(Database& db, WallTime now, std::size_t limit) {
  auto rows = db.query(std::string{kStoryColumns} +
                       "FROM order_stories WHERE due_unix_ns <= ? ORDER BY due_unix_ns, order_id LIMIT ?");
  rows.bind(now).bind(std::uint64_t{limit});
  std::vector<OrderStoryRecord> out;
  while (rows.next()) out.push_back(order_of(rows));
  if (rows.failed()) return Fail{db.fault("look up which orders are due")};
  return out;
}

Stored<std::vector<OrderChangeRecord>> read_order_changes(Database& db, std::string_view order,
                                                          std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT order_id, number, at_unix_ns, kind, from_state, to_state, rests_on, more, who, why
    FROM order_changes WHERE order_id = ? ORDER BY number DESC LIMIT ?)sql");
  rows.bind(order).bind(std::uint64_t{limit});
  std::vector<OrderChangeRecord> out;
  while (rows.next()) {
    OrderChangeRecord change{rows.text(0),  rows.small(1), rows.time(2), rows.small(3),
                             rows.small(4), rows.small(5), {},           rows.small(7),
                             rows.text(8),  rows.text(9)};
    const ByteVector ids = rows.blob(6);
    for (std::size_t i = 0; i + ChipId::kSize <= ids.size(); i += ChipId::kSize)
      change.rests_on.push_back(*ChipId::from_bytes(Bytes{ids}.subspan(i, ChipId::kSize)));
    out.push_back(std::move(change));
  }
  if (rows.failed()) return Fail{db.fault("read what changed of the order")};
  return out;
}

Stored<std::optional<FollowedChip>> read_followed(Database& db, const ChipId& chip) {
  auto row =
      db.query("SELECT chip, order_id, licence, site, state, measured FROM followed_chips WHERE chip = ?");
  row.bind(chip);
  std::optional<FollowedChip> out;
  if (row.next()) out = followed_chip_of(row);
  if (row.failed()) return Fail{db.fault("read where the chip is counted")};
  return out;
}

Stored<std::vector<FollowedChip>> read_followed_of(Database& db, std::string_view order,
                                                   const std::optional<ChipId>& after, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip, order_id, licence, site, state, measured FROM followed_chips
    WHERE order_id = ? AND order_id <> '' AND chip > ? ORDER BY chip LIMIT ?)sql");
  rows.bind(order);
  after ? rows.bind(*after) : rows.bind(Bytes{});
  rows.bind(std::uint64_t{limit});
  std::vector<FollowedChip> out;
  while (rows.next()) out.push_back(followed_chip_of(rows));
  if (rows.failed()) return Fail{db.fault("read the chips of the order")};
  return out;
}

Stored<std::vector<ChipId>> read_not_followed(Database& db, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip FROM chip_status
    WHERE NOT EXISTS (SELECT 1 FROM followed_chips f WHERE f.chip = chip_status.chip)
    ORDER BY chip LIMIT ?)sql");
  rows.bind(std::uint64_t{limit});
  std::vector<ChipId> out;
  while (rows.next()) out.push_back(rows.id<ChipId>(0));
  if (rows.failed()) return Fail{db.fault("look up which chips are not followed yet")};
  return out;
}

Stored<std::uint32_t> SqliteOrderStories::put_order(const OrderStoryRecord& order,
                                                    std::span<const OrderChangeRecord> changes) {
  return writer_.atomically([&]() -> Stored<std::uint32_t> {
    const auto failed = [&] { return Fail{db().fault("keep what order " + order.order + " is held for")}; };
    {
      auto row = db().query(R"sql(
        INSERT INTO order_stories (order_id, state, since_unix_ns, due_unix_ns, story) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (order_id) DO UPDATE SET
          state = excluded.state, since_unix_ns = excluded.since_unix_ns, due_unix_ns = excluded.due_unix_ns,
          story = excluded.story)sql");
      row.bind(order.order).bind(order.state).bind(order.since);
      order.due ? row.bind(*order.due) : row.bind_null();
      if (!row.bind(Bytes{order.story}).run()) return failed();
    }
    std::uint32_t last = 0;
    {
      auto row = db().query("SELECT coalesce(max(number), 0) FROM order_changes WHERE order_id = ?");
      if (!row.bind(order.order).next()) return failed();
      last = row.small(0);
    }
    std::uint32_t number = last;
    for (const OrderChangeRecord& change : changes) {
      if (!save_change(change, ++number)) return failed();
    }
    return last;
  });
}

bool SqliteOrderStories::save_change(const OrderChangeRecord& change, std::uint32_t number) {
  ByteVector ids;
  for (const ChipId& id : change.rests_on) ids.insert(ids.end(), id.bytes.begin(), id.bytes.end());
  auto row = db().query(R"sql(
    INSERT INTO order_changes (order_id, number, at_unix_ns, kind, from_state, to_state, rests_on, more, who, why)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(change.order).bind(number).bind(change.at).bind(change.kind).bind(change.from).bind(change.to);
  return row.bind(Bytes{ids}).bind(change.more).bind(change.who).bind(change.why).run();
}

Stored<Done> SqliteOrderStories::put_followed(const FollowedChip& chip) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query(R"sql(
      INSERT INTO followed_chips (chip, order_id, licence, site, state, measured) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (chip) DO UPDATE SET
        order_id = excluded.order_id, licence = excluded.licence, site = excluded.site, state = excluded.state,
        measured = excluded.measured)sql");
    row.bind(chip.chip).bind(chip.order).bind(chip.licence).bind(chip.site).bind(chip.state);
    if (!row.bind(chip.measured).run())
      return Fail{db().fault("keep where chip " + chip.chip.hex() + " is counted")};
    return Done{};
  });
}

Stored<Done> SqliteOrderStories::forget_followed(const ChipId& chip) {
  return writer_.atomically([&]() -> Stored<Done> {
    if (!db().query("DELETE FROM followed_chips WHERE chip = ?").bind(chip).run())
      return Fail{db().fault("forget where chip " + chip.hex() + " was counted")};
    return Done{};
  });
}

}  // namespace chiploc
