import type { FolderHandler } from '../server.ts';
import type { Dataset } from './dataset.ts';

/** The URL path of an image below that of {@link serveDataset}. */
export function imageUrl(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** Answers requests for the images of a data set. */
export function serveDataset({ images }: Dataset): FolderHandler {
  return (request, response, next) => {
    const read = images.get(keyOf(request.url ?? ''));
    if (!read) return next();
    const bytes = read();
    const type = bytes[0] === 0x89 ? 'image/png' : 'image/jpeg';
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes);
  };
}

/** Inverse of {@link imageUrl}; an empty text, which is no key, if the URL is malformed. */
function keyOf(url: string): string {
  try {
    return decodeURIComponent(url.replace(/^\//, ''));
  } catch {
    return '';
  }
}
