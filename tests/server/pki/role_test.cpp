#include "server/pki/role.hpp"

#include "proto/base/role.hpp"
#include "tests/server/pki/pki_world.hpp"

namespace chiploc::role_test {
namespace {

TEST_CASE("pki_role: exactly the roles that TLS knows", "[pki]") {
  CHECK(pki_roles().size() == kRoles.size());
  for (const RoleName& known : kRoles) CHECK(pki_role(known.unit) != nullptr);
  REQUIRE(pki_role("coordinator") != nullptr);
  CHECK(pki_role("coordinator")->is_host);
  CHECK_FALSE(pki_role("anchor")->is_host);
  CHECK(pki_role("auditor")->purpose == CertificatePurpose::kClient);
  CHECK(pki_role("Admin") == nullptr);
  CHECK(pki_role("") == nullptr);
}

TEST_CASE("name_problem: a name fits a folder, a log and a terminal", "[pki]") {
  for (const char* good : {"fra1", "chiplocd", "Anna M\xC3\xBCller", "a@b.example", "5f", "x.pem.old"})
    CHECK(name_problem(good).empty());
  for (const std::string& bad :
       {std::string{}, std::string(65, 'a'), std::string{".x"}, std::string{"-x"}, std::string{" x"},
        std::string{"x "}, std::string{"a/b"}, std::string{"a\nb"}, std::string{"a\xff"},
        std::string{"a\xE2\x80\xAE"}, std::string{"fra1.pem"}, std::string(32, 'f')}) {
    INFO(bad);
    CHECK_FALSE(name_problem(bad).empty());
  }
}

TEST_CASE("leaf_request: a coordinator's own name is its first host, and each host stands once", "[pki]") {
  const IssueRequest request = leaf_request(*pki_role("coordinator"), "loc",
                                            {"a.example", "loc", "::0:1", "a.example"}, pki_test::kNow, 9);
  CHECK(request.dns_names == std::vector<std::string>{"loc", "a.example"});
  CHECK(request.ip_addresses == std::vector<std::string>{"::1"});
  CHECK(request.organizational_unit == "coordinator");
  CHECK(leaf_request(*pki_role("anchor"), "fra1", {"x"}, pki_test::kNow, 9).dns_names.empty());
}

}  // namespace
}  // namespace chiploc::role_test
