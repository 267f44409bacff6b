import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import type { Page } from 'playwright/test';
import { build, type PluginOption } from 'vite';
import { blockOf } from '../support/documents.ts';
import { expect, test } from '../support/library.ts';
import { drawnPixels, withCamera } from '../support/webcam.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The frameworks: the plugin, and a module that mounts the component of the recipe, and unmounts it on `stop`. */
const frameworks: Record<string, { plugin: PluginOption; main: string }> = {
  vue: {
    plugin: vue(),
    main: `
      import { createApp } from 'vue';
      import App from './App.vue';
      const app = createApp(App);
      app.mount('#app');
      addEventListener('stop', () => app.unmount());
    `,
  },
  svelte: {
    plugin: svelte({ configFile: false }),
    main: `
      import { mount, unmount } from 'svelte';
      import App from './App.svelte';
      const app = mount(App, { target: document.querySelector('#app') });
      addEventListener('stop', () => void unmount(app));
    `,
  },
};

for (const [name, { plugin, main }] of Object.entries(frameworks)) {
  test(`the recipe for ${name} is built with Vite, and marks the faces of the camera, and frees it when it is unmounted`, async ({
    browserName: _,
  }, testInfo) => {
    test.setTimeout(240_000);
    // Inside the repository, where the frameworks are installed.
    const folder = join(root, 'test-results/frameworks', name);
    mkdirSync(folder, { recursive: true });
    const component = blockOf(`docs/recipes/${name}.md`, name, '<video');
    writeFileSync(join(folder, `App.${name}`), component);
    writeFileSync(join(folder, 'main.js'), main);
    writeFileSync(
      join(folder, 'index.html'),
      '<link rel="icon" href="data:,"><div id="app"></div><script type="module" src="./main.js"></script>',
    );
    await build({
      root: folder,
      base: '/built/',
      configFile: false,
      logLevel: 'error',
      plugins: [plugin],
      resolve: {
        alias: [
          { find: /^facenet-web$/, replacement: `${root}dist/facenet-web.js` },
          { find: /^facenet-web\/(\w+)$/, replacement: `${root}dist/$1.js` },
        ],
      },
      worker: { format: 'es' },
      build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
    });
    const html = readFileSync(join(folder, 'dist/index.html'), 'utf8');
    await withCamera(
      testInfo.outputPath('camera.mjpeg'),
      `<!doctype html>${html}`,
      async (page) => {
        const rejections: string[] = [];
        page.on('pageerror', (error) => rejections.push(String(error)));
        page.on('console', (message) => message.type() === 'error' && rejections.push(message.text()));
        await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
        expect(page.workers()).toHaveLength(1);
        const camera = await page.evaluateHandle(() => {
          const { srcObject } = document.querySelector('video') as HTMLVideoElement;
          return (srcObject as MediaStream).getTracks()[0] as MediaStreamTrack;
        });
        await unmount(page);
        expect(await camera.evaluate(({ readyState }) => readyState)).toBe('ended');
        await expect.poll(() => page.workers().length).toBe(0);

        // Unmounted while the user is still asked.
        await page.addInitScript(holdPermission);
        await page.reload();
        await page.waitForFunction(() => 'allowCamera' in globalThis);
        await unmount(page);
        const track = await page.evaluateHandle(() =>
          (globalThis as unknown as { allowCamera: () => Promise<MediaStreamTrack> }).allowCamera(),
        );
        await expect.poll(() => track.evaluate(({ readyState }) => readyState)).toBe('ended');
        expect(page.workers()).toHaveLength(0);
        expect(rejections).toEqual([]);
      },
      { '/built': join(folder, 'dist') },
    );
  });
}

/** Unmounts the component, and waits until its element is gone. */
async function unmount(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('stop')));
  await expect(page.locator('video')).toHaveCount(0);
}

/** Runs in the page: the camera is granted when `allowCamera()` is called, which returns its track. */
function holdPermission(): void {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) =>
    new Promise((resolve) => {
      const allowCamera = async () => {
        const stream = await open(constraints);
        resolve(stream);
        return stream.getTracks()[0];
      };
      Object.assign(globalThis, { allowCamera });
    });
}
