// What a bare node imports, to compare.
export {};
