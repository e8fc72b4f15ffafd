// The log's files over HTTP: those that a log has, to the byte, and no other.
#include "server/logbook/served_log.hpp"

#include "tests/server/logbook/logbook_world.hpp"

namespace chiploc::test {
namespace served_log_test {

HttpRequest asked(std::vector<std::string> segments, std::string method = "GET") {
  HttpRequest out;
  out.method = std::move(method);
  out.segments = std::move(segments);
  return out;
}
std::string field_of(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.fields)
    if (key == name) return value;
  return {};
}

TEST_CASE("served log: checkpoint, key and tiles, as they are on disk", "[logbook]") {
  LogWorld world;
  add_verdict(*world.store, 7, 70, 2, 5);
  REQUIRE(world.opened()->integrate());
  const ServedLog served{"log", world.folder, vkey_text(world.verifier_key())};
  CHECK(served.is_for(asked({"log", "checkpoint"})));
  CHECK_FALSE(served.is_for(asked({"v1", "checkpoint"})));
  CHECK_FALSE(served.is_for(asked({})));

  const HttpReply head = served.answer(asked({"log", "checkpoint"}));
  CHECK(head.status == 200);
  CHECK(field_of(head, "cache-control") == "no-cache");
  CHECK(parse_signed_checkpoint(head.body)->checkpoint == world.log().head().checkpoint);
  CHECK(served.answer(asked({"log", "key"})).body == vkey_text(world.verifier_key()) + "\n");
  const HttpReply tile = served.answer(asked({"log", "tile", "0", "000.p", "3"}));
  CHECK(tile.status == 200);
  CHECK(tile.body.size() == 3 * Digest::kSize);
  CHECK(field_of(tile, "cache-control").find("immutable") != std::string::npos);
  const HttpReply entries = served.answer(asked({"log", "tile", "entries", "000.p", "3"}));
  CHECK(entries.status == 200);
  CHECK(entries_of(bytes_of(entries.body), 3));
}

TEST_CASE("served log: no other path reaches the disk, and nothing is written", "[logbook]") {
  LogWorld world;
  REQUIRE(world.opened()->integrate());
  std::ofstream{world.folder / "secret"} << "x";
  std::ofstream{world.folder / "checkpoint.new"} << "x";
  const ServedLog served{"log", world.folder, "key"};
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"log"},
                                             {"log", ""},
                                             {"log", "secret"},
                                             {"log", "checkpoint.new"},
                                             {"log", "checkpoint", ""},
                                             {"log", "tile/0/000.p/1"},
                                             {"log", "tile", "0", "000.p", "01"},
                                             {"log", "tile", "0", "000.p", "2"},
                                             {"log", "tile", "..", "secret"}}) {
    const HttpReply reply = served.answer(asked(path));
    CAPTURE(path.back());
    CHECK(reply.status == 404);
  }
  const HttpReply put = served.answer(asked({"log", "checkpoint"}, "PUT"));
  CHECK(put.status == 405);
  CHECK(field_of(put, "allow") == "GET, HEAD");
  std::filesystem::remove(world.folder / "checkpoint");
  std::filesystem::create_directory(world.folder / "checkpoint");
  CHECK(served.answer(asked({"log", "checkpoint"})).status == 500);
}

}  // namespace served_log_test
}  // namespace chiploc::test
