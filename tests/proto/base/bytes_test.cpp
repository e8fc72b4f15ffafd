#include "proto/base/bytes.hpp"

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::bytes_test {
namespace {

TEST_CASE("hex: both directions, either case, and what is refused") {
  CHECK(to_hex(ByteVector{0x00, 0x9f, 0xff}) == "009fff");
  CHECK(from_hex("009FfF") == ByteVector{0x00, 0x9f, 0xff});
  CHECK(from_hex("") == ByteVector{});
  CHECK_FALSE(from_hex("0"));
  CHECK_FALSE(from_hex("0g"));
  CHECK_FALSE(from_hex(" 0"));
}

TEST_CASE("reader: past the end it yields zeros and says so") {
  const ByteVector raw{1, 2, 3};
  ByteReader r{raw};
  CHECK(r.u16() == 0x0102);
  CHECK(r.ok());
  CHECK(r.u16() == 0);
  CHECK_FALSE(r.ok());
  CHECK(r.u8() == 0);  // once past the end, nothing more is read
  CHECK(r.bytes(1).empty());
}

TEST_CASE("writer: never writes outside and says so") {
  ByteArray<3> out{};
  ByteWriter w{out};
  w.u16(0x0102);
  w.u32(0xffffffff);
  CHECK_FALSE(w.ok());
  CHECK(w.written().size() == 2);
  CHECK(out == ByteArray<3>{1, 2, 0});
}

TEST_CASE("ids: only the exact size is one") {
  CHECK(ChipId::from_hex_text("000102030405060708090a0b0c0d0e0f")->bytes[15] == 15);
  CHECK_FALSE(ChipId::from_hex_text("00"));
  CHECK_FALSE(ChipId::from_bytes(ByteVector(17)));
}

TEST_CASE("result: holds a value or a reason") {
  const Result<int, std::string> good{7};
  const Result<int, std::string> bad{Fail{std::string{"why"}}};
  CHECK(good.value() == 7);
  CHECK_FALSE(bad);
  CHECK(bad.error() == "why");
}

TEST_CASE("time: seconds since 1970 both ways, clamped where nanoseconds end") {
  CHECK(unix_seconds(wall_from_unix_seconds(1'700'000'000)) == 1'700'000'000);
  CHECK(unix_seconds(WallTime{Nanoseconds{-1}}) == 0);
  CHECK(wall_from_unix_seconds(~std::uint64_t{0}) == wall_from_unix_seconds(9'000'000'000));
}

}  // namespace
}  // namespace chiploc::bytes_test
