// What the binaries need of libc++, compiled without exceptions, as they are: the one that the compiler would link throws, and takes an
// unwinder, a demangler and a thread-local variable along, a quarter of the addon. Nobody catches here, so that what throws there
// ends the process both ways. Of a file that is missing here, a symbol is undefined.
const parts = {
  libcxx: [
    'algorithm',
    'functional',
    'hash',
    'memory',
    'mutex',
    'mutex_destructor',
    'string',
    'system_error',
    'verbose_abort',
  ],
  libcxxabi: ['abort_message', 'cxa_guard', 'cxa_virtual'],
};

/** `lib`: where the sources are that the compiler brings. */
export function runtimeOf(lib) {
  return {
    sources: [
      'native/toolchain/new.cc',
      ...Object.entries(parts).flatMap(([library, names]) => names.map((name) => `${lib}/${library}/src/${name}.cpp`)),
    ],
    compile: [
      '-std=c++23',
      '-fPIC',
      '-fno-exceptions',
      '-fvisibility=hidden',
      '-D_LIBCPP_BUILDING_LIBRARY',
      '-D_LIBCXXABI_BUILDING_LIBRARY',
      `-I${lib}/libcxx/src`,
    ],
  };
}
