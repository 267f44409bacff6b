// npm run icons: renders the demo's icons from demo/icon.svg.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { launchChromium } from '../kit/browser.ts';
import { runCommand } from '../kit/command.ts';
import { repositoryPath } from '../kit/paths.ts';

runCommand('usage: npm run icons', async () => {
  const svg = readFileSync(repositoryPath('demo/icon.svg'), 'utf8');
  // Devices crop a maskable icon: the background fills the square, and the drawing stays in the safe zone.
  const maskable = svg
    .replace('rx="15"', '')
    .replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80" style="background: #2438e0"');
  const folder = repositoryPath('public/icons');
  mkdirSync(folder, { recursive: true });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
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
      writeFileSync(`${folder}/${name}.png`, await page.screenshot({ omitBackground: true }));
    }
  } finally {
    await browser.close();
  }
  return undefined;
});
