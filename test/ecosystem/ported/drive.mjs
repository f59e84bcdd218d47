// Runs one of the two functions of a program, with what its package exports.
const [, , file, side] = process.argv;
const { [side]: program } = await import(file);
await program(await import(process.env.PACKAGE));
