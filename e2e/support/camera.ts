import type { Page } from 'playwright/test';

/** A page of Playwright or a {@link Tab}. */
export type Evaluating = Pick<Page, 'evaluate'>;

declare global {
  /** The camera that {@link startCamera} starts, showing {@link facePhoto}. */
  var camera: {
    /** What the next frames look like. A silent camera sends no frames. */
    settings: { width: number; height: number; dark: boolean; silent: boolean };
    video: HTMLVideoElement;
    unplug(): void;
  };
}

/** Plays a camera that shows one face, whose frames the test can darken, stop and resize. */
export async function startCamera(page: Evaluating): Promise<void> {
  await page.evaluate(async () => {
    const face = await createImageBitmap(await facePhoto());
    // Chromium's track of generated frames: it ends as an unplugged camera's does, and takes frames of any size.
    const Generator = (globalThis as unknown as { MediaStreamTrackGenerator: new (init: object) => MediaStreamTrack })
      .MediaStreamTrackGenerator;
    const track = new Generator({ kind: 'video' }) as MediaStreamTrack & { writable: WritableStream<VideoFrame> };
    const writer = track.writable.getWriter();
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    const settings = { width: 320, height: 240, dark: false, silent: false };
    const draw = () => {
      if (settings.silent) return;
      Object.assign(canvas, { width: settings.width, height: settings.height });
      const side = Math.min(settings.width, settings.height) * 0.9;
      const [left, top] = [(settings.width - side) / 2, (settings.height - side) / 2];
      if (!settings.dark) context.drawImage(face, left, top, side, side);
      writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => {});
    };
    const timer = setInterval(draw, 50);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    draw();
    await video.play();
    const unplug = () => {
      clearInterval(timer);
      writer.close();
    };
    Object.assign(globalThis, { camera: { settings, video, unplug } });
  });
}
