import type { Plugin } from 'vite';

/**
 * What the page may do, and it may do nothing else: no script but its own files, no code out of text, nothing of another
 * origin. `wasm-unsafe-eval` is what WebAssembly needs, and allows nothing but WebAssembly; `blob:` is what the page has
 * made itself: pictures, and the engine's bytes after they were verified. The library starts its worker by a policy of its own.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self' blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default facenet-web',
].join('; ');

/** A Vite plugin: the policy stands in the page itself, so that it holds on any host. (Vite's own server needs inline scripts.) */
export function contentSecurityPolicyInPage(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}
