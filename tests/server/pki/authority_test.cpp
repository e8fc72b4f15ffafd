#include "server/pki/authority.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "proto/crypto/tls_certificate.hpp"
#include "tests/server/pki/pki_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::authority_test {
namespace {

using namespace pki_test;

TEST_CASE("Authority: what it issues is what the role says, and TLS takes it", "[pki]") {
  const AuthorityWorld world{GENERATE(SignatureAlgorithm::kEs256, SignatureAlgorithm::kEd25519)};
  Authority authority = world.open();
  const Certificate ca = world.ca();
  const Certificate trusted[] = {ca};
  const auto issue = [&](const char* role, const char* name, std::vector<std::string> hosts = {}) {
    IssueOrder order{.role = role, .name = name, .hosts = std::move(hosts), .out = world.out(name)};
    auto issued = authority.issue(order, kNow);
    INFO((issued ? "" : issued.error().text));
    REQUIRE(issued);
    return issued->certificate;
  };
  const auto valid_for = [&](const Certificate& certificate, TlsEnd end) {
    const Certificate chain[] = {certificate};
    return verify_tls(chain, trusted, end, kNow).has_value();
  };
  const Certificate coordinator =
      issue("coordinator", "chiplocd", {"loc.example", "2001:DB8:0::1", "192.0.2.7"});
  CHECK(coordinator.organizational_unit() == "coordinator");
  CHECK(coordinator.common_name() == "chiplocd");
  CHECK(coordinator.hosts() ==
        std::vector<std::string>{"chiplocd", "loc.example", "2001:db8::1", "192.0.2.7"});
  CHECK(names_host(coordinator, "loc.example"));
  CHECK(names_host(coordinator, "192.0.2.7"));
  CHECK_FALSE(names_host(coordinator, "fra1"));
  CHECK(valid_for(coordinator, TlsEnd::kServer));
  CHECK_FALSE(valid_for(coordinator, TlsEnd::kClient));
  CHECK(coordinator.serial().size() == 32);
  CHECK(coordinator.not_before() == kNow - std::chrono::minutes{5});

  for (const char* role :
       {"anchor", "reader", "verifier", "registrar", "auditor", "admin", "regulator", "analyst"}) {
    const Certificate certificate = issue(role, (std::string{"a-"} + role).c_str());
    CHECK(certificate.organizational_unit() == role);
    CHECK(certificate.hosts().empty());
    CHECK(valid_for(certificate, TlsEnd::kClient));
    CHECK_FALSE(valid_for(certificate, TlsEnd::kServer));
  }
}

TEST_CASE("Authority: keys are 0600 in folders of 0700, and the delivered pair belongs together", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto issued = authority.issue({.role = "admin", .name = "alice", .out = world.out("alice")}, kNow);
  REQUIRE(issued);
  CHECK(mode_of(world.folder) == 0700);
  CHECK(mode_of(world.folder / "ca.key") == 0600);
  CHECK(mode_of(world.folder / "index.json") == 0600);
  CHECK(mode_of(world.out("alice")) == 0700);
  CHECK(mode_of(world.out("alice") / "tls.key") == 0600);
  const auto key = key_from_private_pem(read_file(world.out("alice") / "tls.key"));
  REQUIRE(key);
  CHECK((*key)->public_key() == *issued->certificate.public_key());
  CHECK(read_file(world.out("alice") / "tls.pem") == issued->certificate.pem());
  CHECK(read_file(world.out("alice") / "ca.pem") == world.ca().pem());
  CHECK_FALSE(std::filesystem::exists(world.out("alice.part")));
}

TEST_CASE("Authority: a request is issued as the order says, or refused by name", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  const auto order_for = [&](const RequestSubject& subject) {
    return IssueOrder{
        .role = "anchor", .name = "fra1", .request = request_of(subject, *key), .out = world.out("o")};
  };
  CHECK(
      refusal(authority.issue(order_for({"par1", "anchor"}), kNow)) ==
      "the request asks for the name 'par1', the order says 'fra1'; correct the order, or have the request made "
      "again where the key is");
  CHECK(refusal(authority.issue(order_for({"fra1", "admin"}), kNow))
            .find("the role 'admin', the order says 'anchor'") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(world.out("o")));
  CHECK(world.index().certificates.empty());

  const auto issued = authority.issue(order_for({"fra1", ""}), kNow);
  REQUIRE(issued);
  CHECK(*issued->certificate.public_key() == key->public_key());
  CHECK(issued->files ==
        std::vector<std::filesystem::path>{world.out("o") / "tls.pem", world.out("o") / "ca.pem"});
  CHECK_FALSE(std::filesystem::exists(world.out("o") / "tls.key"));
  CHECK(world.index().certificates.size() == 1);

  // Again, as after a run that was killed before it delivered: the same certificate.
  const auto again = authority.issue(order_for({"fra1", "anchor"}), kNow);
  REQUIRE(again);
  CHECK(again->again);
  CHECK(again->certificate.serial() == issued->certificate.serial());
  CHECK(world.index().certificates.size() == 1);

  IssueOrder coordinator{.role = "coordinator", .name = "chiplocd"};
  coordinator.request = request_of({.common_name = "chiplocd",
                                    .organizational_unit = "coordinator",
                                    .dns_names = {"chiplocd", "other.example"}},
                                   *key);
  CHECK(refusal(authority.issue(coordinator, kNow)).find("add --host other.example") != std::string::npos);
}

TEST_CASE("Authority: a name that has a valid certificate gets no second one", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto first = authority.issue({.role = "anchor", .name = "fra1", .out = world.out("a")}, kNow);
  REQUIRE(first);
  const std::string why =
      refusal(authority.issue({.role = "anchor", .name = "fra1", .out = world.out("b")}, kNow));
  CHECK(why.find("there is one already: anchor fra1, serial " + first->certificate.serial()) == 0);
  CHECK(why.find("chiploc pki renew fra1") != std::string::npos);
  CHECK(refusal(authority.issue({.role = "anchor", .name = "fra2", .out = world.out("a")}, kNow))
            .find("a new key goes into a new folder") != std::string::npos);
  // A year later it is over.
  CHECK(authority.issue({.role = "anchor", .name = "fra1", .out = world.out("b")}, kNow + 366 * kDay));
}

TEST_CASE("Authority: orders that do not fit are refused with what to do", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto why = [&](IssueOrder order) {
    order.out = world.out("x");
    return refusal(authority.issue(order, kNow));
  };
  CHECK(why({.role = "boss", .name = "x"}).find("no role 'boss'; there are: reader, verifier, registrar") ==
        0);
  CHECK(why({.role = "anchor", .name = "x", .hosts = {"y"}}).find("leave --host out") != std::string::npos);
  CHECK(why({.role = "admin", .name = ""}).find("1 to 64 bytes") != std::string::npos);
  CHECK(why({.role = "admin", .name = "a/b"}).find("slash") != std::string::npos);
  CHECK(why({.role = "admin", .name = "x", .days = 3651}).find("the authority itself ends on") !=
        std::string::npos);
  CHECK(why({.role = "coordinator", .name = "x", .hosts = {"not a name"}}).find("is not a DNS name") !=
        std::string::npos);
  CHECK(refusal(authority.issue({.role = "admin", .name = "x", .out = world.out("x")}, kNow - 30 * kDay))
            .find("mend the clock") != std::string::npos);
  CHECK(world.index().certificates.empty());
  CHECK_FALSE(std::filesystem::exists(world.out("x")));
}

TEST_CASE("Authority: a person may be limited to a holder's rows, and stays so", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto issued =
      authority.issue({.role = "reader", .name = "bob", .holder = "Example SA", .out = world.out("b")}, kNow);
  REQUIRE(issued);
  CHECK(issued->certificate.organizations() == std::vector<std::string>{"holder:Example SA"});
  CHECK(world.index().certificates.front().holder == "Example SA");
  const auto fresh = authority.renew({.name = "bob", .out = world.out("b")}, kNow);
  REQUIRE(fresh);
  CHECK(fresh->certificate.organizations() == std::vector<std::string>{"holder:Example SA"});
  CHECK(refusal(authority.issue({.role = "anchor", .name = "fra1", .holder = "x", .out = world.out("f")},
                                kNow)) ==
        "only a person's certificate is limited to a holder; leave --holder out");
  CHECK(refusal(authority.issue(
                    {.role = "reader", .name = "eve", .holder = std::string(58, 'x'), .out = world.out("e")},
                    kNow))
            .find("1 to 57 bytes") != std::string::npos);
  CHECK(refusal(authority.issue({.role = "operator", .name = "olga", .out = world.out("o")}, kNow)) ==
        "the role operator is a holder's own; say whose with --holder NAME");
  CHECK(authority.issue({.role = "operator", .name = "olga", .holder = "Example SA", .out = world.out("o")},
                        kNow));
}

TEST_CASE("Authority: a renewal has the same key, role and hosts, and new dates", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto old = authority.issue({.role = "coordinator",
                                    .name = "chiplocd",
                                    .hosts = {"loc.example"},
                                    .days = 90,
                                    .out = world.out("c")},
                                   kNow);
  REQUIRE(old);
  const WallTime later = kNow + 80 * kDay;
  const auto fresh = authority.renew({.name = "chiplocd", .out = world.out("c")}, later);
  REQUIRE(fresh);
  CHECK(*fresh->certificate.public_key() == *old->certificate.public_key());
  CHECK(fresh->certificate.hosts() == old->certificate.hosts());
  CHECK(fresh->certificate.serial() != old->certificate.serial());
  CHECK(fresh->certificate.not_after() == later - std::chrono::minutes{5} + 90 * kDay);
  CHECK(read_file(world.out("c") / "tls.pem") == fresh->certificate.pem());
  CHECK(mode_of(world.out("c") / "tls.key") == 0600);
  CHECK_FALSE(world.list().revokes(old->certificate));

  const auto key = generate_key(SignatureAlgorithm::kEs256);
  const auto third = authority.renew({.name = fresh->certificate.serial(),
                                      .days = 10,
                                      .request = request_of({"chiplocd", "coordinator"}, *key),
                                      .revoke_old = true},
                                     later);
  REQUIRE(third);
  CHECK(*third->certificate.public_key() == key->public_key());
  CHECK(third->revoked->serial == fresh->certificate.serial());
  CHECK(world.list().revokes(fresh->certificate));
  CHECK_FALSE(world.list().revokes(third->certificate));

  CHECK(refusal(authority.renew({.name = "nobody"}, later)).find("no certificate of 'nobody'") == 0);
  REQUIRE(authority.issue({.role = "admin", .name = "alice", .out = world.out("alice")}, later));
  CHECK(refusal(authority.renew({.name = "chiplocd", .out = world.out("alice")}, later))
            .find("is the certificate of 'alice', not of 'chiplocd'") != std::string::npos);
}

TEST_CASE("Authority: what is revoked is on the list, with its date and reason, and only that", "[pki]") {
  const AuthorityWorld world;
  Authority authority = world.open();
  const auto issue = [&](const char* role, const char* name, const char* out) {
    const auto issued = authority.issue({.role = role, .name = name, .out = world.out(out)}, kNow);
    REQUIRE(issued);
    return issued->certificate;
  };
  const Certificate reader = issue("reader", "alice", "1");
  const Certificate admin = issue("admin", "alice", "2");
  const Certificate bob = issue("admin", "bob", "3");
  CHECK(world.list().size() == 0);
  CHECK(world.list().signed_by(world.ca()));

  const auto revoked =
      authority.revoke({"alice"}, RevocationReason::kAffiliationChanged, kNow + kDay, /*list_days=*/30);
  REQUIRE(revoked);
  CHECK(revoked->now.size() == 2);
  const RevocationList list = world.list();
  CHECK(list.signed_by(world.ca()));
  CHECK(list.size() == 2);
  CHECK(list.revokes(reader));
  CHECK(list.revokes(admin));
  CHECK_FALSE(list.revokes(bob));
  const auto entry = list.entry_of(admin);
  REQUIRE(entry);
  CHECK(entry->at == kNow + kDay);
  CHECK(entry->reason == RevocationReason::kAffiliationChanged);
  CHECK(entry->serial == admin.serial());
  CHECK(list.next_update() == kNow + kDay - std::chrono::minutes{5} + 30 * kDay);

  // Again, with the clock set back: nothing is revoked twice, and the list is newer all the same.
  const auto again = authority.revoke({bob.serial(), "alice"}, RevocationReason::kKeyCompromise, kNow, 30);
  REQUIRE(again);
  CHECK(again->now.size() == 1);
  CHECK(again->before.size() == 2);
  CHECK(list.older_than(world.list()));
  CHECK(world.list().entry_of(admin)->reason == RevocationReason::kAffiliationChanged);
  CHECK(world.list().entry_of(bob)->reason == RevocationReason::kKeyCompromise);

  const auto unknown = authority.revoke({"carol", "bob"}, RevocationReason::kUnspecified, kNow, 30);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == PkiFaultCode::kNotFound);
  // Revoked names may have a new certificate, but no renewal.
  CHECK(refusal(authority.renew({.name = "bob"}, kNow)).find("chiploc pki issue admin bob") !=
        std::string::npos);
  CHECK(authority.issue({.role = "admin", .name = "bob", .out = world.out("4")}, kNow));
  CHECK(refusal(authority.renew({.name = "alice"}, kNow)).find("revoked") != std::string::npos);
}

TEST_CASE("Authority: two at once wait for each other", "[pki]") {
  const AuthorityWorld world;
  int go[2];
  REQUIRE(::pipe(go) == 0);
  const pid_t child = ::fork();  // before the lock is taken: a child has its parent's locks
  if (child == 0) {
    char c = 0;
    if (::read(go[0], &c, 1) != 1) ::_exit(2);
    Authority second = world.open();  // waits here
    ::_exit(second.issue({.role = "admin", .name = "second", .out = world.out("2")}, kNow) ? 0 : 1);
  }
  std::optional<Authority> first{world.open()};
  REQUIRE(::write(go[1], "g", 1) == 1);
  REQUIRE(first->issue({.role = "admin", .name = "first", .out = world.out("1")}, kNow));
  first.reset();
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(world.index().certificates.size() == 2);
  ::close(go[0]);
  ::close(go[1]);
}

TEST_CASE("Authority: killed at any step, the next run finds the old state or finishes the new", "[pki]") {
  const int step = GENERATE(range(1, 30));
  const AuthorityWorld world;
  const pid_t child = ::fork();
  if (child == 0) {
    Authority authority = world.open();
    kill_at_step(step);
    static_cast<void>(authority.issue({.role = "anchor", .name = "fra1", .out = world.out("fra1")}, kNow));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Authority authority = world.open();
  const auto again = authority.issue({.role = "anchor", .name = "fra1", .out = world.out("fra1")}, kNow);
  INFO("killed at step " << step << ": " << (again ? "" : again.error().text));
  // Where the killed run had come to its end the folder is there.
  if (!again) CHECK(again.error().text.find("is there already") != std::string::npos);
  const auto key = key_from_private_pem(read_file(world.out("fra1") / "tls.key"));
  REQUIRE(key);
  const auto certificate = Certificate::from_pem(read_file(world.out("fra1") / "tls.pem"));
  REQUIRE(certificate);
  CHECK(*certificate->public_key() == (*key)->public_key());
  REQUIRE(world.index().certificates.size() == 1);
  CHECK(world.index().certificates.front().serial == certificate->serial());
}

}  // namespace
}  // namespace chiploc::authority_test
