// The default handler of std::terminate() in libc++abi prints the type of the exception. Built without exceptions there
// is none, and the demangler for that would be a third of the code.
// NOLINTNEXTLINE(bugprone-*,cert-*)
extern "C" [[gnu::visibility("hidden")]] char* __cxa_demangle(const char*, char*, unsigned long*, int* status) {
  if (status != nullptr) *status = -1;
  return nullptr;
}
