#include "proto/crypto/openssl_handles.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <ctime>

namespace chiploc {

std::string take_openssl_reason() {
  // The first error is where it went wrong; the later ones are callers passing it on.
  const unsigned long code = ERR_get_error();
  if (code == 0) return {};
  const char* reason = ERR_reason_error_string(code);
  std::string text = reason != nullptr ? reason : "error " + std::to_string(code);
  ERR_clear_error();
  return text;
}

std::optional<WallTime> wall_time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::time_t seconds = ::timegm(&parts);
  return wall_from_unix_seconds(seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds));
}

std::string serial_text(const ASN1_INTEGER* serial) {
  const BigNumberPtr number{ASN1_INTEGER_to_BN(serial, nullptr)};
  if (number == nullptr) return {};
  char* hex = BN_bn2hex(number.get());
  std::string text = hex != nullptr ? hex : "";
  OPENSSL_free(hex);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

BioPtr bio_reading(Bytes bytes) {
  return BioPtr{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
}

std::string text_of(BIO& memory) {
  const char* data = nullptr;
  const long size = BIO_ctrl(&memory, BIO_CTRL_INFO, 0, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{};
}

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool only_space(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

}  // namespace

std::vector<ByteVector> read_pem(std::string_view text, const char* label, bool prose) {
  std::vector<ByteVector> blocks;
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  while (true) {
    const std::size_t begin = text.find(kBegin);
    const std::string_view before = text.substr(0, begin);
    if (!prose && !only_space(before)) return {};
    if (begin == std::string_view::npos) return blocks;
    const std::size_t end = text.find(kEnd, begin);
    if (end == std::string_view::npos) return {};
    const std::size_t line_end = std::min(text.find('\n', end), text.size());
    const std::string_view block = text.substr(begin, line_end - begin);

    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const BioPtr bio = bio_reading(bytes_of(block));
    const int read = PEM_read_bio(bio.get(), &name, &header, &data, &size);
    const bool good =
        read == 1 && std::string_view{name} == label && std::string_view{header}.empty() && size > 0;
    if (good) blocks.emplace_back(data, data + size);
    if (read == 1) {
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_free(data);
    }
    ERR_clear_error();
    if (!good) return {};
    text.remove_prefix(line_end);
  }
}

std::string write_pem(Bytes der, const char* label) {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  if (PEM_write_bio(bio.get(), label, "", der.data(), static_cast<long>(der.size())) <= 0) return {};
  return text_of(*bio);
}

}  // namespace chiploc
