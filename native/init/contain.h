#ifndef SIGKIT_INIT_CONTAIN_H_
#define SIGKIT_INIT_CONTAIN_H_

namespace sigkit::init {

// The word by which lib/process/contain/ asks for it; nobody else is to.
inline constexpr char kContainWord[] = "--contain";

// Runs one command for a runner and tells it what becomes of it, over a socket that the command does not get. When the
// command ends, or the runner does, in whatever way, all that is below this process is killed: it adopts what loses its
// parent. The words after the first: "CONTROL,TERMINAL,FLAGS,MASK,UID,GID,FILES,GROUPS[,GROUP...]", the files to try,
// and the command's arguments.
int Contain(char* const* words);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_CONTAIN_H_
