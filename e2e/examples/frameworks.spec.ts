import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { build, type PluginOption } from 'vite';
import { expect, test } from '../support/library.ts';
import { drawnPixels, withCamera } from '../support/webcam.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The frameworks: the plugin, and a module that mounts the component of the recipe. */
const frameworks: Record<string, { plugin: PluginOption; main: string }> = {
  vue: {
    plugin: vue(),
    main: "import { createApp } from 'vue'; import App from './App.vue'; createApp(App).mount('#app');",
  },
  svelte: {
    plugin: svelte({ configFile: false }),
    main: "import { mount } from 'svelte'; import App from './App.svelte'; mount(App, { target: document.querySelector('#app') });",
  },
};

for (const [name, { plugin, main }] of Object.entries(frameworks)) {
  test(`the recipe for ${name} is built with Vite, and marks the faces of the camera`, async ({
    browserName: _,
  }, testInfo) => {
    test.setTimeout(240_000);
    // Inside the repository, where the frameworks are installed.
    const folder = join(root, 'test-results/frameworks', name);
    mkdirSync(folder, { recursive: true });
    const recipe = readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
    const [, component = ''] = recipe.match(new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\``, 'm')) ?? [];
    writeFileSync(join(folder, `App.${name}`), component);
    writeFileSync(join(folder, 'main.js'), main);
    writeFileSync(join(folder, 'index.html'), '<div id="app"></div><script type="module" src="./main.js"></script>');
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
        await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
        expect(page.workers()).toHaveLength(1);
      },
      { '/built': join(folder, 'dist') },
    );
  });
}
