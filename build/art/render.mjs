// Renders every icon from elephant.mjs with Chromium. Run by hand after a change: node build/art/render.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { tile, trayImage } from './elephant.mjs';

const root = join(import.meta.dirname, '..', '..');
const icons = join(root, 'resources', 'icons');
const tray = join(root, 'resources', 'tray');
for (const folder of [icons, tray]) mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({ executablePath: process.env.HOWDAH_TEST_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();

async function render(svg, size, path) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  writeFileSync(path, await page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } }));
}

writeFileSync(join(icons, 'howdah.svg'), `${tile()}\n`);
for (const size of [16, 32, 48, 64, 128, 256, 512]) await render(tile(), size, join(icons, `icon-${size}.png`));
await render(tile(), 1024, join(root, 'build', 'icon.png'));
for (const state of ['idle', 'running', 'attention', 'paused']) {
  await render(trayImage(state, { template: false }), 22, join(tray, `${state}.png`));
  await render(trayImage(state, { template: false }), 44, join(tray, `${state}@2x.png`));
  await render(trayImage(state, { template: true }), 18, join(tray, `${state}Template.png`));
  await render(trayImage(state, { template: true }), 36, join(tray, `${state}Template@2x.png`));
}
await browser.close();
