// `npm run icons`: draws the demo's icons, which are committed, from demo/icon.svg.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { launchChromium } from '../kit/browser.ts';

const svg = readFileSync('demo/icon.svg', 'utf8');
// A device cuts a maskable icon to a shape of its own: the ground fills all of it, the drawing stays in the middle.
const maskable = svg
  .replace('rx="15"', '')
  .replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80" style="background: #2438e0"');

const browser = await launchChromium();
const page = await browser.newPage();
mkdirSync('public/icons', { recursive: true });
for (const [name, source, side] of [
  ['icon-192', svg, 192],
  ['icon-512', svg, 512],
  ['icon-maskable-512', maskable, 512],
  ['apple-touch-icon', maskable, 180],
] as const) {
  await page.setViewportSize({ width: side, height: side });
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${source}`,
  );
  writeFileSync(`public/icons/${name}.png`, await page.screenshot({ omitBackground: true }));
}
await browser.close();
