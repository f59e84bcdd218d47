// Required by the node of the sanitizer runs: its children are plain again, but for those that it starts as itself.
delete process.env.LD_PRELOAD;
process.execPath = process.env.SIGKIT_NODE;
