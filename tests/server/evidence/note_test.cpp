// Signed notes: read to the byte, keys by their ids, and answers that others made.
#include "server/evidence/note.hpp"

#include "proto/base/base64.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace note_test {

// The example of the documentation of golang.org/x/mod/sumdb/note.
const std::string kText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string kVkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kLine =
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST_CASE("note: another implementation's note is read, and its signature is good", "[evidence]") {
  const auto key = parse_vkey(kVkey);
  REQUIRE(key);
  CHECK(key->name == "PeterNeumann");
  CHECK(key->id == 0xc74f20a3);
  CHECK(key->type == 1);
  CHECK(vkey_text(*key) == kVkey);
  CHECK(parse_vkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"));
  const auto note = parse_note(kText + "\n" + kLine);
  REQUIRE(note);
  CHECK(note->text == kText);
  CHECK(note_text(*note) == kText + "\n" + kLine);
  const auto found = signatures_of(*note, *key);
  REQUIRE(found.size() == 1);
  CHECK(PublicKey::from_raw_ed25519(key->material)->verify(bytes_of(note->text), found[0]->bytes));
  NoteKey other = *key;
  other.name = "PeterNeuman";
  CHECK(signatures_of(*note, other).empty());
  other = *key;
  ++other.id;
  CHECK(signatures_of(*note, other).empty());
}

TEST_CASE("note: the text ends at the last empty line, and may have others", "[evidence]") {
  const auto note = parse_note("a\n\nb\n\n" + kLine + kLine);
  REQUIRE(note);
  CHECK(note->text == "a\n\nb\n");
  CHECK(note->signatures.size() == 2);
  CHECK(parse_note("\n\n" + kLine).value().text == "\n");
}

TEST_CASE("note: what is not exactly a note is refused by its line", "[evidence]") {
  const auto said = [](const std::string& bytes) {
    const auto note = parse_note(bytes);
    REQUIRE_FALSE(note);
    return note.error();
  };
  CHECK(said("") == "has no empty line between its text and its signatures");
  CHECK(said("a\n" + kLine) == "has no empty line between its text and its signatures");
  CHECK(said("a\n\n") == "has no signature");
  CHECK(said("a\n\n" + kLine + "x\n") == "signature 2: does not begin with a dash and a blank");
  CHECK(said("a\n\n" + kLine.substr(0, kLine.size() - 1)) == "signature 1: its line does not end");
  CHECK(said("a\r\n\n" + kLine) == "is no UTF-8 text, or has control characters");
  CHECK(said("a\xff\n\n" + kLine) == "is no UTF-8 text, or has control characters");
  const std::string wrong = "signature 1: is no name and base64 of more than four bytes";
  for (const std::string& line :
       {std::string{"a+b AAAAAAA="}, std::string{" AAAAAAA="}, std::string{"a AAAAAA=="},
        std::string{"a  AAAAAAA="}, std::string{"a AAAAAAA"}, std::string{"a"}, std::string{"a AAAAAAA= "},
        std::string{"a\xC2\xA0"} + "b AAAAAAA=", std::string{"a\xE2\x80\xAE"} + "b AAAAAAA="}) {
    INFO(line);
    CHECK(said("a\n\n\xE2\x80\x94 " + line + "\n") == wrong);
  }
  CHECK(said("a\n\n- a AAAAAAA=\n") == "signature 1: does not begin with a dash and a blank");
  std::string many = "a\n\n";
  for (std::size_t i = 0; i <= kNoteSignaturesMax; ++i) many += kLine;
  CHECK(said(many) == "has more than 64 signatures");
  CHECK(said(std::string(kNoteBytesMax + 1, 'a')) == "is longer than 262144 bytes");
}

TEST_CASE("note: a key's line has to fit together", "[evidence]") {
  const auto said = [](const std::string& text) {
    const auto key = parse_vkey(text);
    REQUIRE_FALSE(key);
    return key.error();
  };
  CHECK(said(kVkey + "A").find("base64") != std::string::npos);
  CHECK(said("PeterNeumann+c74f20a4+" + kVkey.substr(22)).find("does not follow") != std::string::npos);
  CHECK(said("PeterNeumann+C74F20A3+" + kVkey.substr(22)).find("lower case") != std::string::npos);
  CHECK(said("Peter Neumann+c74f20a3+" + kVkey.substr(22)).find("name") != std::string::npos);
  CHECK(said("+c74f20a3+" + kVkey.substr(22)).find("name") != std::string::npos);
  CHECK(said("PeterNeumann").find("NAME+ID+BASE64") != std::string::npos);
  CHECK(said("a+00000000+AQ==").find("base64 of a key") != std::string::npos);
  CHECK(said("a+00000000+AQI=").find("has 32 bytes, not 1") != std::string::npos);
  // A type that is none of ours is kept, and judged by nobody.
  const ByteVector material{1, 2, 3};
  const NoteKey unknown = make_note_key("a", static_cast<NoteSignatureType>(0xfa), material);
  CHECK(parse_vkey(vkey_text(unknown)).value() == unknown);
  CHECK(note_algorithm(0xfa) == nullptr);
  CHECK(note_algorithm(6)->key_bytes == 1'312);
}

TEST_CASE("note: names", "[evidence]") {
  CHECK(is_note_name("example.com/log"));
  CHECK(is_note_name("M\xC3\xBCller"));
  CHECK(is_note_name(std::string(kNoteNameMax, 'a')));
  for (const std::string& bad :
       {std::string{}, std::string(kNoteNameMax + 1, 'a'), std::string{"a b"}, std::string{"a+b"},
        std::string{"a\n"}, std::string{"a\xE3\x80\x80"}, std::string{"a\xff"}}) {
    INFO(bad);
    CHECK_FALSE(is_note_name(bad));
  }
}

}  // namespace note_test
}  // namespace chiploc::test
