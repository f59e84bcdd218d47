#ifndef SIGKIT_ADDON_TURN_PULSE_H_
#define SIGKIT_ADDON_TURN_PULSE_H_

namespace sigkit {

class JavaScriptThread;

// LoopView::open_pulse and close_pulse, of libuv.
void* OpenTurnPulse(void* loop, JavaScriptThread* thread);
void CloseTurnPulse(void* pulse);

}  // namespace sigkit

#endif  // SIGKIT_ADDON_TURN_PULSE_H_
