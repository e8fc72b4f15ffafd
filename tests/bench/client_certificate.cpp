// wrk speaks TLS, but has no certificate of its own to show. Preloaded (LD_PRELOAD) this gives every TLS context of a program
// the one that is in the files CHIPLOC_BENCH_CERTIFICATE and CHIPLOC_BENCH_KEY.
#include <dlfcn.h>
#include <openssl/ssl.h>

#include <cstdlib>

extern "C" SSL_CTX* SSL_CTX_new(const SSL_METHOD* method) {
  using Make = SSL_CTX* (*)(const SSL_METHOD*);
  static const auto kMake = reinterpret_cast<Make>(::dlsym(RTLD_NEXT, "SSL_CTX_new"));
  SSL_CTX* const context = kMake(method);
  const char* const certificate = std::getenv("CHIPLOC_BENCH_CERTIFICATE");
  const char* const key = std::getenv("CHIPLOC_BENCH_KEY");
  if (context == nullptr || certificate == nullptr || key == nullptr ||
      SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    std::abort();
  return context;
}
