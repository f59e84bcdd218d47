#include "posix/code_names.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "posix/linked_symbols.h"
#include "posix/loaded_code.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

constexpr const char* kProgram = "/proc/self/exe";

std::string ProgramPath() {
  std::array<char, PATH_MAX> path;
  const ssize_t length = readlink(kProgram, path.data(), path.size());
  return {path.data(), length < 0 ? 0 : static_cast<size_t>(length)};
}

// Of the C++ library of the runtime: one of our own would be larger than all the rest.
auto Demangler() {
  static const auto demangle = reinterpret_cast<decltype(&abi::__cxa_demangle)>(dlsym(RTLD_DEFAULT, "__cxa_demangle"));
  return demangle;
}

std::string Demangle(const char* symbol) {
  if (Demangler() == nullptr || symbol[0] != '_' || symbol[1] != 'Z') return symbol;
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(Demangler()(symbol, nullptr, nullptr, &status), free);
  return name == nullptr ? symbol : name.get();
}

// The file of the program as it was when it was started, read where it is touched.
class ProgramFile {
 public:
  ProgramFile() {
    const UniqueFd fd(open(kProgram, O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (fd.get() < 0 || fstat(fd.get(), &status) != 0 || status.st_size <= 0) return;
    size_ = static_cast<size_t>(status.st_size);
    bytes_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (bytes_ == MAP_FAILED) size_ = 0;
  }
  ~ProgramFile() {
    if (size_ > 0) munmap(bytes_, size_);
  }
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;

  // Null: not all of that is in it.
  template <typename Type>
  const Type* At(uint64_t offset, uint64_t count = 1) const {
    if (offset > size_ || count > (size_ - offset) / sizeof(Type)) return nullptr;
    return reinterpret_cast<const Type*>(static_cast<const char*>(bytes_) + offset);
  }

  // Calls visit(symbol, its name) for each function.
  template <typename Visit>
  void ForEachFunction(Visit visit) const {
    const auto* const header = At<Elf64_Ehdr>(0);
    if (header == nullptr) return;
    const auto* const sections = At<Elf64_Shdr>(header->e_shoff, header->e_shnum);
    for (int index = 0; sections != nullptr && index < header->e_shnum; ++index) {
      const Elf64_Shdr& section = sections[index];
      if (section.sh_type != SHT_SYMTAB || section.sh_link >= header->e_shnum) continue;
      const Elf64_Shdr& names = sections[section.sh_link];
      const uint64_t count = section.sh_size / sizeof(Elf64_Sym);
      const auto* const symbols = At<Elf64_Sym>(section.sh_offset, count);
      const auto* const text = At<char>(names.sh_offset, names.sh_size);
      if (symbols == nullptr || text == nullptr || names.sh_size == 0 || text[names.sh_size - 1] != '\0') continue;
      for (uint64_t at = 0; at < count; ++at) {
        const Elf64_Sym& symbol = symbols[at];
        if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_name < names.sh_size)
          visit(symbol, text + symbol.st_name);
      }
    }
  }

 private:
  void* bytes_ = nullptr;
  size_t size_ = 0;
};

struct Place {
  uintptr_t address;
  LoadedCode code;
  NativeFrame* frame;
};

// One pass through hundreds of thousands, which takes a millisecond.
void NameByProgramFile(const std::vector<Place>& places) {
  const ProgramFile file;
  file.ForEachFunction([&](const Elf64_Sym& symbol, const char* name) {
    for (const auto& [address, code, frame] : places) {
      if (address - code.base - symbol.st_value < symbol.st_size && frame->function.empty())
        frame->function = Demangle(name);
    }
  });
}

}  // namespace

void PrepareNames() { Demangler(); }

std::vector<NativeFrame> NameFrames(const std::vector<uintptr_t>& addresses) {
  std::vector<NativeFrame> frames(addresses.size());
  std::vector<Place> in_program;
  std::vector<Place> places;
  for (size_t index = 0; index < addresses.size(); ++index) {
    NativeFrame& frame = frames[index];
    // A call that never returns is the last instruction of its function.
    const uintptr_t address = index == 0 ? addresses[index] : addresses[index] - 1;
    LoadedCode code;
    if (!FindLoadedCode(address, &code)) continue;
    const bool is_program = *code.name == '\0';
    frame.file = is_program ? ProgramPath() : code.name;
    frame.offset = addresses[index] - code.base;
    places.push_back({address, code, &frame});
    if (is_program) in_program.push_back(places.back());
  }
  if (!in_program.empty()) NameByProgramFile(in_program);
  for (const Place& place : places) {
    if (!place.frame->function.empty()) continue;
    const char* const symbol = FindLinkedSymbol(place.code, place.address);
    if (symbol != nullptr) place.frame->function = Demangle(symbol);
  }
  return frames;
}

}  // namespace sigkit
