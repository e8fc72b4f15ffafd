#include "server/storage/sqlite/mesh.hpp"

namespace chiploc {

Stored<std::vector<MeshPairRow>> read_mesh_pairs(Database& db, WallTime since, std::size_t limit) {
  std::vector<MeshPairRow> pairs;
  auto rows = db.query(R"sql(
    SELECT m.anchor, m.window_end_unix_ns, p.peer, p.sent, p.received, p.rtt_min_ns, p.rtt_median_ns,
           p.source
    FROM mesh m JOIN mesh_pairs p ON p.mesh_no = m.mesh_no
    WHERE m.window_end_unix_ns >= ?
    ORDER BY m.window_end_unix_ns, m.mesh_no, p.position LIMIT ?)sql");
  rows.bind(since).bind(std::uint64_t{limit});
  while (rows.next()) {
    pairs.push_back({rows.id<AnchorId>(0),
                     rows.time(1),
                     {rows.id<AnchorId>(2), rows.small(3), rows.small(4), Nanoseconds{rows.integer(5)},
                      Nanoseconds{rows.integer(6)}, static_cast<StampSource>(rows.integer(7))}});
  }
  if (rows.failed()) return Fail{db.fault("read the mesh")};
  return pairs;
}

Stored<std::optional<WallTime>> read_last_knock(Database& db, const ChipId& chip) {
  auto row = db.query(R"sql(
    SELECT coalesce(received_unix_ns, seen_unix_ns) FROM knocks WHERE chip = ?
    ORDER BY seen_unix_ns DESC LIMIT 1)sql");
  row.bind(chip);
  std::optional<WallTime> out;
  if (row.next()) out = row.time(0);
  if (row.failed()) return Fail{db.fault("read the chip's last knock")};
  return out;
}

Stored<Appended> SqliteMesh::append_mesh(const MeshRecord& mesh) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto known = writer_.seen("SELECT 1 FROM mesh WHERE anchor = ? AND spool_id = ?", mesh.from);
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    auto window = db().query(R"sql(
      INSERT INTO mesh (anchor, spool_id, window_end_unix_ns, bytes, received_unix_ns)
      VALUES (?, ?, ?, ?, nullif(?, 0)))sql");
    window.bind(mesh.from.anchor).bind_spool(mesh.from.spool_id).bind(mesh.window_end);
    bool saved = window.bind(Bytes{mesh.bytes}).bind(mesh.received).run();
    const std::int64_t number = db().last_row();
    for (std::size_t i = 0; saved && i < mesh.pairs.size(); ++i) {
      const StoredMeshPair& pair = mesh.pairs[i];
      auto row = db().query(R"sql(
        INSERT INTO mesh_pairs (mesh_no, position, peer, sent, received, rtt_min_ns, rtt_median_ns, source)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql");
      row.bind(number).bind(std::uint64_t{i}).bind(pair.peer).bind(pair.sent).bind(pair.received);
      row.bind(std::int64_t{pair.rtt_min.count()}).bind(std::int64_t{pair.rtt_median.count()});
      saved = row.bind(static_cast<std::uint32_t>(pair.source)).run();
    }
    if (!saved) return Fail{db().fault("keep a mesh report")};
    return Appended::kNew;
  });
}

Stored<Appended> SqliteMesh::append_knock(const StoredKnock& knock, std::uint64_t spool_id) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto known =
        writer_.seen("SELECT 1 FROM knocks WHERE anchor = ? AND spool_id = ?", {knock.anchor, spool_id});
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    auto row = db().query(R"sql(
      INSERT INTO knocks (chip, anchor, spool_id, seen_unix_ns, bytes, received_unix_ns, boot_id)
      VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?))sql");
    row.bind(knock.chip).bind(knock.anchor).bind_spool(spool_id).bind(knock.seen).bind(Bytes{knock.bytes});
    row.bind(knock.received);
    // As the same 64 bits: only whether two are equal is ever asked.
    if (knock.boot_id) {
      row.bind(static_cast<std::int64_t>(*knock.boot_id));
    } else {
      row.bind_null();
    }
    if (!row.run()) return Fail{db().fault("keep a knock")};
    return Appended::kNew;
  });
}

}  // namespace chiploc
