#include "proto/crypto/subject_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace chiploc {
namespace {

bool is_dns_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '*' || c == '_';
  });
}

bool add_name(GENERAL_NAMES& names, int type, Bytes value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* text = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
  if (name == nullptr || text == nullptr ||
      ASN1_STRING_set(text, value.data(), static_cast<int>(value.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(text);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, text);
  if (sk_GENERAL_NAME_push(&names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

}  // namespace

Result<NamesPtr, std::string> alternative_names(const std::vector<std::string>& dns_names,
                                                const std::vector<std::string>& ip_addresses) {
  NamesPtr names{GENERAL_NAMES_new()};
  if (!names) return Fail{std::string{"out of memory"}};
  for (const auto& dns : dns_names) {
    if (!is_dns_name(dns)) return Fail{"\"" + dns + "\" is not a DNS name"};
    if (!add_name(*names, GEN_DNS, bytes_of(dns))) return Fail{std::string{"out of memory"}};
  }
  for (const auto& ip : ip_addresses) {
    ByteArray<16> address{};
    std::size_t size = 0;
    if (::inet_pton(AF_INET, ip.c_str(), address.data()) == 1) size = 4;
    if (size == 0 && ::inet_pton(AF_INET6, ip.c_str(), address.data()) == 1) size = 16;
    if (size == 0) return Fail{"\"" + ip + "\" is not an IP address"};
    if (!add_name(*names, GEN_IPADD, Bytes{address}.first(size))) return Fail{std::string{"out of memory"}};
  }
  return names;
}

std::vector<std::string> hosts_of(const GENERAL_NAMES* names) {
  std::vector<std::string> hosts;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {  // -1 for null
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    const auto* text = static_cast<const ASN1_STRING*>(value);
    const std::uint8_t* data = ASN1_STRING_get0_data(text);
    const int size = ASN1_STRING_length(text);
    if (type == GEN_DNS) {
      hosts.emplace_back(data, data + size);
    } else if (size == 4 || size == 16) {
      std::array<char, INET6_ADDRSTRLEN> shown{};
      ::inet_ntop(size == 4 ? AF_INET : AF_INET6, data, shown.data(), shown.size());
      hosts.emplace_back(shown.data());
    }
  }
  return hosts;
}

std::string text_of_entry(const X509_NAME* name, int index) {
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
  std::uint8_t* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  std::string out;
  if (size > 0) out.assign(text, text + size);
  OPENSSL_free(text);
  return out.find('\0') == std::string::npos ? out : std::string{};
}

std::string only_value(const X509_NAME* name, int nid) {
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0 || X509_NAME_get_index_by_NID(name, nid, index) >= 0) return {};
  return text_of_entry(name, index);
}

std::string text_of_name(const X509_NAME* name) {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  return text_of(*bio);
}

Result<PublicKey, KeyFault> key_of(X509_PUBKEY* key) {
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_PUBKEY(key, &data);
  ByteVector spki;
  if (size > 0) spki.assign(data, data + size);
  OPENSSL_free(data);
  return PublicKey::from_spki_der(spki);
}

}  // namespace chiploc
