// Runs first inside the program under test: the library of the keychain cannot be loaded, as on a platform that it has no binary for.
// The keychain itself is there.
require('./real-keychain.cjs');

const dlopen = process.dlopen.bind(process);
process.dlopen = function (module, file, ...rest) {
  if (/keyring[^/]*\.node$/.test(file)) throw new Error(`no ${file} for this platform`);
  return dlopen(module, file, ...rest);
};
