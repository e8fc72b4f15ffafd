#include "proto/crypto/certificate_extensions.hpp"

#include <algorithm>
#include <array>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

std::span<const std::string_view> known_critical_extensions() {
  // TCG, DICE Attestation Architecture 1.1 and 1.2 (tcg-dice is 2.23.133.5.4); Microsoft's RIoT, which came
  // before it; the Open Profile for DICE (google.googleSecurity.certificateExtensions.diceAttestationData).
  static constexpr std::array<std::string_view, 12> kKnown{
      "2.23.133.5.4.1",            // tcg-dice-TcbInfo
      "2.23.133.5.4.2",            // tcg-dice-endorsement-manifest
      "2.23.133.5.4.3",            // tcg-dice-endorsement-manifest-uri
      "2.23.133.5.4.4",            // tcg-dice-Ueid
      "2.23.133.5.4.5",            // tcg-dice-MultiTcbInfo
      "2.23.133.5.4.6",            // tcg-dice-UCCS-evidence
      "2.23.133.5.4.7",            // tcg-dice-manifest-evidence
      "2.23.133.5.4.8",            // tcg-dice-MultiTcbInfoComp
      "2.23.133.5.4.9",            // tcg-dice-conceptual-message-wrapper
      "2.23.133.5.4.11",           // tcg-dice-TcbFreshness
      "1.3.6.1.4.1.311.89.3.1",    // RIoT composite device id
      "1.3.6.1.4.1.11129.2.1.24",  // Open DICE attestation data
  };
  return kKnown;
}

std::string unknown_critical_extension(const X509* certificate) {
  const auto known = known_critical_extensions();
  for (int at = X509_get_ext_by_critical(certificate, 1, -1); at >= 0;
       at = X509_get_ext_by_critical(certificate, 1, at)) {
    X509_EXTENSION* extension = X509_get_ext(certificate, at);
    if (X509_supported_extension(extension) == 1) continue;
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()),
                                 X509_EXTENSION_get_object(extension), /*no_name=*/1);
    // A longer identifier is cut: then it is none of those known.
    const std::string_view oid{text.data()};
    const bool whole = size > 0 && static_cast<std::size_t>(size) < text.size();
    if (!whole || std::find(known.begin(), known.end(), oid) == known.end()) return std::string{oid};
  }
  return {};
}

}  // namespace chiploc
