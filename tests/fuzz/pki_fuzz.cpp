// What reaches an authority from outside: requests for certificates, DER and PEM, and the index on its disk.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto/crypto/certificate_request.hpp"
#include "server/pki/index.hpp"
#include "server/pki/role.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const Bytes input{data, size};
  const std::string text = string_of(input);
  for (const auto& request : {CertificateRequest::from_der(input), CertificateRequest::from_pem(text)}) {
    if (!request) {
      if (request.error().text.empty()) std::abort();
      continue;
    }
    // A name goes into a subject as it is, or is refused before.
    if (request->common_name().find('\0') != std::string::npos) std::abort();
    static_cast<void>(request->organizational_unit());
    static_cast<void>(request->hosts());
  }
  if (const auto index = PkiIndex::from_text(text)) {
    const std::string written = index->text();
    const auto again = PkiIndex::from_text(written);
    if (!again || again->text() != written || again->certificates != index->certificates) std::abort();
    for (const IssuedRecord& record : index->certificates) {
      if (!name_problem(record.name).empty() || pki_role(record.role) == nullptr) std::abort();
      if (index->find(record.serial).empty()) std::abort();
    }
  } else if (index.error().text.empty()) {
    std::abort();
  }
  return 0;
}
