// Writes a first corpus: `chiploc_fuzz_corpus FOLDER` makes FOLDER/cose and FOLDER/certificate.
#include <filesystem>
#include <fstream>

#include "proto/cose.hpp"
#include "proto/digest.hpp"
#include "proto/issue.hpp"
#include "tests/proto/statement_sample.hpp"

using namespace chiploc;

namespace {

void write(const std::filesystem::path& file, Bytes bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << string_of(bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::filesystem::path folder{argv[1]};
  for (const auto algorithm :
       {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384}) {
    const std::string name{name_of(algorithm)};
    const auto key = generate_key(algorithm);
    write(folder / "cose" / name, *sign_statement(sample_statement(), sha256({}), *key));
    const auto ca = CertificateAuthority::create("CA", algorithm, {}, 36'500);
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = std::string(32, 'a');
    const auto device = ca.value().issue(request, key->public_key());
    write(folder / "certificate" / (name + ".der"), device.value().der());
    write(folder / "certificate" / (name + ".pem"), bytes_of(device.value().pem()));
    write(folder / "certificate" / (name + ".spki"), key->spki_der());
    write(folder / "certificate" / (name + ".crl"), ca.value().revoke({}, {}, 7).value().der());
  }
  write(folder / "cose" / "claims", *encode_claims(sample_statement()));
  return 0;
}
