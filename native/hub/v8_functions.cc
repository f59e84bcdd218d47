#include "hub/v8_functions.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace sigkit {
namespace {

// V8 writes to a stream of the runtime's own libstdc++, whose functions are found by name as well: what this file is
// linked with may be another library.
struct RuntimeString {
  char* text;
  size_t length;
  std::array<char, 16> local;

  RuntimeString(const RuntimeString&) = delete;
  RuntimeString& operator=(const RuntimeString&) = delete;
  // As std::string has one, both are returned at an address that the caller gives.
  ~RuntimeString();
};

template <typename Function>
Function Find(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

struct Functions {
  void (*request)(void*, InterruptCallback, void*);
  void (*print)(void*, void*);
  // Node 24 and later; a null filter lets all frames through.
  void (*print_filtered)(void*, void*, void*);
  void (*measure_heap)(void*, void*);
  void (*open_stream)(void*, int);
  void (*close_stream)(void*);
  RuntimeString (*text_of)(const void*);
  void (*release)(void*);

  static const Functions& Get() {
    static const Functions functions = {
        .request = Find<decltype(request)>("_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_"),
        .print = Find<decltype(print)>("_ZN2v87Message22PrintCurrentStackTraceEPNS_7IsolateERSo"),
        .print_filtered = Find<decltype(print_filtered)>(
            "_ZN2v87Message22PrintCurrentStackTraceEPNS_7IsolateERSoPFbS2_NS_5LocalINS_6StringEEEE"),
        .measure_heap = Find<decltype(measure_heap)>("_ZN2v87Isolate17GetHeapStatisticsEPNS_14HeapStatisticsE"),
        .open_stream = Find<decltype(open_stream)>(
            "_ZNSt7__cxx1119basic_ostringstreamIcSt11char_traitsIcESaIcEEC1ESt13_Ios_Openmode"),
        .close_stream =
            Find<decltype(close_stream)>("_ZNSt7__cxx1119basic_ostringstreamIcSt11char_traitsIcESaIcEED1Ev"),
        .text_of = Find<decltype(text_of)>("_ZNKSt7__cxx1119basic_ostringstreamIcSt11char_traitsIcESaIcEE3strEv"),
        .release = Find<decltype(release)>("_ZdlPv")};
    return functions;
  }

  bool complete() const {
    return request != nullptr && (print != nullptr || print_filtered != nullptr) && open_stream != nullptr &&
           close_stream != nullptr && text_of != nullptr && release != nullptr;
  }
};

RuntimeString::~RuntimeString() {
  if (text != local.data()) Functions::Get().release(text);
}

// An std::ostringstream of the runtime's.
class RuntimeStream {
 public:
  RuntimeStream() { Functions::Get().open_stream(&bytes_, kOut); }
  RuntimeStream(const RuntimeStream&) = delete;
  RuntimeStream& operator=(const RuntimeStream&) = delete;
  ~RuntimeStream() { Functions::Get().close_stream(&bytes_); }

  void* get() { return &bytes_; }
  std::string text() const {
    const RuntimeString text = Functions::Get().text_of(&bytes_);
    return {text.text, text.length};
  }

 private:
  static constexpr int kOut = 16;  // std::ios_base::out
  // It has 376, on both of our architectures.
  alignas(std::max_align_t) std::array<std::byte, 1024> bytes_;
};

struct HookFunctions {
  using Entered = void (*)(void*, void (*)(void*));
  using Add = void (*)(void*, IsolateHooks::Collection, void*, int);
  using Remove = void (*)(void*, IsolateHooks::Collection, void*);
  Entered add_entered;
  Entered remove_entered;
  Add add_prologue;
  Remove remove_prologue;
  Add add_epilogue;
  Remove remove_epilogue;

  static const HookFunctions& Get() {
    static const HookFunctions functions = {
        .add_entered = Find<Entered>("_ZN2v87Isolate28AddBeforeCallEnteredCallbackEPFvPS0_E"),
        .remove_entered = Find<Entered>("_ZN2v87Isolate31RemoveBeforeCallEnteredCallbackEPFvPS0_E"),
        .add_prologue =
            Find<Add>("_ZN2v87Isolate21AddGCPrologueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_"),
        .remove_prologue =
            Find<Remove>("_ZN2v87Isolate24RemoveGCPrologueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_"),
        .add_epilogue =
            Find<Add>("_ZN2v87Isolate21AddGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_"),
        .remove_epilogue =
            Find<Remove>("_ZN2v87Isolate24RemoveGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_")};
    return functions;
  }
};

bool HasRoom(void* isolate) {
  // v8-statistics.h: total, executable, physical, available, used, limit, and what later lines have added behind them.
  constexpr size_t kUsed = 4;
  constexpr size_t kLimit = 5;
  constexpr size_t kWanted = size_t{2} << 20;
  const auto measure = Functions::Get().measure_heap;
  if (measure == nullptr) return true;
  std::array<size_t, 64> sizes = {};
  measure(isolate, &sizes);
  return sizes[kUsed] + kWanted < sizes[kLimit];
}

// V8 writes a byte for each character, of one beyond Latin-1 the lower of its two.
std::string FromLatin1(const std::string& text) {
  std::string utf8;
  utf8.reserve(text.size());
  for (const char character : text) {
    const auto code = static_cast<uint8_t>(character);
    if (code < 0x80) {
      utf8 += character;
    } else {
      utf8 += static_cast<char>(0xC0U | code >> 6U);
      utf8 += static_cast<char>(0x80U | (code & 0x3FU));
    }
  }
  return utf8;
}

}  // namespace

void* CurrentIsolate() {
  static const auto current = Find<void* (*)()>("_ZN2v87Isolate10GetCurrentEv");
  return current == nullptr ? nullptr : current();
}

bool HasStacks() { return Functions::Get().complete(); }

void RequestInterrupt(void* isolate, InterruptCallback callback, void* data) {
  Functions::Get().request(isolate, callback, data);
}

bool HasHooks() {
  const HookFunctions& functions = HookFunctions::Get();
  return functions.add_entered != nullptr && functions.remove_entered != nullptr && functions.add_prologue != nullptr &&
         functions.remove_prologue != nullptr && functions.add_epilogue != nullptr &&
         functions.remove_epilogue != nullptr;
}

void AddHooks(void* isolate, const IsolateHooks& hooks, void* data) {
  // v8::GCType: all, with whatever a later one adds.
  constexpr int kAll = 0xffff;
  const HookFunctions& functions = HookFunctions::Get();
  functions.add_entered(isolate, hooks.entered);
  functions.add_prologue(isolate, hooks.collecting, data, kAll);
  functions.add_epilogue(isolate, hooks.collected, data, kAll);
}

void RemoveHooks(void* isolate, const IsolateHooks& hooks, void* data) {
  const HookFunctions& functions = HookFunctions::Get();
  functions.remove_entered(isolate, hooks.entered);
  functions.remove_prologue(isolate, hooks.collecting, data);
  functions.remove_epilogue(isolate, hooks.collected, data);
}

std::string CurrentStack(void* isolate) {
  const Functions& functions = Functions::Get();
  if (!functions.complete() || !HasRoom(isolate)) return {};
  RuntimeStream stream;
  if (functions.print != nullptr) {
    functions.print(isolate, stream.get());
  } else {
    functions.print_filtered(isolate, stream.get(), nullptr);
  }
  return FromLatin1(stream.text());
}

}  // namespace sigkit
