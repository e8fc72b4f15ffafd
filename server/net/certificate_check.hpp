#pragma once
#include <string>
#include <vector>

#include "proto/base/certificate_life.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// Whose certificate a configuration has to name.
enum class CertificateHolder { kCoordinator, kAnchor, kPerson };

/// What is known of our own certificate once it is found to be good.
struct OwnCertificate {
  std::string file;
  std::string name;                ///< its CN
  std::string role;                ///< its OU
  std::vector<std::string> hosts;  ///< names and addresses that clients may call it by
  CertificateLife life;
  bool of_entity = false;  ///< an O, KIND:NAME, limits its holder to what is that entity's
};

/// Whether the other end will take our certificate: the role is the holder's, the name is `name` (empty: any),
/// it is in its time, and an authority of our ca.pem issued it for this end of a connection. The clock that
/// says so is `now`, and every sentence about time names it.
///
/// Fails     One sentence: the file, what is wrong, what to do.
[[nodiscard]] Result<OwnCertificate, std::string> check_certificate(const TlsFiles& files,
                                                                    const TlsMaterial& material,
                                                                    CertificateHolder holder,
                                                                    const std::string& name, WallTime now);

/// "FILE: ends on ... (12 days left); have it renewed: ..."; empty while there is time (near_end).
[[nodiscard]] std::string near_end_text(const OwnCertificate& certificate, WallTime now);

}  // namespace chiploc
