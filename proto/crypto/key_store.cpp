#include "proto/crypto/key_store.hpp"

#include <fcntl.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/pkcs11_store.hpp"

namespace chiploc {
namespace {

using Code = KeyFault::Code;
using StorePtr = OpensslPtr<OSSL_STORE_CTX, OSSL_STORE_close>;
using InfoPtr = OpensslPtr<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
using UiMethodPtr = OpensslPtr<UI_METHOD, UI_destroy_method>;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_{fd} {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string octal(mode_t mode) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; mode >>= 3U) text[i] = static_cast<char>('0' + (mode & 7U));
  return text;
}

/// Reads a file that only its owner may read. The mode is that of the opened file, so nobody can swap it.
Result<SecretText, KeyFault> read_private_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return Fail{KeyFault{Code::kUnreadable, name + ": " + std::strerror(errno)}};
  }
  if (!S_ISREG(status.st_mode)) return Fail{KeyFault{Code::kUnreadable, name + ": not a file"}};
  const mode_t mode = status.st_mode & 07777U;
  if ((mode & ~mode_t{0600}) != 0) {
    return Fail{KeyFault{Code::kPermissions, name + ": mode " + octal(mode) +
                                                 " lets others at this secret; run: chmod 600 " + name}};
  }
  constexpr off_t kSizeMax = 65'536;
  if (status.st_size > kSizeMax) return Fail{KeyFault{Code::kMalformed, name + ": too large for a key"}};
  SecretText content{std::string(static_cast<std::size_t>(status.st_size), '\0')};
  std::size_t got = 0;
  while (got < content.text().size()) {
    const ssize_t n = ::read(file.get(), content.writable().data() + got, content.text().size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Fail{KeyFault{Code::kUnreadable, name + ": cannot be read"}};
    got += static_cast<std::size_t>(n);
  }
  return content;
}

/// What OpenSSL gets when it asks for a PIN or passphrase: never its own prompt at a terminal.
struct PinAnswer {
  SecretText pin;
  bool given = false;
  bool asked = false;
  const KeyOptions::AskPin& ask;
};
int answer_pin(char* out, int size, int /*writing*/, void* data) {
  auto& answer = *static_cast<PinAnswer*>(data);
  if (!answer.asked && !answer.given && answer.ask) {
    if (auto pin = answer.ask()) {
      answer.pin = *std::move(pin);
      answer.given = true;
    }
  }
  answer.asked = true;
  const std::string& pin = answer.pin.text();
  if (!answer.given || size < 0 || pin.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(pin.begin(), pin.end(), out);
  return static_cast<int>(pin.size());
}

Result<Done, KeyFault> read_pin(const KeyOptions& options, PinAnswer& answer) {
  if (options.pin_file.empty()) return Done{};
  auto pin = read_secret_line(options.base_folder / options.pin_file);
  if (!pin) return Fail{pin.error()};
  answer.pin = *std::move(pin);
  answer.given = true;
  return Done{};
}

/// "pkcs11" of "pkcs11:token=a". A bare path has none; neither has a path with a colon after a slash.
std::string scheme_of(const std::string& uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string::npos || colon == 0) return {};
  const bool scheme =
      std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon),
                  [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; });
  return scheme ? uri.substr(0, colon) : std::string{};
}

/// The path of a file: URI (file:a, file:/a, file:///a, file://localhost/a) or of a bare path.
std::filesystem::path path_of(const std::string& uri, const std::string& scheme) {
  if (scheme.empty()) return uri;
  std::string path = uri.substr(scheme.size() + 1);
  for (const std::string_view authority : {"//localhost/", "///"}) {
    if (path.compare(0, authority.size(), authority) == 0) return path.substr(authority.size() - 1);
  }
  return path;
}

/// A library context of the key's own with these providers, or none for the process's default context.
Result<KeyHome, KeyFault> make_home(const KeyOptions& options) {
  KeyHome home;
  home.properties = options.properties;
  const auto& names = options.providers;
  if (names.empty() || (names.size() == 1 && names.front() == "default")) return home;
  std::vector<OSSL_PROVIDER*> loaded;
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  std::string failed;
  for (const auto& name : names) {
    OSSL_PROVIDER* provider = library != nullptr ? OSSL_PROVIDER_load(library, name.c_str()) : nullptr;
    if (provider == nullptr) {
      failed = name;
      break;
    }
    loaded.push_back(provider);
  }
  home.library = std::shared_ptr<OSSL_LIB_CTX>(library, [loaded](OSSL_LIB_CTX* context) {
    for (OSSL_PROVIDER* provider : loaded) OSSL_PROVIDER_unload(provider);
    OSSL_LIB_CTX_free(context);
  });
  if (!failed.empty()) {
    const std::string hint =
        failed == "tpm2" ? "; install tpm2-openssl" : "; check the name and $OPENSSL_MODULES";
    return Fail{KeyFault{Code::kProvider, "OpenSSL provider \"" + failed + "\" cannot be loaded (" +
                                              take_openssl_reason() + ")" + hint}};
  }
  return home;
}

/// The first private key that the store yields.
PkeyPtr first_key(OSSL_STORE_CTX& store) {
  while (OSSL_STORE_eof(&store) == 0) {
    const InfoPtr info{OSSL_STORE_load(&store)};
    if (info == nullptr) {
      if (OSSL_STORE_error(&store) != 0) return nullptr;
      continue;
    }
    if (OSSL_STORE_INFO_get_type(info.get()) == OSSL_STORE_INFO_PKEY) {
      return PkeyPtr{OSSL_STORE_INFO_get1_PKEY(info.get())};
    }
  }
  return nullptr;
}

bool mentions_pin(std::string reason) {
  std::transform(reason.begin(), reason.end(), reason.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return reason.find("pin") != std::string::npos || reason.find("login") != std::string::npos ||
         reason.find("decrypt") != std::string::npos || reason.find("pass") != std::string::npos;
}

/// One signature, made and verified: a PIN, a session or a chip that does not work shows now.
Result<Done, KeyFault> try_out(const Signer& signer, const std::string& uri) {
  constexpr std::string_view kLabel{"chiploc key check v1\0", 21};
  const auto signature = signer.sign(bytes_of(kLabel));
  if (!signature) return Fail{KeyFault{signature.error().code, uri + ": " + signature.error().text}};
  if (!signer.public_key().verify(bytes_of(kLabel), *signature)) {
    return Fail{
        KeyFault{Code::kSigningFailed, uri + ": its signature does not verify with its public key; give each "
                                             "key of a token an id (CKA_ID) of its own"}};
  }
  return Done{};
}

}  // namespace

Result<SecretText, KeyFault> read_secret_line(const std::filesystem::path& file) {
  auto content = read_private_file(file);
  if (!content) return Fail{content.error()};
  std::string& text = content->writable();
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  return content;
}

Result<std::unique_ptr<Signer>, KeyFault> open_signer(const KeyOptions& options) {
  PinAnswer answer{.pin = {}, .ask = options.ask};
  if (auto read = read_pin(options, answer); !read) return Fail{read.error()};
  const UiMethodPtr ui{UI_UTIL_wrap_read_pem_callback(answer_pin, 0)};
  const std::string scheme = scheme_of(options.uri);
  const bool is_file = scheme.empty() || scheme == "file";

  KeyHome home;
  SecretText content;
  BioPtr bio;
  StorePtr store;
  std::string name = options.uri;
  ERR_clear_error();
  if (scheme == "pkcs11") {
    const auto access = prepare_pkcs11(options.uri);
    if (!access) return Fail{access.error()};
    home = access->home;
    store.reset(OSSL_STORE_open_ex(access->uri.c_str(), home.library.get(), nullptr, ui.get(), &answer,
                                   nullptr, nullptr, nullptr));
  } else {
    auto made = make_home(options);
    if (!made) return Fail{made.error()};
    home = *std::move(made);
    const char* properties = home.properties.empty() ? nullptr : home.properties.c_str();
    if (is_file) {
      const auto path = options.base_folder / path_of(options.uri, scheme);
      name = path.string();
      auto read = read_private_file(path);
      if (!read) return Fail{read.error()};
      content = *std::move(read);
      bio = bio_reading(bytes_of(content.text()));
      store.reset(OSSL_STORE_attach(bio.get(), "file", home.library.get(), properties, ui.get(), &answer,
                                    nullptr, nullptr, nullptr));
    } else {
      store.reset(OSSL_STORE_open_ex(options.uri.c_str(), home.library.get(), properties, ui.get(), &answer,
                                     nullptr, nullptr, nullptr));
    }
  }
  if (store == nullptr) {
    const std::string reason = take_openssl_reason();
    return Fail{KeyFault{Code::kUnreadable, name + ": OpenSSL's store cannot open it (" + reason +
                                                "); check the URI and the providers"}};
  }
  OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  PkeyPtr key = first_key(*store);
  if (key == nullptr) {
    const std::string reason = take_openssl_reason();
    if (answer.asked && (!answer.given || is_file || mentions_pin(reason))) {
      return Fail{
          KeyFault{Code::kBadPin, name +
                                      (answer.given ? ": the PIN or passphrase is refused"
                                                    : ": a PIN or passphrase is needed; set pin_file") +
                                      (reason.empty() ? "" : " (" + reason + ")")}};
    }
    if (reason.find("PKCS#11 module") != std::string::npos) {  // libp11 loads it only now
      return Fail{
          KeyFault{Code::kProvider, name + ": " + reason + "; check module-path or $PKCS11_MODULE_PATH"}};
    }
    // pkcs11-provider 1.0 finds nothing, and no fault, where the token refused the PIN.
    const bool perhaps_the_pin = scheme == "pkcs11" && answer.given && reason.empty();
    return Fail{KeyFault{
        Code::kNoPrivateKey,
        name + ": no private key there" +
            (perhaps_the_pin ? ", or the token refuses the PIN, which it may count; look at both" : "") +
            (reason.empty() ? "" : " (" + reason + ")")}};
  }
  auto signer = signer_of(std::move(key), std::move(home));
  if (!signer) return Fail{KeyFault{signer.error().code, name + ": " + signer.error().text}};
  if (auto tried = try_out(**signer, name); !tried) return Fail{tried.error()};
  return signer;
}

}  // namespace chiploc
