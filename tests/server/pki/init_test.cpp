#include "server/pki/init.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/server/pki/pki_world.hpp"

namespace chiploc::init_test {
namespace {

using namespace pki_test;

InitOrder order_in(const TempDir& top, std::string passphrase = "") {
  InitOrder order;
  order.folder = top / "pki";
  order.passphrase = SecretText{std::move(passphrase)};
  return order;
}

TEST_CASE("init_authority: the certificate is an authority's for ten years, and the list is empty", "[pki]") {
  const AuthorityWorld world;
  const Certificate ca = world.ca();
  CHECK(ca.is_authority());
  CHECK(ca.common_name() == "chiploc CA");
  CHECK(ca.issued_by(ca));
  CHECK(ca.not_after() == kNow - std::chrono::minutes{5} + 3650 * kDay);
  CHECK(world.list().size() == 0);
  CHECK(world.list().signed_by(ca));
  CHECK_FALSE(std::filesystem::exists(world.out("pki.part")));
}

TEST_CASE("init_authority: a key with a passphrase opens with it, and with nothing else", "[pki]") {
  const TempDir top;
  REQUIRE(init_authority(order_in(top, "correct horse"), kNow));
  const auto folder = top / "pki";
  CHECK(read_file(folder / "ca.key").find("BEGIN ENCRYPTED PRIVATE KEY") != std::string::npos);
  const auto opened = [&](const KeyAccess& access) { return Authority::open(folder, access); };
  const auto typing = [](std::string text) {
    return KeyAccess{{}, [text]() -> std::optional<SecretText> { return SecretText{text}; }};
  };
  const auto code_of = [](const PkiResult<Authority>& result) {
    REQUIRE_FALSE(result);
    return result.error().code;
  };
  CHECK(opened(typing("correct horse")));
  CHECK(opened({top.write("pass", "correct horse\nmore\n"), {}}));
  CHECK(code_of(opened(typing("wrong horse"))) == PkiFaultCode::kKey);
  CHECK(refusal(opened({})).find("pass --passphrase-file FILE") != std::string::npos);
  CHECK(code_of(opened({{}, []() -> std::optional<SecretText> { return std::nullopt; }})) ==
        PkiFaultCode::kKey);
  const auto open_to_others = top.write("loose", "correct horse", std::filesystem::perms{0644});
  CHECK(refusal(opened({open_to_others, {}})).find("chmod 600") != std::string::npos);
}

TEST_CASE("init_authority: a key or a folder that others can get at is refused", "[pki]") {
  const AuthorityWorld world;
  std::filesystem::permissions(world.folder / "ca.key", std::filesystem::perms{0640});
  CHECK(refusal(Authority::open(world.folder, {})).find("chmod 600") != std::string::npos);
  std::filesystem::permissions(world.folder / "ca.key", std::filesystem::perms{0600});
  CHECK(Authority::open(world.folder, {}));
  std::filesystem::permissions(world.folder, std::filesystem::perms{0770});
  CHECK(refusal(Authority::open(world.folder, {})).find("chmod 700") != std::string::npos);
}

TEST_CASE("init_authority: what is there already stays as it is", "[pki]") {
  const AuthorityWorld world;
  const std::string before = read_file(world.folder / "ca.pem");
  InitOrder order;
  order.folder = world.folder;
  CHECK(refusal(init_authority(order, kNow)).find("there is an authority already") != std::string::npos);
  CHECK(read_file(world.folder / "ca.pem") == before);
  order.folder = world.top / "full";
  std::filesystem::create_directory(order.folder);
  static_cast<void>(world.top.write("full/notes", "mine"));
  CHECK(refusal(init_authority(order, kNow)).find("is not empty") != std::string::npos);
  CHECK(read_file(order.folder / "notes") == "mine");
  order.folder = world.top / "empty";
  std::filesystem::create_directory(order.folder);
  CHECK(init_authority(order, kNow));
  CHECK(mode_of(order.folder) == 0700);
  order.folder = world.top / "token";
  order.key_uri = "pkcs11:token=ca;pin-value=1234";
  CHECK(refusal(init_authority(order, kNow)).find("without its PIN") != std::string::npos);
}

TEST_CASE("init_authority: another folder's files are never removed to make room", "[pki]") {
  const TempDir top;
  std::filesystem::create_directory(top / "pki.part");
  static_cast<void>(top.write("pki.part/thesis.tex", "ten years"));
  CHECK(refusal(init_authority(order_in(top), kNow)).find("thesis.tex: in the way") != std::string::npos);
  CHECK(read_file(top / "pki.part/thesis.tex") == "ten years");
}

TEST_CASE("init_authority: killed at any step, there is no authority, or a whole one", "[pki]") {
  const int step = GENERATE(range(1, 30));
  const TempDir top;
  const pid_t child = ::fork();
  if (child == 0) {
    kill_at_step(step);
    static_cast<void>(init_authority(order_in(top), kNow));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  INFO("killed at step " << step);
  if (!std::filesystem::exists(top / "pki")) REQUIRE(init_authority(order_in(top), kNow));
  auto authority = Authority::open(top / "pki", {});
  REQUIRE(authority);
  CHECK(authority->issue({.role = "admin", .name = "alice", .out = top / "alice"}, kNow));
}

}  // namespace
}  // namespace chiploc::init_test
