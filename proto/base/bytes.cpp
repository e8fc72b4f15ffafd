#include "proto/base/bytes.hpp"

namespace chiploc {

std::string to_hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

namespace {
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::optional<ByteVector> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  ByteVector out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

void ByteWriter::bytes(Bytes v) {
  if (!ok_ || out_.size() - at_ < v.size()) {
    ok_ = false;
    return;
  }
  if (!v.empty()) std::memcpy(out_.data() + at_, v.data(), v.size());
  at_ += v.size();
}

void ByteWriter::zeros(std::size_t count) {
  if (!ok_ || out_.size() - at_ < count) {
    ok_ = false;
    return;
  }
  if (count != 0) std::memset(out_.data() + at_, 0, count);
  at_ += count;
}

void ByteWriter::integer(std::uint64_t v, std::size_t width) {
  ByteArray<8> big{};
  for (std::size_t i = 0; i < width; ++i) big[i] = static_cast<std::uint8_t>(v >> (8 * (width - 1 - i)));
  bytes(Bytes{big.data(), width});
}

bool ByteReader::take(std::size_t count) {
  if (!ok_ || left() < count) {
    ok_ = false;
    return false;
  }
  at_ += count;
  return true;
}

std::uint64_t ByteReader::integer(std::size_t width) {
  if (!take(width)) return 0;
  std::uint64_t v = 0;
  for (std::size_t i = at_ - width; i < at_; ++i) v = v << 8U | in_[i];
  return v;
}

}  // namespace chiploc
