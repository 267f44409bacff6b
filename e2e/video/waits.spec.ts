import { defineFilm } from '../support/film.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

test('waits for the picture of a stream whose sound comes first, and ends other waits', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  const outcomes = await page.evaluate(async () => {
    const watch = async (video: HTMLVideoElement, signal?: AbortSignal) => {
      for await (const { faces } of facenet.watch(video, { ...quick, ...(signal && { signal }) })) {
        if (faces.length > 0) return;
      }
      throw new Error('the video ended');
    };
    const audio = new AudioContext().createMediaStreamDestination().stream;
    const loud = Object.assign(document.createElement('video'), { muted: true, srcObject: audio });
    await loud.play();
    const watched = codeOf(watch(loud));
    // The loop sees the sound alone.
    await new Promise((resolve) => loud.addEventListener('timeupdate', resolve, { once: true }));
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    audio.addTrack(canvas.captureStream().getVideoTracks()[0] as MediaStreamTrack);
    const timer = setInterval(() => context.putImageData(still, 0, 0), 50);
    const outcomes: Record<string, string> = { 'sound first': await watched };
    clearInterval(timer);

    const idle = document.createElement('video');
    outcomes.aborted = await codeOf(watch(idle, AbortSignal.abort('stop')));
    const controller = new AbortController();
    const aborted = codeOf(watch(idle, controller.signal));
    setTimeout(() => controller.abort('stop'), 20);
    outcomes['aborted later'] = await aborted;
    const broken = codeOf(watch(idle));
    idle.src = '/photos/none.mp4';
    outcomes.broken = await broken;
    const silent = codeOf(watch(document.createElement('video')));
    // The second loop does not start before dispose().
    const late = facenet.watch(document.createElement('video'));
    await facenet.dispose();
    outcomes.disposed = await silent;
    outcomes['started later'] = await codeOf(late.next());
    return outcomes;
  });
  expect(outcomes).toEqual({
    'sound first': 'no error',
    aborted: 'stop',
    'aborted later': 'stop',
    broken: 'image-unreadable',
    disposed: 'disposed',
    'started later': 'disposed',
  });
});

test('waits while the page switches cameras, reports longer waits, and finds the face again', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  const outcomes = await page.evaluate(async () => {
    /** Waits in short steps: the checks of the source, which are due every 100 ms, run in between also on a busy machine. */
    const pause = async (milliseconds: number) => {
      for (let waited = 0; waited < milliseconds; waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.putImageData(still, 0, 0);
    const timer = setInterval(() => context.putImageData(still, 0, 0), 50);
    const video = Object.assign(document.createElement('video'), { muted: true });
    const play = () => {
      video.srcObject = canvas.captureStream();
      return video.play();
    };
    /** Stops the camera at once, and starts another one after a gap. */
    const switchCamera = async (keepsStream: boolean, gap: number) => {
      for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
      if (!keepsStream) video.srcObject = null;
      await pause(gap);
      await play();
    };
    /** The states until a face is found after the switch, each once. */
    const statesOf = async (...[keepsStream, gap]: Parameters<typeof switchCamera>) => {
      await play();
      const states: string[] = [];
      let switching: Promise<void> | undefined;
      let switched = false;
      for await (const { state, faces } of facenet.watch(video, { ...quick, signal: AbortSignal.timeout(60_000) })) {
        if (states.at(-1) !== state) states.push(state);
        if (state === 'waiting' && faces.length > 0) throw new Error('a face without a picture');
        if (faces.length === 0) continue;
        if (switched) return states;
        switching ??= switchCamera(keepsStream, gap).then(() => {
          switched = true;
        });
      }
      await switching;
      return [...states, 'ended'];
    };
    const outcomes: Record<string, string[]> = {};
    outcomes['no gap'] = await statesOf(true, 0);
    for (const gap of [250, 450, 1500]) {
      outcomes[`stopped for ${gap} ms`] = await statesOf(true, gap);
      outcomes[`without a source for ${gap} ms`] = await statesOf(false, gap);
    }
    clearInterval(timer);
    await facenet.dispose();
    return outcomes;
  });
  // Two or three checks of the source are due within 250 ms, and the third one reports the wait.
  for (const name of ['stopped for 250 ms', 'without a source for 250 ms']) {
    expect([['live'], ['live', 'waiting', 'live']], name).toContainEqual(outcomes[name]);
    delete outcomes[name];
  }
  expect(outcomes).toEqual({
    'no gap': ['live'],
    'stopped for 450 ms': ['live', 'waiting', 'live'],
    'without a source for 450 ms': ['live', 'waiting', 'live'],
    'stopped for 1500 ms': ['live', 'waiting', 'live'],
    'without a source for 1500 ms': ['live', 'waiting', 'live'],
  });
});

test('ends at once, with all timers, when the loop is left, by dispose(), and at the end of a film', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  await defineFilm(page);
  const outcomes = await page.evaluate(async () => {
    const intervals = new Set<unknown>();
    const { setInterval: start, clearInterval: clear } = globalThis;
    Object.assign(globalThis, {
      setInterval: (...given: Parameters<typeof start>) => {
        const id = start(...given);
        intervals.add(id);
        return id;
      },
      clearInterval: (id: number) => {
        intervals.delete(id);
        clear(id);
      },
    });
    const url = await recordFilm();
    const outcomes: Record<string, unknown> = {};
    const film = Object.assign(document.createElement('video'), { muted: true, src: url });
    let frames = 0;
    for await (const { faces, state } of facenet.watch(film, quick)) {
      if (faces.length > 0) frames++;
      if (state === 'live' && film.paused && !film.ended) await film.play();
    }
    outcomes.played = frames > 0 && film.ended;
    outcomes['timers at its end'] = intervals.size;

    const paused = Object.assign(document.createElement('video'), { muted: true, src: url });
    const left = facenet.watch(paused, quick);
    await left.next();
    const next = left.next();
    await left.return();
    outcomes.left = (await next).done;
    outcomes['timers after it'] = intervals.size;

    const watched = facenet.watch(paused, quick);
    await watched.next();
    const ending = codeOf(watched.next());
    const abandoned = facenet.watch(paused, quick);
    await abandoned.next();
    const disposal = facenet.dispose();
    outcomes['timers after dispose()'] = intervals.size;
    outcomes.disposed = await ending;
    await disposal;
    return outcomes;
  });
  expect(outcomes).toEqual({
    played: true,
    'timers at its end': 0,
    left: true,
    'timers after it': 0,
    'timers after dispose()': 0,
    disposed: 'disposed',
  });
});
