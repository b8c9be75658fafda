// Runs first inside the program under test: the keychain library, an optional package, is not there. The keychain itself is.
const Module = require('node:module');
require('./real-keychain.cjs');

const load = Module._load;
Module._load = function (name, ...rest) {
  if (name === '@napi-rs/keyring') throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  return load.call(this, name, ...rest);
};
