#ifndef SIGKIT_INIT_USAGE_H_
#define SIGKIT_INIT_USAGE_H_

namespace sigkit::init {

void PrintUsage(int file);
void PrintVersion(int file);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_USAGE_H_
