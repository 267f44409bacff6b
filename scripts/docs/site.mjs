// The parts of the documentation site that TypeDoc does not generate: the live examples and the demo.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The examples that run without a build, by folder in examples/, with the height that their pages need. */
const staticExamples = {
  'import-map': { title: 'Import map', height: '4rem' },
  element: { title: 'Custom element', height: '32rem' },
};

/**
 * Writes the page that shows the static examples, with their source.
 *
 * @param {string} root the repository
 * @returns {string} its path, below .cache/
 */
export function writeExamplesPage(root) {
  const sections = Object.entries(staticExamples).map(([name, { title, height }]) => {
    const source = (/** @type {string} */ file) => readFileSync(join(root, 'examples', name, file), 'utf8');
    return [
      `## ${title}\n`,
      `<iframe src="../examples/${name}.html" title="${title}" style="width: 100%; height: ${height}"></iframe>\n`,
      `\`\`\`html\n${source('index.html')}\`\`\`\n`,
      `\`\`\`js\n${source('main.js')}\`\`\`\n`,
    ].join('\n');
  });
  const folder = join(root, '.cache/docs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'live-examples.md');
  writeFileSync(file, `# Live examples\n\n${sections.join('\n')}`);
  return file;
}

/**
 * Copies the static examples to examples/NAME.html and examples/NAME.js. They share one copy of the library, of its models
 * and of two photos of the same person.
 *
 * @param {string} root the repository
 * @param {string} out the site
 */
export function copyExamples(root, out) {
  const folder = join(out, 'examples');
  cpSync(join(root, 'dist'), join(folder, 'facenet-web'), { recursive: true });
  cpSync(join(root, 'public/models'), join(folder, 'models'), { recursive: true });
  for (const photo of ['a.jpg', 'b.jpg']) {
    cpSync(join(root, 'node_modules/@vladmandic/face-api/demo/sample1.jpg'), join(folder, photo));
  }
  for (const name of Object.keys(staticExamples)) {
    const page = readFileSync(join(root, 'examples', name, 'index.html'), 'utf8');
    writeFileSync(join(folder, `${name}.html`), page.replace('src="main.js"', `src="${name}.js"`));
    cpSync(join(root, 'examples', name, 'main.js'), join(folder, `${name}.js`));
  }
}

/**
 * Copies the built demo to demo/.
 *
 * @param {string} root the repository
 * @param {string} out the site
 */
export function copyDemo(root, out) {
  cpSync(join(root, 'dist-demo'), join(out, 'demo'), { recursive: true });
}

/**
 * Adds a link to the demo to the navigation of every page.
 *
 * @param {import('typedoc').Application} application
 * @param {typeof import('typedoc')} typedoc
 */
export function addDemoLink({ renderer }, { JSX }) {
  renderer.hooks.on('sidebar.begin', (context) =>
    JSX.createElement('p', null, JSX.createElement('a', { href: context.relativeURL('demo/index.html') }, 'Live demo')),
  );
}

/**
 * Names each guide after its first heading in the navigation, and after its file in the URL.
 *
 * @param {import('typedoc').Application} application
 * @param {typeof import('typedoc')} typedoc
 */
export function nameGuides({ converter, renderer, options }, { Converter, KindRouter }) {
  /** @type {Map<import('typedoc').Reflection, string>} */
  const fileNames = new Map();
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, guide) => {
    // The name is the path without its extension.
    fileNames.set(guide, basename(guide.name));
    const heading = guide.content.find(({ kind }) => kind === 'text')?.text.match(/^# (.+)$/m)?.[1];
    if (heading) guide.name = heading;
  });
  renderer.defineRouter(
    'guides',
    class extends KindRouter {
      /**
       * @override
       * @param {import('typedoc').Reflection} reflection
       */
      getIdealBaseName(reflection) {
        const name = fileNames.get(reflection);
        return name ? `documents/${name}` : super.getIdealBaseName(reflection);
      }
    },
  );
  options.setValue('router', 'guides');
}
