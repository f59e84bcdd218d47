#include "posix/linked_symbols.h"

#include <algorithm>

namespace sigkit {
namespace {

struct Tables {
  const Elf64_Sym* symbols = nullptr;
  const char* names = nullptr;
  const uint32_t* hash = nullptr;
  const uint32_t* gnu_hash = nullptr;
};

Tables FindTables(const LoadedCode& code) {
  Tables tables;
  for (const Elf64_Dyn* entry = code.dynamic; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
    // Some loaders have added the base already.
    const uintptr_t place = entry->d_un.d_ptr + (entry->d_un.d_ptr < code.base ? code.base : 0);
    // NOLINTBEGIN(performance-no-int-to-ptr)
    if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const Elf64_Sym*>(place);
    if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(place);
    if (entry->d_tag == DT_HASH) tables.hash = reinterpret_cast<const uint32_t*>(place);
    if (entry->d_tag == DT_GNU_HASH) tables.gnu_hash = reinterpret_cast<const uint32_t*>(place);
    // NOLINTEND(performance-no-int-to-ptr)
  }
  return tables;
}

// Only the hash tables tell how many there are.
uint32_t CountSymbols(const Tables& tables) {
  if (tables.hash != nullptr) return tables.hash[1];
  if (tables.gnu_hash == nullptr) return 0;
  const uint32_t buckets = tables.gnu_hash[0];
  const uint32_t first = tables.gnu_hash[1];
  const uint32_t filter = tables.gnu_hash[2];
  const uint32_t* const bucket = tables.gnu_hash + 4 + size_t{filter} * 2;
  const uint32_t* const chain = bucket + buckets;
  uint32_t last = 0;
  for (uint32_t index = 0; index < buckets; ++index) last = std::max(last, bucket[index]);
  if (last < first) return first;
  while ((chain[last - first] & 1U) == 0) ++last;
  return last + 1;
}

}  // namespace

const char* FindLinkedSymbol(const LoadedCode& code, uintptr_t address) {
  const Tables tables = FindTables(code);
  if (tables.symbols == nullptr || tables.names == nullptr) return nullptr;
  const uint32_t count = CountSymbols(tables);
  for (uint32_t index = 0; index < count; ++index) {
    const Elf64_Sym& symbol = tables.symbols[index];
    const auto type = ELF64_ST_TYPE(symbol.st_info);
    const bool is_function = (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol.st_shndx != SHN_UNDEF;
    if (is_function && address - code.base - symbol.st_value < symbol.st_size) return tables.names + symbol.st_name;
  }
  return nullptr;
}

}  // namespace sigkit
