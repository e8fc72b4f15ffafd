#include "server/http/chunk_decoder.hpp"

#include <algorithm>
#include <optional>

namespace chiploc {
namespace {

constexpr int kDigits = 8;

HttpFault bad_chunk(std::string detail) { return {400, "http.bad_chunk", std::move(detail)}; }

std::optional<std::uint64_t> size_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint64_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint64_t>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<std::uint64_t>(c - 'A') + 10U;
  return std::nullopt;
}

}  // namespace

Result<bool, HttpFault> ChunkDecoder::decode(std::string_view& in, std::string& body, std::size_t body_max) {
  while (!in.empty() && expects_ != Expects::kNothing) {
    if (expects_ == Expects::kData) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(size_, in.size()));
      body.append(in.substr(0, size));
      in.remove_prefix(size);
      size_ -= size;
      if (size_ == 0) expects_ = Expects::kDataEnd;
      continue;
    }
    const char c = in.front();
    in.remove_prefix(1);
    switch (expects_) {
      case Expects::kSize:
        if (const auto digit = size_digit(c)) {
          if (++digits_ > kDigits) return Fail{bad_chunk("a chunk's size has more than eight digits")};
          size_ = size_ * 16 + *digit;
          break;
        }
        if (c != '\r' || digits_ == 0)
          return Fail{bad_chunk("a chunk begins with no size, or has extensions")};
        expects_ = Expects::kSizeEnd;
        break;
      case Expects::kSizeEnd:
        if (c != '\n') return Fail{bad_chunk("a chunk's size does not end in CR LF")};
        if (size_ > body_max - std::min(body.size(), body_max)) {
          return Fail{HttpFault{413, "http.long_body",
                                "the body is longer than " + std::to_string(body_max) + " bytes"}};
        }
        expects_ = size_ == 0 ? Expects::kLast : Expects::kData;
        digits_ = 0;
        break;
      case Expects::kDataEnd:
        if (c != '\r') return Fail{bad_chunk("a chunk's data does not end in CR LF where its size says")};
        expects_ = Expects::kDataEndFeed;
        break;
      case Expects::kDataEndFeed:
        if (c != '\n') return Fail{bad_chunk("a chunk's data does not end in CR LF where its size says")};
        expects_ = Expects::kSize;
        break;
      case Expects::kLast:
        if (c != '\r')
          return Fail{HttpFault{400, "http.trailer", "the body has fields behind it; send them before it"}};
        expects_ = Expects::kLastFeed;
        break;
      case Expects::kLastFeed:
        if (c != '\n') return Fail{bad_chunk("the last chunk does not end in an empty line")};
        expects_ = Expects::kNothing;
        break;
      case Expects::kData:
      case Expects::kNothing:
        break;  // not here
    }
  }
  return expects_ == Expects::kNothing;
}

}  // namespace chiploc
