import { expect, test } from '../support/library.ts';

for (const preset of ['fast', 'balanced', 'accurate'] as const) {
  test(`does not compare and enrol strongly blurred faces, but clear ones: ${preset}`, async ({ sharedPage: page }) => {
    const { verdicts, enrolments, limit } = await page.evaluate(async (preset) => {
      const address = '/dist/gallery.js';
      const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
      const facenet = await library.FaceNet.load({ models: '/models/', preset });
      const gallery = await Gallery.open({ name: 'poor photos', facenet, storage: 'memory' });
      const picture = await createImageBitmap(await facePhoto());
      const onlyFace = <T>(faces: readonly T[]) => {
        if (faces.length !== 1) throw new Error(`${faces.length} faces were found.`);
        return faces[0] as T;
      };
      const { box } = onlyFace(await facenet.detect(picture));
      const altered = async (filter: string) => {
        const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        if (!context) throw new Error('This browser has no 2D canvas.');
        context.filter = filter;
        context.drawImage(picture, 0, 0);
        return onlyFace(await facenet.embed(context.canvas));
      };
      const clear = await altered('none');
      const darker = await altered('brightness(0.9)');
      const blurred = await altered(`blur(${0.06 * box.width}px)`);
      const lessBlurred = await altered(`blur(${0.05 * box.width}px)`);
      const verdicts = {
        clear: facenet.compare(clear, darker),
        'with itself': facenet.compare(blurred, blurred),
        'of two photos': facenet.compare(blurred, lessBlurred),
        'with a clear one': facenet.compare(blurred, clear),
      };
      const enrolments = {
        blurred: await gallery.enrol({ name: 'Ada' }, blurred, { allow: ['low-quality'] }),
        clear: await gallery.enrol({ name: 'Ada' }, clear),
      };
      const { limit } = facenet.rule.calibration.conditional ?? {};
      await gallery.close();
      await facenet.dispose();
      return { verdicts, enrolments, limit };
    }, preset);
    const tooPoor = { same: false, basis: 'quality', reason: 'quality' };
    expect(verdicts.clear).toMatchObject({ same: true, basis: 'quality' });
    expect(verdicts.clear).not.toHaveProperty('reason');
    expect(verdicts['with itself']).toMatchObject({ ...tooPoor, distance: 0 });
    expect(verdicts['of two photos']).toMatchObject(tooPoor);
    // A pair is judged by its clearer face.
    expect(verdicts['with a clear one']).not.toHaveProperty('reason');
    const issue = { kind: 'too-poor', strangerSimilarity: expect.any(Number), limit };
    expect(enrolments.blurred).toEqual({ enrolled: false, reasons: [issue] });
    expect(enrolments.clear).toMatchObject({ enrolled: true, warnings: [] });
  });
}
