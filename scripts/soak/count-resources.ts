/** The number of live object URLs and WebGL textures. */
export interface HeldResources {
  objectUrls: number;
  textures: number;
}

/** Runs in the page before its own scripts: counts the resources that no browser API reports, for `soak.held()`. */
export function countResources(): void {
  const urls = new Set<string>();
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (object) => {
    const url = createObjectURL.call(URL, object);
    urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  // The textures of a context are freed with its canvas, by the garbage collector.
  const contexts: { context: WeakRef<WebGL2RenderingContext>; textures: Set<WeakRef<WebGLTexture>> }[] = [];
  const { createTexture, deleteTexture } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.createTexture = function () {
    const texture = createTexture.call(this);
    const known = contexts.find(({ context }) => context.deref() === this);
    const owner = known ?? { context: new WeakRef(this), textures: new Set<WeakRef<WebGLTexture>>() };
    if (!known) contexts.push(owner);
    owner.textures.add(new WeakRef(texture));
    return texture;
  };
  WebGL2RenderingContext.prototype.deleteTexture = function (texture) {
    const owner = contexts.find(({ context }) => context.deref() === this);
    for (const held of owner?.textures ?? []) if (held.deref() === texture) owner?.textures.delete(held);
    deleteTexture.call(this, texture);
  };
  const held = (): HeldResources => ({
    objectUrls: urls.size,
    textures: contexts
      .filter(({ context }) => context.deref() && !context.deref()?.isContextLost())
      .reduce((sum, { textures }) => sum + [...textures].filter((texture) => texture.deref()).length, 0),
  });
  Object.assign(globalThis, { soak: { held } });
}
