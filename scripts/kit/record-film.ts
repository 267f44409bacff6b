/** Runs in the page: records a stream as WebM for some milliseconds. */
export async function recordFilm(stream: MediaStream, duration: number): Promise<Blob> {
  const recorder = new MediaRecorder(stream, { mimeType: 'video/webm', videoBitsPerSecond: 2_500_000 });
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
  recorder.start();
  setTimeout(() => recorder.stop(), duration);
  await stopped;
  return new Blob(parts, { type: recorder.mimeType });
}
