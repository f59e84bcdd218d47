#ifndef SIGKIT_INIT_DESCRIPTORS_H_
#define SIGKIT_INIT_DESCRIPTORS_H_

#include <span>

namespace sigkit::init {

// Closes all descriptors but these; negative numbers among them stand for none. The order of `kept` is changed.
void CloseAllBut(std::span<int> kept);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_DESCRIPTORS_H_
