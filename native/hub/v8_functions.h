#ifndef SIGKIT_HUB_V8_FUNCTIONS_H_
#define SIGKIT_HUB_V8_FUNCTIONS_H_

#include <string>

namespace sigkit {

using InterruptCallback = void (*)(void* isolate, void* data);

// Of the V8 that is in this process, found by name, as Node-API has none of them. The names are the same in Node 20 to
// 26 but for the last; Bun and Deno do not export them.

// The isolate of the calling thread; null where there is none, or no such function.
void* CurrentIsolate();

// Whether stacks can be had at all.
bool HasStacks();

// The callback runs in the isolate's thread as soon as that runs JavaScript: once, later, or never. From any thread,
// while the isolate lives.
void RequestInterrupt(void* isolate, InterruptCallback callback, void* data);

// The frames of the calling thread's JavaScript, a line each, the innermost first: `function (file:line:column)`. Runs
// none of it, but allocates: empty where the heap has next to no room. UTF-8, but characters beyond Latin-1 are lost.
std::string CurrentStack(void* isolate);

// What V8 calls in the isolate's thread: before JavaScript is called from native code; around each garbage collection.
struct IsolateHooks {
  using Collection = void (*)(void* isolate, int type, int flags, void* data);
  void (*entered)(void* isolate);
  Collection collecting;
  Collection collected;
};

bool HasHooks();

// Both on that thread; only where HasHooks.
void AddHooks(void* isolate, const IsolateHooks& hooks, void* data);
void RemoveHooks(void* isolate, const IsolateHooks& hooks, void* data);

}  // namespace sigkit

#endif  // SIGKIT_HUB_V8_FUNCTIONS_H_
