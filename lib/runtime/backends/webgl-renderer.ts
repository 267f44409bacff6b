/** The name of the WebGL 2 renderer, or `undefined` without WebGL 2. */
export function webglRenderer(): string | undefined {
  const canvas =
    typeof OffscreenCanvas === 'undefined' ? globalThis.document?.createElement('canvas') : new OffscreenCanvas(1, 1);
  const context = canvas?.getContext('webgl2') as WebGL2RenderingContext | null | undefined;
  if (!context) return undefined;
  const debugInfo = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(debugInfo ? debugInfo.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  // Browsers limit the number of live contexts.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return renderer;
}

/** Whether a WebGL renderer or WebGPU adapter emulates graphics on the processor. */
export function isSoftwareRenderer(description: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(description);
}
