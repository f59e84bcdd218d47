#ifndef SIGKIT_POSIX_SIGNAL_SET_H_
#define SIGKIT_POSIX_SIGNAL_SET_H_

#include <bit>
#include <cstdint>

namespace sigkit {

inline constexpr int kSignalCount = 64;
// To the kernel. The first few are libc's (libc_signals.h) and never claimed.
inline constexpr int kFirstRealtime = 32;

// The kernel's own sigset_t: 64 bits, bit n-1 for signal n. libc's is 1024 bits and its calls quietly drop its own
// (signal(7)), so masks read and written through it would not come back byte for byte.
// Its functions are part of the handlers that use it, in which no sanitizer may have its calls: always inlined.
class SignalSet {
 public:
  constexpr SignalSet() = default;
  [[gnu::always_inline]] constexpr explicit SignalSet(uint64_t bits) : bits_(bits) {}
  [[gnu::always_inline]] static constexpr SignalSet Of(int signo) { return SignalSet(uint64_t{1} << (signo - 1)); }
  static constexpr SignalSet All() { return SignalSet(~uint64_t{0}); }

  [[gnu::always_inline]] constexpr bool Has(int signo) const { return (bits_ >> (signo - 1)) & 1; }
  [[gnu::always_inline]] constexpr bool Contains(SignalSet other) const { return (other.bits_ & ~bits_) == 0; }
  [[gnu::always_inline]] constexpr bool Empty() const { return bits_ == 0; }
  constexpr int Lowest() const { return std::countr_zero(bits_) + 1; }
  [[gnu::always_inline]] constexpr uint64_t bits() const { return bits_; }

  [[gnu::always_inline]] constexpr SignalSet operator|(SignalSet other) const { return SignalSet(bits_ | other.bits_); }
  [[gnu::always_inline]] constexpr SignalSet operator&(SignalSet other) const { return SignalSet(bits_ & other.bits_); }
  constexpr SignalSet operator^(SignalSet other) const { return SignalSet(bits_ ^ other.bits_); }
  [[gnu::always_inline]] constexpr SignalSet operator~() const { return SignalSet(~bits_); }
  [[gnu::always_inline]] constexpr SignalSet& operator|=(SignalSet other) { return *this = *this | other; }
  constexpr SignalSet& operator&=(SignalSet other) { return *this = *this & other; }
  constexpr bool operator==(const SignalSet&) const = default;

  // Calls visit(signo) for each member, lowest first.
  template <typename Visit>
  constexpr void ForEach(Visit visit) const {
    for (uint64_t rest = bits_; rest != 0; rest &= rest - 1) visit(std::countr_zero(rest) + 1);
  }

 private:
  uint64_t bits_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SIGNAL_SET_H_
