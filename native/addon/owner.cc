#include "addon/owner.h"

#include <dlfcn.h>
#include <link.h>

#include <vector>

// What copies recognise each other by. To be raised with any change of what lib/base/native.ts expects of the addon.
extern "C" [[gnu::visibility("default")]] const unsigned sigkit_hub_abi = 19;

namespace sigkit {
namespace {

constexpr const char* kSymbol = "sigkit_hub_abi";

int CollectName(dl_phdr_info* info, size_t, void* names) {
  if (info->dlpi_name[0] != '\0') static_cast<std::vector<std::string>*>(names)->emplace_back(info->dlpi_name);
  return 0;
}

// The symbol in this very object; dlsym(3) would also find it in one that the object depends on.
const unsigned* SymbolIn(const std::string& name) {
  void* object = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (object == nullptr) return nullptr;
  const auto* symbol = static_cast<const unsigned*>(dlsym(object, kSymbol));
  dlclose(object);
  Dl_info found;
  if (symbol == nullptr || dladdr(symbol, &found) == 0 || name != found.dli_fname) return nullptr;
  return symbol;
}

}  // namespace

Owner FindOwner() {
  // Objects are listed in the order in which they were loaded.
  std::vector<std::string> names;
  dl_iterate_phdr(CollectName, &names);
  for (const std::string& name : names) {
    const unsigned* symbol = SymbolIn(name);
    if (symbol == nullptr) continue;
    return symbol == &sigkit_hub_abi ? Owner{"", sigkit_hub_abi} : Owner{name, *symbol};
  }
  return Owner{"", sigkit_hub_abi};
}

}  // namespace sigkit
