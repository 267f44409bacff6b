import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Bundles a module of TypeScript and JSX with React. The script imports the built library, and is served under /dist/. */
export async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path('../..'), loader: 'tsx' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'built-library',
        setup({ onResolve }) {
          onResolve({ filter: /^facenet-web\/react$/ }, () => ({ path: path('../../dist/react.js') }));
          onResolve({ filter: /^(facenet-web|\.\/facenet-web\.js)/ }, ({ path }) => {
            const name = path.replace(/^\.\/|\.js$/g, '').replace('facenet-web/', '');
            return { path: `/dist/${name}.js`, external: true };
          });
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}
