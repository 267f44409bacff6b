import type { Page } from 'playwright/test';
import { heldTensors } from '../../scripts/kit/memory.ts';
import { type AbortReport, installAbortSteps } from '../support/abort-steps.ts';
import { startCamera } from '../support/camera.ts';
import { importEntries } from '../support/entries.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';
import { isLong } from '../support/sampling.ts';

declare global {
  /** The face of `still`. */
  var face: import('../../lib/index.ts').EmbeddedFace;
}

/** One page for all cases, because it takes long to prepare. Networks run on the page, where steps can be counted. */
let page: Page;

test.beforeAll(async ({ browser, server }) => {
  page = await browser.newPage();
  await openLibrary(page, server);
  await loadFast(page, { worker: false });
  await importEntries(page);
  await page.evaluate(async () => {
    const [found] = await facenet.embed(still, quick);
    globalThis.face = found as NonNullable<typeof found>;
  });
  await page.evaluate(installAbortSteps, isLong ? 400 : 6);
});

test.afterAll(async () => {
  // The aborts leaked no tensor, and embed() still works.
  const faces = await page.evaluate(async () => {
    const { length } = await facenet.embed(still, quick);
    await facenet.dispose();
    return length;
  });
  expect(faces).toBe(1);
  await expect.poll(() => heldTensors(page)).toBe(0);
  await page.close();
});

/**
 * @param maxLate how many aborts may come too late: a step of a video or of a worker is a moment, which may be the very end, and a
 *   change of a gallery that is being stored is not aborted any more. Storing takes several steps: the records, the sealed list of
 *   records, and for another passphrase a whole new database.
 */
function expectAborts(report: AbortReport, maxLate = 0): void {
  test.info().annotations.push({ type: 'steps', description: JSON.stringify(report) });
  expect(report.wrong).toEqual([]);
  expect(report.late, JSON.stringify(report)).toBeLessThanOrEqual(maxLate);
  expect(report.steps).toBeGreaterThan(2);
  expect(report.aborted).toBeGreaterThan(0);
}

test('aborts a load', async () => {
  const report = await page.evaluate(() =>
    abortAtSteps({
      work: (signal) => library.FaceNet.load({ models: '/models/', preset: 'accurate', worker: false, signal }),
      free: (loaded) => loaded.dispose(),
    }),
  );
  expectAborts(report);
  expect(report.steps).toBeGreaterThan(8);
});

test('aborts the embedding of a photo', async () => {
  const report = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(192, 192);
    canvas.getContext('2d')?.putImageData(still, 0, 0);
    const blob = await canvas.convertToBlob();
    return abortAtSteps({ work: (signal) => facenet.embed(blob, { ...quick, signal }) });
  });
  expectAborts(report);
});

test('aborts each single stage', async () => {
  const report = await page.evaluate(() =>
    abortAtSteps({
      work: async (signal) => {
        const found = await facenet.detect(still, { ...quick, signal });
        const [marked] = await facenet.landmarks(still, found, { signal });
        const crop = await facenet.align(still, marked as NonNullable<typeof marked>, { signal });
        await facenet.embedCrop(crop, { signal });
      },
    }),
  );
  expectAborts(report);
});

test('aborts a call in a worker', async () => {
  const report = await page.evaluate(async () => {
    const inWorker = await library.FaceNet.load({ models: '/models/', preset: 'fast', worker: true });
    const picture = await smallPhoto();
    const report = await abortAtSteps({ work: (signal) => inWorker.embed(picture, { signal }), timed: true });
    await inWorker.dispose();
    return report;
  });
  expectAborts(report, 2);
});

test('aborts a watch', async () => {
  await startCamera(page);
  const report = await page.evaluate(() =>
    abortAtSteps({
      work: async (signal) => {
        let frames = 0;
        for await (const { faces } of facenet.watch(camera.video, { ...quick, signal })) {
          if (faces[0]?.trackEmbedding && ++frames === 2) return;
        }
      },
    }),
  );
  await page.evaluate(() => camera.unplug());
  expectAborts(report, 1);
});

test('aborts the opening of a gallery and an identification', async () => {
  const report = await page.evaluate(async () => {
    const options = { name: 'abort-identify', facenet, passphrase: 'sesame' };
    const gallery = await entries.Gallery.open(options);
    await gallery.enrol({ name: 'Ada' }, face);
    const report = await abortAtSteps({
      work: async (signal) => {
        // Another instance reads everything from the database.
        const reader = await entries.Gallery.open({ ...options, signal });
        try {
          const { match } = await reader.identify(face, { signal });
          if (match?.person.name !== 'Ada') throw new Error('Ada was not identified');
        } finally {
          await reader.close();
        }
      },
    });
    await gallery.erase();
    return report;
  });
  expectAborts(report);
});

test('aborts an enrolment, and enrols the whole person or nobody', async () => {
  const report = await page.evaluate(async () => {
    const { Gallery } = entries;
    const gallery = await Gallery.open({ name: 'abort-enrol', facenet, passphrase: 'sesame' });
    let before = 0;
    const report = await abortAtSteps({
      work: (signal) => gallery.enrol({ name: 'Ada' }, face, { allow: ['other-person'], signal }),
      check: async (done) => {
        const people = await gallery.list();
        const added = people.length - before;
        before = people.length;
        if (!people.every(({ faces }) => faces.length === 1)) return 'a person lacks a face';
        return added > 1 || added < Number(done) ? `${added} people were added` : undefined;
      },
    });
    await gallery.erase();
    return report;
  });
  expectAborts(report, 3);
});

test('aborts a change of passphrase, after which exactly one of both passphrases opens the gallery', async () => {
  const report = await page.evaluate(async () => {
    const gallery = await entries.Gallery.open({ name: 'abort-passphrase', facenet, passphrase: 'old' });
    let [current, next] = ['old', 'new'];
    const opens = async (passphrase: string) => (await codeOf(gallery.unlock(passphrase))) === 'no error';
    const report = await abortAtSteps({
      work: (signal) => gallery.changePassphrase(current, next, { signal }),
      check: async (done) => {
        await gallery.lock();
        const before = await opens(current);
        const after = !before && (await opens(next));
        if (after) [current, next] = [next, current];
        if (before === after) return 'neither passphrase opens it';
        return done && !after ? 'the passphrase was not changed' : undefined;
      },
    });
    await gallery.erase();
    return report;
  });
  expectAborts(report, 3);
});

test('aborts an export and an import, and imports all people or none', async () => {
  const { exporting, importing } = await page.evaluate(async () => {
    const { Gallery } = entries;
    const source = await Gallery.open({ name: 'abort-export', facenet, storage: 'memory' });
    const target = await Gallery.open({ name: 'abort-import', facenet, passphrase: 'sesame' });
    for (let i = 0; i < 3; i++) await source.enrol({ name: 'Bob' }, face, { allow: ['other-person'] });
    const exporting = await abortAtSteps({ work: (signal) => source.export({ passphrase: 'sesame', signal }) });
    const file = await source.export({ passphrase: 'sesame' });
    const importing = await abortAtSteps({
      work: (signal) => target.import(file, { passphrase: 'sesame', signal }),
      check: async (done) => {
        const people = await target.list();
        for (const { id } of people) await target.remove(id);
        const complete = people.length === 3 || (people.length === 0 && !done);
        return complete ? undefined : `${people.length} of 3 people were imported`;
      },
    });
    await source.erase();
    await target.erase();
    return { exporting, importing };
  });
  expectAborts(exporting);
  expectAborts(importing, 2);
});

test('aborts reembed(), which embeds all faces again or none', async () => {
  const report = await page.evaluate(async () => {
    const gallery = await entries.Gallery.open({ name: 'abort-reembed', facenet });
    const crop = await facenet.align(still, face);
    for (const name of ['Ada', 'Bob']) await gallery.enrol({ name }, face, { crop, allow: ['other-person'] });
    let current = facenet.rule.model;
    let number = 0;
    const report = await abortAtSteps({
      work: (signal) => {
        // Another name of the model for each call, so that both faces are embedded again.
        const model = `model ${++number}`;
        const embedder: import('../../lib/gallery/index.ts').CropEmbedder = {
          rule: { ...facenet.rule, model },
          embed: async (source, each, options) => ({ ...(await facenet.embed(source, each, options)), model }),
        };
        return gallery.reembed(embedder, { signal });
      },
      check: async (done) => {
        const models = await gallery.models();
        const [{ model, faces } = { model: '', faces: 0 }] = models;
        const changed = model === `model ${number}`;
        if (models.length !== 1 || faces !== 2) return `the faces are of ${models.length} models`;
        if (!changed && (done || model !== current)) return `the model is ${model}`;
        current = model;
        return undefined;
      },
    });
    await gallery.erase();
    return report;
  });
  expectAborts(report, 2);
});

test('aborts clustering', async () => {
  const report = await page.evaluate(() => {
    const faces = Array.from({ length: 260 }, () => face);
    return abortAtSteps({ work: (signal) => entries.clusterFaces(faces, facenet, { signal }) });
  });
  expectAborts(report);
});

test('aborts the loading of the liveness networks and their scores', async () => {
  const report = await page.evaluate(() =>
    abortAtSteps({
      work: async (signal) => {
        const liveness = await entries.Liveness.load({ models: '/models/', signal });
        try {
          await liveness.score(still, face, { signal });
        } finally {
          await liveness.dispose();
        }
      },
    }),
  );
  expectAborts(report);
});

test('aborts the training of a head', async () => {
  const report = await page.evaluate(() => {
    const normal = () => Array.from({ length: 6 }, Math.random).reduce((sum, value) => sum + value - 0.5, 0);
    const examples = Array.from({ length: 40 }, (_, i) => ({
      embedding: Float32Array.from({ length: 16 }, (_, at) => Number(at === i % 8) + normal() / 4),
      model: 'synthetic',
      person: i % 8,
    }));
    return abortAtSteps({
      work: (signal) => entries.trainHead(examples, { worker: false, epochs: 12, patience: 12, signal }),
      free: (head) => head.dispose(),
    });
  });
  expectAborts(report);
});
