#include "posix/loaded_code.h"

#include <link.h>

namespace sigkit {
namespace {

struct Search {
  uintptr_t address;
  LoadedCode* code;
};

Extent ExtentOf(const dl_phdr_info& info, const ElfW(Phdr) & header) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const auto* const start = reinterpret_cast<const uint8_t*>(info.dlpi_addr + header.p_vaddr);
  return {start, start + header.p_memsz};
}

int Look(dl_phdr_info* info, size_t, void* argument) {
  const auto& search = *static_cast<const Search*>(argument);
  LoadedCode found = {.base = info->dlpi_addr, .name = info->dlpi_name};
  bool is_there = false;
  for (int index = 0; index < info->dlpi_phnum; ++index) {
    const auto& header = info->dlpi_phdr[index];
    const Extent extent = ExtentOf(*info, header);
    if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0)
      // NOLINTNEXTLINE(performance-no-int-to-ptr)
      is_there |= extent.Has(reinterpret_cast<const uint8_t*>(search.address));
    if (header.p_type == PT_GNU_EH_FRAME) found.unwind_index = extent.start;
    if (header.p_type == PT_DYNAMIC) found.dynamic = reinterpret_cast<const Elf64_Dyn*>(extent.start);
  }
  for (int index = 0; index < info->dlpi_phnum; ++index) {
    const auto& header = info->dlpi_phdr[index];
    const Extent extent = ExtentOf(*info, header);
    if (header.p_type == PT_LOAD && extent.Has(found.unwind_index)) found.unwind_tables = extent;
  }
  if (is_there) *search.code = found;
  return is_there ? 1 : 0;
}

}  // namespace

bool FindLoadedCode(uintptr_t address, LoadedCode* code) {
  Search search = {address, code};
  return dl_iterate_phdr(Look, &search) != 0;
}

}  // namespace sigkit
