import type { Plugin } from 'vite';

/**
 * The demo's Content-Security-Policy. It allows scripts from the page's own files only, no code from strings and no requests to
 * other origins. `wasm-unsafe-eval` allows WebAssembly and nothing else. `blob:` allows URLs that the page creates: images, and
 * the verified bytes of the inference engine. `facenet-web` is the library's Trusted Types policy, which starts its worker.
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

/**
 * A Vite plugin that writes the policy into the built page as a meta element, so that it applies on any host. Vite's
 * development server needs inline scripts, so it gets no policy.
 */
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
