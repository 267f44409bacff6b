/** Runs in the page: a video element that shows a canvas. */
export function sceneVideo(context: CanvasRenderingContext2D) {
  const { canvas } = context;
  const video = document.createElement('video');
  video.muted = true;
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  let track: CanvasCaptureMediaStreamTrack | undefined;
  const replaceSource = () => {
    track?.stop();
    const stream = canvas.captureStream(0);
    [track] = stream.getVideoTracks() as [CanvasCaptureMediaStreamTrack];
    video.srcObject = stream;
    void video.play().catch(() => {});
  };
  /** Shows the canvas, with a grey level that numbers the frame in a corner, and waits until the video has that frame. */
  const showFrame = async (number: number) => {
    const level = 32 * (number % 8);
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    context.fillRect(0, 0, 16, 16);
    // The library learns of the frame by the same callback: the measured times do not include the wait for it.
    const presented = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    track?.requestFrame();
    for (let tries = 1; ; tries++) {
      probe?.drawImage(video, 4, 4, 8, 8, 0, 0, 1, 1);
      if (video.readyState >= 2 && Math.abs((probe?.getImageData(0, 0, 1, 1).data[0] ?? 0) - level) < 12) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (tries % 40 === 0) track?.requestFrame();
    }
    await Promise.race([presented, new Promise((resolve) => setTimeout(resolve, 50))]);
  };
  const stop = () => {
    track?.stop();
    video.srcObject = null;
  };
  replaceSource();
  return { video, showFrame, replaceSource, stop };
}
