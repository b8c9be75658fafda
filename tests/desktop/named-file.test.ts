import { describe, expect, test } from 'vitest';
import { namedFile } from '../../electron/desktop/named-file.ts';

describe('the dump on the command line', () => {
  test('packaged: the first word that is no switch', () => {
    expect(namedFile(['/opt/howdah', 'shop.dump'], '/home/a', '/opt/app.asar', true)).toBe('/home/a/shop.dump');
    expect(namedFile(['/opt/howdah', '--no-sandbox', '/tmp/x y.dump'], '/', '/opt/app.asar', true)).toBe('/tmp/x y.dump');
    expect(namedFile(['/opt/howdah', '--no-sandbox'], '/', '/opt/app.asar', true)).toBeNull();
    expect(namedFile(['/opt/howdah'], '/', '/opt/app.asar', true)).toBeNull();
  });

  test('in a checkout: only what follows the program’s folder', () => {
    const app = '/src/howdah';
    expect(namedFile(['electron', '-r', '/loader.js', '/src/howdah', 'a.dump'], '/home/a', app, false)).toBe('/home/a/a.dump');
    expect(namedFile(['electron', '-r', '/loader.js', '.'], app, app, false)).toBeNull();
    expect(namedFile(['electron', '/elsewhere/loader.js'], '/', app, false)).toBeNull();
  });
});
