import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the server received. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  url: string;
  /** The raw body; empty if there is none. */
  body: string;
}

interface Point {
  id: string | number;
  vector: number[];
  payload?: Record<string, unknown> | null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An error response. */
class ErrorResponse extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * A fake Qdrant server: the part of its documented REST API (https://api.qdrant.tech) that `QdrantIndex` uses. It
 * supports collections with Euclidean distance, upsert, delete, query and count, stores float32 and searches
 * exhaustively. It returns the documented errors, but proves nothing about the real server beyond its documentation.
 */
export async function startQdrantServer() {
  const requests: ReceivedRequest[] = [];
  const collections = new Map<string, { size: number; points: Map<string | number, Point> }>();

  const answer = (method: string, path: string, body: Record<string, unknown>): unknown => {
    const [, name = '', , resource = ''] = path.match(/^\/collections\/([^/]+)(\/(points(?:\/\w+)?))?$/) ?? [];
    if (method === 'PUT' && resource === '') {
      const { size, distance } = body.vectors as { size: number; distance: string };
      if (distance !== 'Euclid') throw new ErrorResponse(400, 'This fake server supports only Euclid.');
      collections.set(name, { size, points: new Map() });
      return true;
    }
    const collection = collections.get(name);
    if (!collection) throw new ErrorResponse(404, `Not found: Collection \`${name}\` doesn't exist!`);
    const { size, points } = collection;
    const stored = (vector: number[]) => {
      if (vector.length === size) return vector.map(Math.fround);
      throw new ErrorResponse(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${vector.length}`);
    };
    const checkedId = (id: string | number) => {
      if (typeof id === 'number' ? Number.isInteger(id) && id >= 0 : uuid.test(id)) return id;
      throw new ErrorResponse(
        400,
        `value ${id} is not a valid point ID, valid values are either an unsigned integer or a UUID`,
      );
    };
    const completed = { operation_id: requests.length, status: 'completed' };
    switch (`${method} ${resource}`) {
      case 'PUT points':
        for (const { id, vector, payload } of body.points as Point[]) {
          points.set(checkedId(id), { id, vector: stored(vector), payload: payload ?? {} });
        }
        return completed;
      case 'POST points/delete':
        for (const id of body.points as string[]) points.delete(checkedId(id));
        return completed;
      case 'POST points/count':
        return { count: points.size };
      case 'POST points/query': {
        const {
          query,
          limit = 10,
          score_threshold: within = Number.POSITIVE_INFINITY,
        } = body as {
          query: number[];
          limit?: number;
          score_threshold?: number;
        };
        const probe = stored(query);
        const scored = [...points.values()].map(({ id, vector, payload }) => ({
          id,
          version: 0,
          score: Math.fround(Math.hypot(...vector.map((value, i) => value - (probe[i] as number)))),
          ...(body.with_payload === true && { payload }),
        }));
        // With Euclid the score is the distance, and the threshold its upper bound.
        const found = scored.filter(({ score }) => score <= within).sort((a, b) => a.score - b.score);
        return { points: found.slice(0, limit) };
      }
      default:
        throw new ErrorResponse(404, 'Not found');
    }
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '' } = request;
    const body = Buffer.concat(chunks).toString();
    const { pathname } = new URL(url, 'http://x');
    const write = (status: number, content: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
    // The client requests the server's version when it is created.
    if (pathname === '/') return write(200, { title: 'qdrant - vector search engine', version: '1.19.0' });
    requests.push({ method, url, body });
    try {
      write(200, { result: answer(method, pathname, JSON.parse(body)), status: 'ok', time: 0.001 });
    } catch (error) {
      if (!(error instanceof ErrorResponse)) throw error;
      write(error.status, { status: { error: error.message }, time: 0 });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The requests about collections, in the order of arrival. */
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
