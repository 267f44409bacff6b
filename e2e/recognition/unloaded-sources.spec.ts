import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

test('detects faces in images that the browser does not load', { tag: '@page' }, async ({ page, server }) => {
  await loadFast(page);
  // Another name of the same server is another origin.
  const other = server.url.replace('127.0.0.1', 'localhost');
  await page.route(`${other}photos/*`, async (route) => {
    const response = await route.fetch();
    const allowed = route.request().url().endsWith('?cors');
    const headers: Record<string, string> = { ...response.headers(), 'cross-origin-resource-policy': 'cross-origin' };
    if (allowed) headers['access-control-allow-origin'] = '*';
    await route.fulfill({ response, headers });
  });
  const { outcomes, loaded } = await page.evaluate(async (other) => {
    const canvas = new OffscreenCanvas(192, 192);
    (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).putImageData(still, 0, 0);
    const file = await canvas.convertToBlob();
    const blobUrl = URL.createObjectURL(file);
    const dataUrl = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(file);
    });
    document.body.innerHTML = `
      <base href="${location.origin}/photos/">
      <div style="height: 50000px"></div>
      <img id="below" loading="lazy" src="sample1.jpg?1">
      <img id="hidden" loading="lazy" style="display: none" src="sample1.jpg?2">
      <img id="srcset" loading="lazy" srcset="sample1.jpg?3 1x" src="missing.jpg">
      <picture><source srcset="sample1.jpg?4"><img id="picture" loading="lazy" src="missing.jpg"></picture>
      <img id="blob" loading="lazy" src="${blobUrl}">
      <img id="data" loading="lazy" src="${dataUrl}">
      <img id="cors" loading="lazy" crossorigin src="${other}photos/sample1.jpg?cors">
      <img id="tainted" loading="lazy" src="${other}photos/sample1.jpg?5">
      <img id="broken" loading="lazy" src="missing.jpg">
      <img id="sourceless" loading="lazy">
      <template><img id="template" src="sample1.jpg?6"></template>`;
    const template = document.querySelector('template') as HTMLTemplateElement;
    const images = [...document.querySelectorAll('img'), ...template.content.querySelectorAll('img')];
    const detached = Object.assign(new Image(), { id: 'detached', loading: 'lazy', src: 'sample1.jpg?7' });
    const parsed = new DOMParser().parseFromString('<img id="parsed" src="/photos/sample1.jpg?8">', 'text/html');
    const loaded = images.filter(({ complete, naturalWidth }) => complete && naturalWidth > 0).map(({ id }) => id);
    const outcomes: Record<string, string | number> = {};
    for (const image of [...images, detached, ...parsed.images]) {
      const faces = facenet.detect(image, { thorough: false, minSize: 200 });
      outcomes[image.id] = await faces.then(
        ({ length }) => length,
        () => codeOf(faces),
      );
    }
    return { outcomes, loaded };
  }, other);
  expect(loaded, 'the browser loads none of them by itself').toEqual([]);
  expect(outcomes).toEqual({
    below: 3,
    hidden: 3,
    srcset: 3,
    picture: 3,
    blob: 1,
    data: 1,
    cors: 3,
    tainted: 'image-tainted',
    broken: 'image-unreadable',
    sourceless: 'image-unreadable',
    template: 3,
    detached: 3,
    parsed: 3,
  });
});
