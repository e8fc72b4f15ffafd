// ENGINE and OSSL_STORE_LOADER are deprecated in OpenSSL 3 in favour of providers. Debian 12 has libp11's
// engine and no provider for PKCS#11, so this file, and it alone, bridges the two. Where the provider is, it serves.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "proto/crypto/pkcs11_store.hpp"

#include <openssl/core_names.h>
#include <openssl/engine.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/store.h>

#include <cstdlib>
#include <mutex>
#include <string_view>

#include "proto/crypto/openssl_handles.hpp"

/// OpenSSL's opaque state of one opened URI; each loader defines its own.
struct ossl_store_loader_ctx_st {
  std::string uri;
  const UI_METHOD* ui_method = nullptr;
  void* ui_data = nullptr;
  bool done = false;
};

namespace chiploc {
namespace {

/// Lives as long as the process: its keys refer to it.
struct Pkcs11 {
  std::mutex guard;
  OSSL_LIB_CTX* provided = nullptr;     // with pkcs11-provider in it
  ENGINE* engine = nullptr;             // where there is no provider
  OSSL_STORE_LOADER* loader = nullptr;  // OpenSSL does not free what was registered
  std::string module;
};
Pkcs11& the_pkcs11() {
  static auto* const kShared = new Pkcs11;  // never destroyed: keys may outlive static destructors
  return *kShared;
}

OSSL_STORE_LOADER_CTX* open_uri(const OSSL_STORE_LOADER* /*loader*/, const char* uri,
                                const UI_METHOD* ui_method, void* ui_data) {
  return new OSSL_STORE_LOADER_CTX{uri, ui_method, ui_data, false};
}

OSSL_STORE_INFO* load_key(OSSL_STORE_LOADER_CTX* context, const UI_METHOD* ui_method, void* ui_data) {
  context->done = true;
  // The engine's own signature lacks a const that it honours.
  auto* method = const_cast<UI_METHOD*>(ui_method != nullptr ? ui_method : context->ui_method);
  void* data = ui_method != nullptr ? ui_data : context->ui_data;
  EVP_PKEY* key = ENGINE_load_private_key(the_pkcs11().engine, context->uri.c_str(), method, data);
  return key != nullptr ? OSSL_STORE_INFO_new_PKEY(key) : nullptr;
}

int at_end(OSSL_STORE_LOADER_CTX* context) { return context->done ? 1 : 0; }
int no_error(OSSL_STORE_LOADER_CTX* /*context*/) { return 0; }
int close_uri(OSSL_STORE_LOADER_CTX* context) {
  delete context;
  return 1;
}

/// Null if it cannot be registered.
OSSL_STORE_LOADER* register_loader(ENGINE* engine) {
  OSSL_STORE_LOADER* loader = OSSL_STORE_LOADER_new(engine, "pkcs11");
  const bool registered =
      loader != nullptr && OSSL_STORE_LOADER_set_open(loader, open_uri) == 1 &&
      OSSL_STORE_LOADER_set_load(loader, load_key) == 1 && OSSL_STORE_LOADER_set_eof(loader, at_end) == 1 &&
      OSSL_STORE_LOADER_set_error(loader, no_error) == 1 &&
      OSSL_STORE_LOADER_set_close(loader, close_uri) == 1 && OSSL_STORE_register_loader(loader) == 1;
  if (registered) return loader;
  OSSL_STORE_LOADER_free(loader);
  return nullptr;
}

KeyFault provider_fault(const std::string& what) { return {KeyFault::Code::kProvider, what}; }

/// Takes the query attribute module-path out of the URI (RFC 7512, 2.4).
std::string take_module_path(std::string& uri) {
  constexpr std::string_view kName = "module-path=";
  std::size_t start = uri.find('?');
  while (start != std::string::npos) {
    const std::size_t end = std::min(uri.find('&', start + 1), uri.size());
    if (uri.compare(start + 1, kName.size(), kName) == 0) {
      std::string path = uri.substr(start + 1 + kName.size(), end - start - 1 - kName.size());
      const bool first = uri[start] == '?';
      uri.erase(start, end - start);
      if (first && start < uri.size()) uri[start] = '?';  // the next attribute's '&'
      return path;
    }
    start = uri.find('&', start + 1);
  }
  return {};
}

/// A library context with pkcs11-provider and this module in it; null if there is no such provider. Before version 3.2
/// OpenSSL takes a provider's settings from its configuration file alone, and Debian has the provider only with a later one.
OSSL_LIB_CTX* load_provider([[maybe_unused]] std::string module) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  if (library == nullptr) return nullptr;
  if (const char* path = std::getenv("PKCS11_MODULE_PATH"); module.empty() && path != nullptr) module = path;
  OSSL_PARAM settings[]{OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
  if (!module.empty()) settings[0] = OSSL_PARAM_construct_utf8_string("pkcs11-module-path", module.data(), 0);
  OSSL_PROVIDER* usual = OSSL_PROVIDER_load(library, "default");
  if (usual != nullptr && OSSL_PROVIDER_load_ex(library, "pkcs11", settings) != nullptr) return library;
  if (usual != nullptr) OSSL_PROVIDER_unload(usual);
  OSSL_LIB_CTX_free(library);
#endif
  return nullptr;
}

/// Starts libp11's engine with this module, or its own where the text is empty.
Result<Done, KeyFault> start_engine(Pkcs11& shared, const std::string& module) {
  ENGINE_load_dynamic();
  ENGINE* engine = ENGINE_by_id("pkcs11");
  if (engine == nullptr) {
    return Fail{
        provider_fault("OpenSSL's engine \"pkcs11\" cannot be loaded (" + take_openssl_reason() +
                       "); install pkcs11-provider (Debian 13) or libengine-pkcs11-openssl (Debian 12)")};
  }
  if (!module.empty() && ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module.c_str(), 0) != 1) {
    ENGINE_free(engine);
    return Fail{provider_fault("module-path " + module + " is refused: " + take_openssl_reason())};
  }
  const bool started = ENGINE_init(engine) == 1;
  if (started) shared.loader = register_loader(engine);
  if (shared.loader == nullptr) {
    const std::string reason = take_openssl_reason();
    if (started) ENGINE_finish(engine);
    ENGINE_free(engine);
    return Fail{provider_fault("the PKCS#11 engine does not start: " + reason)};
  }
  shared.engine = engine;
  return Done{};
}

}  // namespace

Result<Pkcs11Access, KeyFault> prepare_pkcs11(const std::string& uri) {
  Pkcs11Access access{uri, {}};
  const std::string module = take_module_path(access.uri);
  Pkcs11& shared = the_pkcs11();
  const std::lock_guard lock{shared.guard};
  if (shared.provided == nullptr && shared.engine == nullptr) {
    shared.provided = load_provider(module);
    if (shared.provided == nullptr) {
      if (auto started = start_engine(shared, module); !started) return Fail{started.error()};
    }
    shared.module = module;
  } else if (!module.empty() && module != shared.module) {
    return Fail{provider_fault("module-path " + module + ": this process already uses the PKCS#11 module " +
                               (shared.module.empty() ? "of its environment" : shared.module))};
  }
  // Kept for the process: a key may not outlive the context that made it.
  if (shared.provided != nullptr) access.home.library = {shared.provided, [](OSSL_LIB_CTX* /*kept*/) {}};
  return access;
}

}  // namespace chiploc
