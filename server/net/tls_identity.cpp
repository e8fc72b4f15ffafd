#include "server/net/tls_identity.hpp"

#include <fstream>
#include <sstream>

namespace chiploc {

void add_tls_identity(IdentityText& out, const std::filesystem::path& certificate_file) {
  std::ifstream in{certificate_file, std::ios::binary};
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    out.add("tls_certificate", certificate_file.string() + " is not there yet, or cannot be read");
    return;
  }
  const auto chain = Certificate::chain_from_pem(text.str());
  if (!chain) {
    out.add("tls_certificate", certificate_file.string() + ": " + chain.error().text);
    return;
  }
  out.add("tls_name", chain->front().common_name());
  out.add("tls_role", chain->front().organizational_unit());
  out.add_certificate("tls_", chain->front());
}

}  // namespace chiploc
