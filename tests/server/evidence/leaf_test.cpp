// Entries of the log: one text each, sealed fields that are opened one by one, and nothing told by what stays closed.
#include "server/evidence/leaf.hpp"

#include "proto/crypto/digest.hpp"
#include "server/evidence/tiles.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace leaf_test {

LeafSeed seed(std::uint8_t first = 1) {
  LeafSeed out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}
Leaf intent() {
  return {"intent",
          wall_from_unix_seconds(1'796'126'400),
          {{"round", "6f2a"},
           {"chip", "aaaa"},
           {"by", "alice", true},
           {"context", std::string("\0\xff any", 6), true}}};
}

TEST_CASE("leaf: its text is what the header says, to the byte", "[evidence]") {
  const auto text = leaf_text(intent(), seed());
  REQUIRE(text);
  // By hand, from the words of leaf.hpp.
  const auto salt = [](const char* name) {
    return sha256_of({bytes_of(std::string_view{"chiploc leaf salt v1\0", 21}), seed(), bytes_of(name)});
  };
  const Digest by = sha256_of({bytes_of(std::string_view{"chiploc leaf field v1\0", 22}), salt("by").bytes,
                               bytes_of(std::string_view{"by\0alice", 8})});
  CHECK(text->starts_with(
      "chiploc.leaf/1\nkind intent\nat 1796126400000000000\nround 6f2a\nchip aaaa\nsealed by " + by.hex() +
      "\nsealed context "));
  CHECK(*text == *leaf_text(intent(), seed()));
  CHECK(*text != *leaf_text(intent(), seed(2)));
  CHECK(text->find("alice") == std::string::npos);
}

TEST_CASE("leaf: what is sealed opens by its own salt and value alone", "[evidence]") {
  const Leaf read = parse_leaf(*leaf_text(intent(), seed())).value();
  CHECK(read.kind == "intent");
  CHECK(read.at == intent().at);
  REQUIRE(read.fields.size() == 4);
  CHECK(read.fields[0] == LeafField{"round", "6f2a", false});
  CHECK(read.fields[2].sealed);
  const LeafOpening good = opening_of(seed(), "by", "alice");
  CHECK(opens(read, good));
  CHECK(opens(read, opening_of(seed(), "context", std::string("\0\xff any", 6))));
  CHECK_FALSE(opens(read, opening_of(seed(), "by", "bob")));
  CHECK_FALSE(opens(read, opening_of(seed(2), "by", "alice")));
  CHECK_FALSE(opens(read, opening_of(seed(), "context", "alice")));
  CHECK_FALSE(opens(read, {"context", good.salt, "alice"}));
  CHECK_FALSE(opens(read, opening_of(seed(), "round", "6f2a")));  // that one is open
  CHECK(good.salt != opening_of(seed(), "context", "alice").salt);
}

TEST_CASE("leaf: what cannot stand in an entry is named", "[evidence]") {
  const auto said = [](const Leaf& leaf) {
    const auto text = leaf_text(leaf, seed());
    REQUIRE_FALSE(text);
    return text.error();
  };
  const WallTime now = intent().at;
  CHECK(said({"", now, {}}).find("no kind") != std::string::npos);
  CHECK(said({"In tent", now, {}}).find("no kind") != std::string::npos);
  CHECK(said({"intent", WallTime{Nanoseconds{-1}}, {}}) == "at: is before 1970");
  for (const char* name : {"", "A", "1a", "a b", "kind", "at", "sealed", "a_b"})
    CHECK(said({"intent", now, {{name, "x"}}}).find("is no name of a field") != std::string::npos);
  CHECK(said({"intent", now, {{std::string(33, 'a'), "x"}}}).find("is no name") != std::string::npos);
  for (const std::string& value :
       {std::string{}, std::string{"a\nb"}, std::string{"a\xff"}, std::string(513, 'a')})
    CHECK(said({"intent", now, {{"a", value}}}).starts_with("a: an open value has"));
  CHECK(said({"intent", now, {{"a", "1"}, {"a", "2", true}}}) == "a: stands there twice");
  Leaf many{"intent", now, {}};
  for (std::size_t i = 0; i <= kLeafFieldsMax; ++i) many.fields.push_back({"a" + std::to_string(i), "x"});
  CHECK(said(many) == "an entry has at most 512 fields");
  many.fields.pop_back();
  for (LeafField& one : many.fields) one.value = std::string(512, 'x');
  CHECK(said(many).starts_with("an entry has at most 65535 bytes"));
}

TEST_CASE("leaf: what is no entry is refused by its line", "[evidence]") {
  const std::string head = "chiploc.leaf/1\nkind a\nat 5\n", digest(64, 'a');
  CHECK(parse_leaf(head));
  CHECK(parse_leaf(head + "sealed b " + digest + "\n"));
  const auto said = [](const std::string& text) {
    const auto leaf = parse_leaf(text);
    REQUIRE_FALSE(leaf);
    return leaf.error().substr(0, 7);
  };
  CHECK(said("") == "line 1:");
  CHECK(said("chiploc.leaf/2\nkind a\nat 5\n") == "line 1:");
  CHECK(said("chiploc.leaf/1\nkind A\nat 5\n") == "line 2:");
  CHECK(said("chiploc.leaf/1\nkind a\nat 05\n") == "line 3:");
  CHECK(said("chiploc.leaf/1\nkind a\nat 9223372036854775808\n") == "line 3:");
  CHECK(said(head + "b") == "line 4:");
  CHECK(said(head + "b\n") == "line 4:");
  CHECK(said(head + "b \n") == "line 4:");
  CHECK(said(head + "at 6\n") == "line 4:");
  CHECK(said(head + "sealed b\n") == "line 4:");
  CHECK(said(head + "sealed b " + digest.substr(1) + "\n") == "line 4:");
  CHECK(said(head + "sealed b " + std::string(64, 'A') + "\n") == "line 4:");
  CHECK(said(head + "b 1\nb 2\n") == "line 5:");
  CHECK(said(head + "b 1\n\n") == "line 5:");
  CHECK_FALSE(parse_leaf(std::string(kEntryBytesMax + 1, 'a')));
}

}  // namespace leaf_test
}  // namespace chiploc::test
