// mocha leaves a rejection that nobody handles unsaid; a test in which it happens is to fail.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
