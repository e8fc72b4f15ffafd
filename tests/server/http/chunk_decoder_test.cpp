#include "server/http/chunk_decoder.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::chunk_decoder_test {
namespace {

/// "body|rest" where the body ends, "body..." where it does not, or status and code. In pieces of `piece` bytes.
std::string decoded(std::string_view bytes, std::size_t piece, std::size_t body_max = 1'000) {
  ChunkDecoder decoder;
  std::string body;
  std::string waiting;
  for (std::size_t at = 0; at <= bytes.size(); at += piece) {
    waiting += bytes.substr(at, piece);
    std::string_view rest = waiting;
    const auto ended = decoder.decode(rest, body, body_max);
    if (!ended) return std::to_string(ended.error().status) + " " + ended.error().code;
    waiting = std::string{rest};
    if (*ended) return body + "|" + waiting + std::string{bytes.substr(std::min(at + piece, bytes.size()))};
    if (at == bytes.size()) break;
  }
  return body + "...";
}
std::string decoded_each_way(std::string_view bytes, std::size_t body_max = 1'000) {
  const std::string whole = decoded(bytes, bytes.size() + 1, body_max);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    INFO(bytes << " in pieces of " << piece);
    CHECK(decoded(bytes, piece, body_max) == whole);
  }
  return whole;
}

TEST_CASE("chunks: bodies and where they end", "[http]") {
  CHECK(decoded_each_way("0\r\n\r\n") == "|");
  CHECK(decoded_each_way("5\r\nhello\r\n0\r\n\r\n") == "hello|");
  CHECK(decoded_each_way("5\r\nhello\r\n6\r\n world\r\n00\r\n\r\nGET /") == "hello world|GET /");
  CHECK(decoded_each_way("A\r\n0\r\n\r\n56789\r\n0\r\n\r\n") == "0\r\n\r\n56789|");
  CHECK(decoded_each_way("0000000b\r\nhello world\r\n0\r\n\r\n") == "hello world|");
  CHECK(decoded_each_way("5\r\nhello\r\n0\r\n") == "hello...");
  CHECK(decoded_each_way("5\r\nhel") == "hel...");
}

TEST_CASE("chunks: every other form is refused", "[http]") {
  for (const char* bytes : {"\r\n",
                            "5;x=y\r\nhello\r\n0\r\n\r\n",
                            "5 \r\nhello\r\n0\r\n\r\n",
                            " 5\r\nhello\r\n0\r\n\r\n",
                            "5\nhello\r\n0\r\n\r\n",
                            "5\r\nhello\n0\r\n\r\n",
                            "5\r\nhello0\r\n\r\n",
                            "5\r\nhello\r0\r\n\r\n",
                            "5\rx",
                            "+5\r\nhello\r\n0\r\n\r\n",
                            "-1\r\n",
                            "0x5\r\nhello\r\n0\r\n\r\n",
                            "g\r\n",
                            "000000005\r\nhello\r\n0\r\n\r\n",
                            "100000000\r\n",
                            "fffffffffffffffff\r\n",
                            "5\r\nhell\r\n0\r\n\r\n",
                            "5\r\nhello!\r\n0\r\n\r\n",
                            "0\n\n",
                            "0\r\n\rx",
                            "0;a\r\n\r\n"}) {
    INFO(bytes);
    CHECK(decoded_each_way(bytes) == "400 http.bad_chunk");
  }
  CHECK(decoded_each_way("0\r\nX: y\r\n\r\n") == "400 http.trailer");
  CHECK(decoded_each_way("0\r\n\n") == "400 http.trailer");
}

TEST_CASE("chunks: the bound is held before the data comes", "[http]") {
  CHECK(decoded_each_way("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", 10) == "helloworld|");
  CHECK(decoded_each_way("5\r\nhello\r\n6\r\n", 10) == "413 http.long_body");
  CHECK(decoded_each_way("b\r\n", 10) == "413 http.long_body");
  CHECK(decoded_each_way("ffffffff\r\n", 10) == "413 http.long_body");
  CHECK(decoded_each_way("1\r\n", 0) == "413 http.long_body");
}

}  // namespace
}  // namespace chiploc::chunk_decoder_test
